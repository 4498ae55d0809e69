"""A process that waits for its job."""

import io
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from nac.cli import waiting
from tests.experiments import ROOT, printed_by


@pytest.fixture
def standard_input(monkeypatch):
    """Replace standard input by bytes, and what jobs need by a module that is there already."""

    def use(content):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        monkeypatch.setattr(waiting, "NEEDED", "json")

    return use


def test_the_path_of_the_job_is_the_first_line(standard_input):
    standard_input(b"runs/two words/000/job.json\n")
    assert waiting.awaited_job()[0] == "runs/two words/000/job.json"


def test_ctrl_c_works_again_when_the_job_is_there(standard_input):
    standard_input(b"job.json\n")
    before = signal.getsignal(signal.SIGINT)
    waiting.awaited_job()
    assert signal.getsignal(signal.SIGINT) is before


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
