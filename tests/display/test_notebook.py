"""The display of a notebook, with outputs that are noted."""

import pytest

from nac.display import notebook
from nac.display.job_events import Begun, Note, Working
from nac.display.notebook import NotebookDisplay
from tests.clock import Clock


class Output:
    """Stands in for an output of a cell.

    Attributes:
        texts: What it showed, in order.
    """

    def __init__(self):
        self.texts = []

    def make(self, content):
        self.texts.append(content["text/plain"])
        return self

    def update(self, content, raw):
        assert raw
        self.texts.append(content["text/plain"])


@pytest.fixture
def clock(monkeypatch):
    """A clock that shows the seconds that a test sets."""
    clock = Clock()
    monkeypatch.setattr(notebook, "time", clock.module())
    monkeypatch.setattr("nac.display.screen.time", clock.module())
    monkeypatch.setattr("nac.display.run_progress.time", clock.module())
    return clock


def test_the_status_is_one_output_that_is_updated(clock):
    output = Output()
    display = NotebookDisplay(output.make)
    display.show(Begun(), "out")
    clock.seconds += 3.0
    display.tick()
    display.show(Working("compiling"), "out")
    clock.seconds += 12.0
    display.tick()
    assert output.texts == ["out  starting … 0 s", "out  starting … 3 s", "out  compiling … 12 s"]


def test_it_is_cleared_at_the_end(clock):
    output = Output()
    with NotebookDisplay(output.make) as display:
        display.show(Begun(), "out")
    assert output.texts == ["out  starting … 0 s", ""]


def test_lines_that_stay_are_printed(clock, capsys):
    NotebookDisplay(Output().make).show(Note("careful"), "runs/a/001")
    assert capsys.readouterr().out == "001  careful\n"


def test_without_a_job_there_is_no_output(clock):
    output = Output()
    with NotebookDisplay(output.make) as display:
        display.show(Note("careful"))
        display.tick()
    assert output.texts == []
