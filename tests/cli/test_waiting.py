"""A process that waits for its job."""

import os
import subprocess
import sys
import threading

import pytest

from nac.cli import waiting
from tests.experiments import ROOT, printed_by


@pytest.fixture
def standard_input(monkeypatch):
    """Replace standard input by bytes, and what jobs need by a module that is there already."""

    before, (reader, writer) = os.dup(0), os.pipe()
    os.dup2(reader, 0)
    monkeypatch.setattr(waiting, "NEEDED", "json")
    yield lambda content: os.write(writer, content)
    os.dup2(before, 0)
    for descriptor in (before, reader, writer):
        os.close(descriptor)


def test_the_path_of_the_job_is_the_first_line(standard_input):
    standard_input(b"runs/two words/000/job.json\n")
    assert waiting.awaited_job()[0] == "runs/two words/000/job.json"


def test_what_follows_the_path_is_left_for_the_job(standard_input):
    standard_input(b"job.json\n15\n")
    waiting.awaited_job()
    assert os.read(0, 10) == b"15\n"


def test_something_follows_when_the_path_is_there_even_before_the_import_is_done(
    standard_input, monkeypatch
):
    standard_input(b"job.json\n")
    followed = threading.Event()
    monkeypatch.setattr(
        waiting.importlib, "import_module", lambda name: followed.wait(timeout=10) or sys.exit(1)
    )
    assert waiting.awaited_job(followed.set)[0] == "job.json"


def test_what_libraries_print_is_kept_for_the_log(standard_input, monkeypatch):
    standard_input(b"job.json\n")
    monkeypatch.setattr(waiting.importlib, "import_module", lambda name: os.write(2, b"no GPU\n"))
    assert waiting.awaited_job()[1] == "no GPU\n"


def test_what_cannot_be_imported_is_left_to_the_job(standard_input, monkeypatch):
    standard_input(b"job.json\n")
    monkeypatch.setattr(waiting, "NEEDED", "nac.nowhere")
    assert waiting.awaited_job() == ("job.json", "")


def test_the_process_ends_with_its_standard_input():
    script = "from nac.cli import waiting; waiting.NEEDED = 'json'; waiting.awaited_job()"
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=b"", timeout=60, check=False
    )
    assert process.returncode == 1


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="the system has no such policy")
def test_others_go_first_during_the_import_only(standard_input, monkeypatch):
    standard_input(b"job.json\n")
    found = []
    monkeypatch.setattr(
        waiting.importlib, "import_module", lambda name: found.append(os.sched_getscheduler(0))
    )
    waiting.awaited_job()
    assert [*found, os.sched_getscheduler(0)] == [os.SCHED_BATCH, os.SCHED_OTHER]


def test_importing_what_a_job_needs_touches_no_device():
    handle = printed_by(
        f"import {waiting.NEEDED}, json\n"
        "from tensorflow.python.eager import context\n"
        "print(json.dumps(context.context()._context_handle is None))"
    )
    assert handle is True
