"""Every command and program of docs/tutorial.md, with fewer minutes and photos."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from nac.config import load_experiment
from tests.experiments import ROOT, run
from tests.short_runs import MINUTES, PLUGIN

pytestmark = pytest.mark.slow

TEXT = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in TEXT.splitlines() if line.startswith("    ")]
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

SHORTEST = f"--minutes={MINUTES}"
INSTALLING = ("python3 -m venv", "pip install")
"""Beginnings of the commands that only a new machine needs."""


def stand_in(folder):
    """Write a package like elpv-dataset, with few and small photos."""
    (folder / "elpv_dataset/data/images").mkdir(parents=True)
    (folder / "elpv_dataset/__init__.py").write_text("")
    random, lines = np.random.default_rng(0), []
    for number in range(1, 161):
        poly, defective = number % 2, number % 4 > 1
        # Patterns, as standardized images do not differ in brightness.
        pixels = random.integers(0, 60, (24, 24)) + 60
        if poly:
            pixels[:, ::4] += 90
        if defective:
            pixels[8:16] = 0
        Image.fromarray(pixels.astype(np.uint8)).save(
            folder / f"elpv_dataset/data/images/cell{number:04d}.png"
        )
        kind = "poly" if poly else "mono"
        lines.append(f"images/cell{number:04d}.png  {float(defective)}  {kind}")
    (folder / "elpv_dataset/data/labels.csv").write_text("\n".join(lines))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return the directory in which the commands of the tutorial ran, and what each printed."""
    place = tmp_path_factory.mktemp("tutorial")
    stand_in(place / "packages")
    printed = {}
    for command in COMMANDS:
        if command.startswith(INSTALLING) or not command.startswith(("nac ", "python ")):
            continue
        printed[command] = _run(command, place)
    return place, printed


def _run(command, place):
    program, *arguments = shlex.split(re.sub(r"--minutes=10\b", SHORTEST, command))
    if program == "python":
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{place}/packages"}
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=place, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    else:
        # Two constructions would take too long; the file is read before the minutes are refused.
        more = ["--minutes=0.1"] if "--name=mine" in arguments else []
        more += [f"--plugin={PLUGIN}"] if arguments[0] == "construct" else []
        result = run(arguments[0], *arguments[1:], *more, cwd=place)
    return result


def result_of(place, beginning):
    (result,) = (result for line, result in place[1].items() if line.startswith(beginning))
    return result


def test_the_commands_are_those_that_are_expected():
    beginnings = [" ".join(line.split()[:2]) for line in COMMANDS]
    assert [line for line in beginnings if line.startswith("nac ")] == [
        "nac construct",
        "nac predict",
        "nac export",
        "nac init",
        "nac construct",
    ]


def test_photos_are_laid_out(place):
    result = result_of(place, "python -m tools.photo_sets")
    assert (result.returncode, result.stderr) == (0, "")
    assert "photos: 160 images" in result.stdout


def test_a_network_is_constructed_with_a_report(place):
    result = result_of(place, "nac construct --images=photos")
    assert (result.returncode, result.stderr) == (0, "")
    for name in ("report.html", "init.yaml", "classifier.keras"):
        assert (place[0] / "runs/photos" / name).is_file()


def test_photos_get_class_names(place):
    result = result_of(place, "nac predict")
    assert (result.returncode, result.stderr) == (0, "")
    rows = [line.split()[1] for line in result.stdout.splitlines()[2:]]
    assert len(rows) == 40
    assert rows.count("mono-functional") > 20  # by chance 10; a busy machine trains few steps


def test_the_export_has_the_accuracy_of_the_network(place):
    result = result_of(place, "nac export")
    assert result.returncode == 0, result.stderr
    before, after = re.findall(r"\d\.\d+(?= before| after)", result.stdout)
    assert float(after) == pytest.approx(float(before), abs=0.05)


def test_the_experiment_can_be_edited(place):
    assert result_of(place, "nac init").returncode == 0
    assert load_experiment(str(place[0] / "mine.yaml")).budget.minutes == MINUTES


def test_an_edited_experiment_is_read(place):
    result = result_of(place, "nac construct --config=mine.yaml")
    assert result.stderr.startswith("error: mine.yaml: budget.minutes: expected at least ")


@pytest.mark.skipif(
    importlib.util.find_spec("ai_edge_litert") is None, reason="needs the extra [export]"
)
def test_a_program_uses_the_exported_file(place):
    program = next(text for text in PROGRAMS if "ai_edge_litert" in text)
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=place[0], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[0] == "mono-functional"


def test_python_continues_the_same_run(place):
    """The run is complete, so the trainings are not repeated."""
    program = next(text for text in PROGRAMS if "Constructor" in text)
    options = f"budget_minutes={MINUTES}, plugins=[{PLUGIN!r}]"
    program = program.replace("budget_minutes=10", options)
    program = program.replace("constructor.predict", "print(constructor.predict") + ")"
    result = subprocess.run(
        [sys.executable, "-c", program.rstrip().replace("\n)", ")")],
        cwd=place[0], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "mono-functional" in result.stdout.splitlines()[-1]
