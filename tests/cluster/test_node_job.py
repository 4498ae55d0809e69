"""What starts the process of a job on another machine; here it is this one."""

import os
import platform
import signal
from contextlib import suppress

import pytest

from nac.cluster.node_job import Assignment, FailedError, NodeJob, check_versions
from nac.cluster.remote_process import Ended, Placed
from nac.display.job_events import Failed, Note
from nac.runs.versions import installed_versions
from tests.builders import input_error

HERE = platform.node()

GET_JOB = """
import os, pathlib, sys, time
path = pathlib.Path(sys.stdin.readline().rstrip())
"""


@pytest.fixture(autouse=True)
def _same_folder(monkeypatch):
    monkeypatch.chdir(os.getcwd())  # a job changes it


@pytest.fixture
def assigned(tmp_path):
    """Return a function that makes a job of a Python script."""
    path = tmp_path / "000" / "job.json"
    path.parent.mkdir()
    path.write_text("{}")

    def assign(script, **changes):
        values = {"folder": tmp_path, "environment": {}, "versions": installed_versions()}
        return Assignment(
            **{"arguments": ["-c", GET_JOB + script], "path": path, **values | changes}
        )

    return assign


def messages(assignment):
    return until_failure(NodeJob(assignment).messages())


def until_failure(messages):
    """Return messages; a job that failed ends with an exception after the last one."""
    said = []
    with suppress(FailedError):
        said.extend(messages)
    return said


def test_it_says_where_it_is_then_what_the_job_says_then_the_exit_code(assigned, tmp_path):
    said = messages(assigned("print(path); sys.exit(3)"))
    assert said == [Placed(HERE), Note(str(tmp_path / "000" / "job.json")), Ended(3)]


def test_the_job_works_where_the_command_does_with_its_variables(assigned, tmp_path):
    script = "print(os.getcwd(), os.environ['THREADS'])"
    said = messages(assigned(script, environment={"THREADS": "2"}))
    assert said[1] == Note(f"{tmp_path} 2")


def test_what_the_job_says_as_an_error_goes_to_its_log(assigned, tmp_path):
    messages(assigned("print('no CUDA', file=sys.stderr)"))
    assert (tmp_path / "000" / "log.txt").read_text() == "no CUDA\n"


def test_the_job_is_asked_to_end(assigned):
    job = NodeJob(assigned("print('here', flush=True); sys.exit(int(sys.stdin.readline()))"))
    said = job.messages()
    assert [next(said), next(said)] == [Placed(HERE), Note("here")]
    job.stop(signal.SIGTERM)
    assert until_failure(said) == [Ended(15)]


@pytest.mark.parametrize("missing", ["folder", "path"])
def test_a_machine_without_the_directories_of_the_command_says_so(assigned, tmp_path, missing):
    place = tmp_path / "elsewhere"
    said = messages(assigned("", **{missing: place}))
    reason = (
        f"host {HERE}: {place}: no such file or directory; expected the directories of the command"
        " on a file system that all machines share, with the same paths"
    )
    assert said == [Placed(HERE), Failed(reason), Ended(1)]


def test_another_version_would_compute_something_else():
    there = {**installed_versions(), "tensorflow": "2.0"}
    installed = installed_versions()["tensorflow"]
    assert input_error(check_versions, there) == (
        f"host {HERE}: expected tensorflow 2.0 as on the machine of the command, received"
        f" {installed}"
    )


def test_another_patch_of_python_does_not_matter():
    check_versions({**installed_versions(), "python": "3.0"})


def test_ray_learns_by_an_exception_that_a_job_failed(assigned):
    with pytest.raises(FailedError, match="exit code 3"):
        list(NodeJob(assigned("sys.exit(3)")).messages())
