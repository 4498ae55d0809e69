"""The display of a terminal, on one that is drawn into a string."""

import io
import re

import pytest
from rich.console import Console

from nac.display.job_events import Begun, Lost, Note, Working
from nac.display.run_events import Line, Planned, StagePlan
from nac.display.terminal import TerminalDisplay, _Console
from tests.display.events import OPENED, step

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Drawn:
    """A terminal display and what it draws.

    Args:
        columns: Width of the terminal.
    """

    def __init__(self, columns=80):
        self.stream = io.StringIO()
        console = _Console(
            file=self.stream, force_terminal=True, width=columns, height=24, highlight=False
        )
        self.display = TerminalDisplay(console)

    @property
    def text(self):
        return ESCAPES.sub("", self.stream.getvalue()).replace("\r", "")

    def status(self):
        return str(self.display._drawn()).splitlines()


def test_lines_that_stay_have_the_name_of_their_job():
    drawn = Drawn()
    drawn.display.show(Note("careful"), "runs/a/001")
    drawn.display.show(Line("run directory: runs/a"))
    assert drawn.text == "001  careful\nrun directory: runs/a\n"


def test_the_line_of_a_job_fits():
    drawn = Drawn(columns=40)
    drawn.display.show(OPENED, "runs/a/001")
    (line,) = drawn.text.splitlines()
    assert len(line) <= 40
    assert line.endswith("…")


def test_what_is_meant_to_be_read_whole_is_not_cut():
    drawn = Drawn(columns=20)
    words = "a table that is wider than the terminal"
    drawn.display.show(Line(words))
    assert drawn.text == f"{words}\n"


@pytest.mark.parametrize("text", ["[bold]5[/bold]", ":smile:", "[1/2] complete"])
def test_text_is_printed_as_it_is(text):
    drawn = Drawn()
    drawn.display.show(Line(text))
    assert drawn.text == f"{text}\n"


def test_the_status_has_a_line_for_the_run_and_one_for_the_job():
    drawn = Drawn(columns=40)
    drawn.display.show(Planned((StagePlan("final", 2, seconds=90.0),)))
    drawn.display.show(Begun(), "runs/a/final")
    drawn.display.show(step(), "runs/a/final")
    run, job = drawn.status()
    assert run.startswith("run    ")
    assert run.endswith(" left")
    assert job == "final  [##.....]  step 25/100  1:01 left"


def test_jobs_beside_each_other_have_a_status_but_no_lines():
    drawn = Drawn()
    drawn.display.show(Begun(beside=True), "a")
    drawn.display.show(OPENED, "a")
    assert (drawn.text, len(drawn.status())) == ("", 1)


def test_that_one_of_them_is_lost_is_said():
    drawn = Drawn()
    drawn.display.show(Begun(beside=True), "a")
    drawn.display.show(Lost("far", 1, 4), "a")
    assert drawn.text.startswith("a  its process on far is lost;")


def test_the_status_is_drawn_and_cleared():
    drawn = Drawn()
    with drawn.display:
        drawn.display.show(Begun(), "out")
        drawn.display.show(Working("compiling"), "out")
        drawn.display._live.refresh()
        assert "out  compiling … 0 s" in drawn.text
    assert drawn.stream.getvalue().endswith("\x1b[2K")


def test_the_cursor_is_never_hidden():
    """Nobody would show it again after a kill."""
    drawn = Drawn()
    with drawn.display:
        drawn.display.show(Begun(), "out")
    assert "\x1b[?25l" not in drawn.stream.getvalue()
    shown = io.StringIO()
    Console(file=shown, force_terminal=True).show_cursor(False)
    assert "\x1b[?25l" in shown.getvalue()


def test_errors_go_to_standard_error_if_it_is_no_terminal(capsys):
    drawn = Drawn()
    drawn.display.error("no memory")
    assert (drawn.text, capsys.readouterr().err) == ("", "no memory\n")
