"""Reports on a terminal, in a plain stream and in the log."""

import io

import pytest

from nac.training.progress import Progress
from nac.utils.text import clock as shown
from tests.training.examples import Terminal

REPORT = (25, 1.25, 0.5, 1234.4, 61.0)
TEXT = "job  step 25/100  loss 1.2500  accuracy 0.500  1,234 images/s  1:01 left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59, "0:59"), (61, "1:01"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")],
)
def test_durations(seconds, text):
    assert shown(seconds) == text


@pytest.fixture
def plain(clock):
    """Return progress to a stream that is no terminal, the stream and the log."""
    stream, log = io.StringIO(), io.StringIO()
    return Progress("job", 100, log, stream), stream, log


@pytest.fixture
def terminal(clock, monkeypatch):
    """Return progress to a wide terminal, the terminal and the log."""
    monkeypatch.setenv("COLUMNS", "120")
    stream, log = Terminal(), io.StringIO()
    return Progress("job", 100, log, stream), stream, log


class TestPlainStream:
    def test_a_report_is_a_line(self, plain):
        progress, stream, _ = plain
        progress.report(*REPORT)
        assert stream.getvalue() == f"{TEXT}\n"

    def test_a_line_has_the_name_of_the_job(self, plain):
        progress, stream, _ = plain
        progress.line("done")
        assert stream.getvalue() == "job  done\n"

    def test_a_report_is_due_after_ten_seconds(self, plain, clock):
        progress, _, _ = plain
        clock.seconds += 9.9
        assert not progress.due()
        clock.seconds += 0.1
        assert progress.due()

    def test_after_a_report_none_is_due(self, plain, clock):
        progress, _, _ = plain
        clock.seconds += 10.0
        progress.report(*REPORT)
        assert not progress.due()


class TestTerminal:
    def test_a_report_is_a_bar_that_can_be_written_over(self, terminal):
        progress, stream, _ = terminal
        progress.report(*REPORT)
        assert stream.getvalue() == f"\r[#####...............] {TEXT}"

    def test_the_bar_takes_what_room_there_is(self, terminal, monkeypatch):
        monkeypatch.setenv("COLUMNS", str(len(TEXT) + 8))
        progress, stream, _ = terminal
        progress.report(*REPORT)
        assert stream.getvalue() == f"\r[#...] {TEXT}"

    def test_a_report_never_wraps(self, terminal, monkeypatch):
        monkeypatch.setenv("COLUMNS", "40")
        progress, stream, _ = terminal
        progress.report(*REPORT)
        assert stream.getvalue() == "\r" + TEXT[:39]

    def test_a_shorter_report_covers_the_longer_one(self, terminal):
        progress, stream, _ = terminal
        progress.report(*REPORT)
        progress.report(30, 1.0, 0.5, 2.0, 1.0)
        first, second = stream.getvalue().split("\r")[1:]
        assert second.startswith("[######..............] job  step 30/100")
        assert len(second) == len(first)

    def test_a_line_replaces_the_bar(self, terminal):
        progress, stream, _ = terminal
        progress.report(*REPORT)
        before = len(stream.getvalue())
        progress.line("done")
        blank = " " * (before - 1)
        assert stream.getvalue()[before:] == f"\r{blank}\rjob  done\n"

    def test_at_the_last_step_the_bar_is_full(self, terminal):
        progress, stream, _ = terminal
        progress.report(100, 1.0, 0.5, 2.0, 0.0)
        assert stream.getvalue().startswith(f"\r[{'#' * 20}] ")

    def test_a_report_is_due_after_half_a_second(self, terminal, clock):
        progress, _, _ = terminal
        clock.seconds += 0.4
        assert not progress.due()
        clock.seconds += 0.1
        assert progress.due()


class TestLog:
    def test_a_line_goes_to_the_log_with_the_time(self, plain):
        progress, _, log = plain
        progress.line("done")
        assert log.getvalue() == "12:34:56 job  done\n"

    def test_a_report_goes_to_the_log_every_ten_seconds_without_the_bar(self, terminal, clock):
        progress, _, log = terminal
        for _ in range(40):
            clock.seconds += 0.5
            progress.report(*REPORT)
        assert log.getvalue() == f"12:34:56 {TEXT}\n" * 2

    def test_without_a_log_reports_go_to_the_stream_alone(self, clock):
        stream = io.StringIO()
        progress = Progress("job", 100, None, stream)
        clock.seconds += 10.0
        progress.report(*REPORT)
        progress.line("done")
        assert stream.getvalue() == f"{TEXT}\njob  done\n"

    def test_the_default_stream_is_standard_output(self, clock, capsys):
        Progress("job", 100, None).line("done")
        assert capsys.readouterr().out == "job  done\n"
