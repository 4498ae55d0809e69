"""Messages about the report that nac.construct writes in a separate process."""

import subprocess
import sys
from pathlib import Path

import pytest

from nac.reporting import process


@pytest.fixture
def ended(monkeypatch):
    """Return a function that sets how the process ends, and a list of its commands."""
    commands = []

    def set_end(code, output="", errors=""):
        def run(command, **_):
            commands.append(command)
            return subprocess.CompletedProcess(command, code, output, errors)

        monkeypatch.setattr(process.subprocess, "run", run)
        return commands

    return set_end


def test_what_the_command_says_is_handed_on(ended):
    commands = ended(0, "report: runs/x/report.html\n")
    assert process.write_report(Path("runs/x")) == "report: runs/x/report.html"
    assert commands == [[sys.executable, "-m", "nac.report", "--run=runs/x"]]


def test_a_failure_is_said_and_no_error(ended):
    ended(1, errors="noise\nerror: it is Monday\n")
    text = process.write_report(Path("runs/my x"))
    assert text == (
        "report: not written (error: it is Monday); to try again:"
        " python -m nac.report '--run=runs/my x'"
    )


def test_a_killed_process_has_nothing_to_say(ended):
    ended(-9)
    assert "not written (exit code -9)" in process.write_report(Path("x"))


def test_without_the_extra_nothing_is_started(ended, monkeypatch):
    commands = ended(0)
    monkeypatch.setattr(process, "missing_packages", lambda: ["jinja2"])
    text = process.write_report(Path("x"))
    assert text.startswith("report: not written, it needs jinja2: pip install ")
    assert text.endswith("python -m nac.report --run=x")
    assert commands == []
