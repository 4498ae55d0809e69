"""No command asks other machines for anything but ``nac prepare-data``.

Python's audit events of sockets are seen in the driver and in its jobs. TensorFlow's own code below
Python is not seen; tools/docker_test runs a construction where there is no network at all.
"""

import importlib
import runpy
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.experiments import ROOT, environment, small, write
from tests.forks import forked

pytestmark = pytest.mark.slow

OFFLINE = ROOT / "tests/offline"


def variables(log):
    """Return an environment whose Python processes cannot reach other machines."""
    return {
        **environment(),
        "PYTHONPATH": f"{OFFLINE}:{ROOT}",
        "NAC_TEST_CONNECTIONS": str(log),
    }


def denied(module, flags):
    runpy.run_path(str(OFFLINE / "sitecustomize.py"))  # this process is there already
    importlib.import_module(f"nac.{module}").run(flags)


def run_denied(place, module, *flags):
    """Run a command that cannot reach other machines; return its result and what was noted."""
    log = place / f"{module}.connections"
    result = forked(denied, module, flags, cwd=place, environment=variables(log))
    return result, log.read_text()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("network")
    write(place / "e.yaml", small(parameters={"iterations": 1, "steps": 4}))
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(place / "digit.png")
    return place


@pytest.fixture(scope="module")
def constructed(place):
    return run_denied(place, "construct", "--config=e.yaml", "--train_final", "--report")


def test_a_construction_works_without_the_network(constructed):
    result, noted = constructed
    assert result.returncode == 0, result.stderr
    assert "connection" not in noted


def test_its_trainings_were_watched_too(constructed):
    _, noted = constructed
    assert "nac.train" in noted


@pytest.mark.parametrize(
    ("module", "flags"),
    [
        ("predict", ["--run=runs/small", "digit.png"]),
        ("report", ["--run=runs/small"]),
        ("export", ["--run=runs/small", "--format=saved_model", "--output=digits"]),
    ],
)
def test_what_follows_works_without_the_network(place, constructed, module, flags):
    result, noted = run_denied(place, module, *flags)
    assert result.returncode == 0, result.stderr
    assert "connection" not in noted


def test_preparing_a_data_set_asks_the_network(place):
    result, noted = run_denied(place, "prepare_data", "--dataset=cifar10", "--data_dir=data")
    assert result.returncode == 1
    assert "connection socket." in noted


@pytest.mark.parametrize(
    ("program", "noted"),
    [
        ("socket.create_connection(('203.0.113.1', 80), 1)", "socket.getaddrinfo 203.0.113.1"),
        ("socket.socket().connect(('203.0.113.1', 80))", "socket.connect ('203.0.113.1', 80)"),
        ("urllib.request.urlopen('http://example.com')", "socket.getaddrinfo example.com"),
    ],
)
def test_a_connection_would_be_noted(tmp_path, program, noted):
    result = subprocess.run(
        [sys.executable, "-c", f"import socket, urllib.request; {program}"],
        env=variables(tmp_path / "log"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "the network is denied here" in result.stderr
    assert f"connection {noted}" in (tmp_path / "log").read_text()
