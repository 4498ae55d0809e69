"""``nac construct --strategy=multi_worker`` by two workers on one machine: killed, continued."""

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from nac.cluster.members import tf_config
from nac.cluster.ports import free_port
from nac.utils.files import read_json
from tests.experiments import environment, run, small, training, write
from tests.forks import forked_python
from tests.test_construct_command import architecture, children_of
from tests.test_train_command import wait_for

pytestmark = pytest.mark.slow

LONGEST = 60
"""Seconds within which all workers end when one is lost."""

STATISTICS = "statistics.json"

FLAGS = ("--config=e.yaml", "--workdir=runs", "--noreport", "--checkpoint_seconds=0")


MULTI_WORKER = "--strategy=multi_worker"

COMMAND = """
import importlib, sys
_, sys.executable, module, *flags = sys.argv
importlib.import_module(f"nac.{module}").run(flags)
"""
"""A command whose jobs are forks of a process with TensorFlow."""


def experiment():
    """Return a construction with validation images."""
    return small(parameters={"iterations": 2, "validation_share": 0.2, "score_test": False})


def started(place, *flags, module="construct"):
    """Start the same command on two workers, the chief first."""
    addresses = tuple(f"127.0.0.1:{free_port()}" for _ in range(2))
    return [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND, forked_python(), module, *flags, MULTI_WORKER],
            cwd=place,
            env=environment() | {"TF_CONFIG": tf_config(addresses, index)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for index in range(2)
    ]


def ended(workers, seconds=300):
    """Return what each worker printed as errors, when all have ended."""
    with ExitStack() as stack:
        for worker in workers:
            stack.callback(worker.kill)
        return [worker.communicate(timeout=seconds)[1] for worker in workers]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with the run of a single process."""
    place = tmp_path_factory.mktemp("workers")
    write(place / "e.yaml", experiment())
    assert run("construct", *FLAGS, "--name=alone", cwd=place).returncode == 0
    return place


@pytest.fixture(scope="module")
def killed(place):
    """What two workers printed when the job of one was killed in the second iteration."""
    workers = started(place, *FLAGS, "--name=two")
    wait_for(lambda: list((place / "runs/two/001/checkpoints").glob("*.index")))
    newest = max(children_of(workers[1].pid))
    os.kill(newest, signal.SIGKILL)
    return ended(workers, LONGEST), [worker.returncode for worker in workers]


@pytest.fixture(scope="module")
def continued(place, killed):
    """What the same command printed afterwards."""
    workers = started(place, *FLAGS, "--name=two")
    return ended(workers), [worker.returncode for worker in workers]


def test_a_signal_to_any_worker_of_a_training_saves_a_checkpoint(place):
    write(place / "t.yaml", training(parameters={"steps": 100_000}))
    flags = ("--config=t.yaml", "--output_dir=trained", "--checkpoint_seconds=1000")
    workers = started(place, *flags, module="train")
    wait_for(lambda: "compiled" in read(place / "trained/log.txt"))
    workers[1].terminate()
    ended(workers, LONGEST)
    assert [worker.returncode for worker in workers] == [1, 143]
    assert list((place / "trained/checkpoints").glob("*.index"))


def read(path):
    return path.read_text() if path.exists() else ""


def test_a_worker_that_is_killed_ends_the_run_everywhere(killed):
    assert killed[1] == [1, 1]


@pytest.mark.parametrize("index", [0, 1], ids=["chief", "other"])
def test_one_clear_line_says_so(killed, index):
    (line,) = killed[0][index].strip().splitlines()
    assert "runs/two/001: worker 1 (127.0.0.1:" in line
    assert "was killed by signal 9; the same command, on all workers, goes on where" in line


def test_the_same_command_continues_the_run(continued):
    assert continued == (["", ""], [0, 0])


def test_two_workers_construct_what_one_process_constructs(place, continued):
    assert architecture(place / "runs/two") == architecture(place / "runs/alone")


@pytest.mark.parametrize("number", ["000", "001"])
def test_their_results_are_those_of_one_process(place, continued, number):
    runs = (place / "runs" / name for name in ("alone", "two"))
    alone, two = (read_json(run / number / STATISTICS) for run in runs)
    for key in ("loss", "validation_loss", "training_loss", "late_training_loss"):
        assert two[key] == pytest.approx(alone[key], abs=1e-5)


def test_the_result_says_on_how_many_devices(place, continued):
    result = json.loads((place / "runs/two/001" / STATISTICS).read_text())
    expected = "2 x CPU on 2 workers", "MultiWorkerMirroredStrategy"
    assert (result["device"], result["strategy"]) == expected
