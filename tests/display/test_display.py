"""Displays for files, pipes and machines."""

import io
import json

import pytest

from nac.display import display
from nac.display.display import Display, JsonDisplay, PlainDisplay
from nac.display.job_events import Begun, Lost, Note, Working
from nac.display.run_events import Line, Planned, Stage, StagePlan
from tests.clock import Clock
from tests.display.events import OPENED, done, step

TEXT = "001  step 25/100  loss 1.2500  accuracy 0.500  1,234 images/s  1:01 left\n"


@pytest.fixture
def clock(monkeypatch):
    """A clock that shows the seconds that a test sets."""
    clock = Clock()
    monkeypatch.setattr(display, "time", clock.module())
    return clock


@pytest.fixture
def plain(clock):
    """Return a display of plain lines, and its stream."""
    stream = io.StringIO()
    return PlainDisplay(stream), stream


class TestPlain:
    def test_a_line_has_the_name_of_its_job(self, plain):
        shown, stream = plain
        shown.show(Note("careful"), "runs/a/001")
        shown.show(Stage("final", "final training", "24/5-5/6"))
        assert stream.getvalue() == "001  careful\nfinal training: 24/5-5/6\n"

    def test_steps_have_a_line_every_ten_seconds(self, plain, clock):
        shown, stream = plain
        for _ in range(40):
            clock.seconds += 0.5
            shown.show(step(), "runs/a/001")
        assert stream.getvalue() == TEXT * 2

    def test_a_line_puts_the_next_one_on_steps_off(self, plain, clock):
        shown, stream = plain
        clock.seconds += 9.0
        shown.show(Note("careful"), "001")
        clock.seconds += 9.0
        shown.show(step(), "001")
        assert stream.getvalue() == "001  careful\n"

    def test_what_has_no_text_has_no_line(self, plain):
        shown, stream = plain
        for event in (Begun(), Working("compiling"), done()):
            shown.show(event, "001")
        assert stream.getvalue() == ""

    def test_jobs_beside_each_other_are_silent(self, plain):
        shown, stream = plain
        shown.show(Begun(beside=True), "a")
        shown.show(OPENED, "a")
        shown.show(Note("careful"), "b")
        assert stream.getvalue() == "b  careful\n"

    def test_that_one_of_them_is_lost_is_said(self, plain):
        shown, stream = plain
        shown.show(Begun(beside=True), "a")
        shown.show(Lost("far", 1, 4), "a")
        assert stream.getvalue() == (
            "a  its process on far is lost; another one continues at its newest checkpoint, attempt"
            " 2 of 4\n"
        )

    def test_errors_go_to_standard_error(self, plain, capsys):
        shown, stream = plain
        shown.error("no memory")
        assert (stream.getvalue(), capsys.readouterr().err) == ("", "no memory\n")


class TestJson:
    def lines(self, *shown):
        stream = io.StringIO()
        json_display = JsonDisplay(stream)
        for event, job in shown:
            json_display.show(event, job)
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    def test_each_event_is_a_line(self):
        lines = self.lines((Note("careful"), None), (Working("compiling"), "runs/a/001"))
        assert lines == [
            {"event": "note", "message": "careful"},
            {"event": "working", "job": "runs/a/001", "what": "compiling"},
        ]

    def test_text_for_people_is_left_out(self):
        assert self.lines((Line("a table"), None)) == []

    def test_steps_say_how_far_the_run_is(self):
        plan = Planned((StagePlan("iteration 0", images=1000), StagePlan("final", images=3000)))
        *_, last = self.lines((plan, None), (Begun(), "000"), (step(50, 100), "000"))
        assert (last["step"], last["run"]["share"]) == (50, 0.125)

    def test_steps_of_a_job_without_a_run_do_not(self):
        (line,) = self.lines((step(), "out"))
        assert "run" not in line


def test_the_simplest_display_shows_nothing(capfd):
    with Display() as quiet:
        quiet.show(Note("careful"))
        quiet.tick()
    assert capfd.readouterr() == ("", "")
