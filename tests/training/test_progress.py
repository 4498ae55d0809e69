"""Reports of a job to a display and to its log."""

import io

import pytest

from nac.display.job_events import Note, Working
from nac.training.progress import Progress
from nac.utils.text import clock as shown
from tests.display.events import Events, step

TEXT = "job  step 25/100  loss 1.2500  accuracy 0.500  1,234 images/s  1:01 left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59, "0:59"), (61, "1:01"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")],
)
def test_durations(seconds, text):
    assert shown(seconds) == text


@pytest.fixture
def job(clock):
    """Return progress with a display that wants steps every half a second, it, and the log."""
    display, log = Events(), io.StringIO()
    display.seconds = 0.5
    return Progress("job", 100, log, display), display, log


def test_an_event_goes_to_the_display_with_the_name_of_the_job(job):
    progress, display, _ = job
    progress.show(Note("careful"))
    assert display.shown == [(Note("careful"), "job")]


def test_steps_are_due_as_often_as_the_display_wants_them(job, clock):
    progress, _, _ = job
    clock.seconds += 0.4
    assert not progress.due()
    clock.seconds += 0.1
    assert progress.due()
    progress.show(step())
    assert not progress.due()


def test_a_line_goes_to_the_log_with_the_time(job):
    progress, _, log = job
    progress.show(Note("careful"))
    assert log.getvalue() == "12:34:56 job  careful\n"


def test_what_has_no_text_is_not_in_the_log(job):
    progress, _, log = job
    progress.show(Working("compiling"))
    assert log.getvalue() == ""


def test_steps_go_to_the_log_every_ten_seconds(job, clock):
    progress, _, log = job
    for _ in range(40):
        clock.seconds += 0.5
        progress.show(step())
    assert log.getvalue() == f"12:34:56 {TEXT}\n" * 2


def test_neither_display_nor_log_is_needed(clock):
    progress = Progress("job", 100, None)
    clock.seconds += 9.9
    assert not progress.due()
    clock.seconds += 0.1
    assert progress.due()
    progress.show(step())
