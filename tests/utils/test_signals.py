"""How signals end processes: commands by an exception, jobs by a thread."""

import os
import signal
import subprocess
import sys

import pytest

from nac.utils.signals import (
    Interrupted,
    StopRequest,
    exit_code,
    interruptions,
    read_line,
    signal_of,
)
from tests.experiments import ROOT

HEAD = """
import ctypes, os, signal, time
from nac.utils import signals
from nac.utils.signals import StopRequest, interruptions
signals.REPEAT_SECONDS = 0.0

def kill(number=signal.SIGTERM):
    os.kill(os.getpid(), number)

def in_native_code():
    ctypes.CDLL(None).sleep(60)

stop = StopRequest("farewell")
"""

FOLLOW = """
import threading
threading.Thread(target=stop.follow_parent).start()
in_native_code()
"""


def result_of(body, **options):
    """Return how a process ended that runs a script."""
    return subprocess.run(
        [sys.executable, "-c", HEAD + body],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


@pytest.fixture
def default_handlers():
    """Handlers as in a terminal; in the background of a shell SIGINT is ignored."""
    former = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    }
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("default_handlers")
class TestInterruptions:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_is_an_exception_with_its_number(self, number):
        with pytest.raises(Interrupted) as error, interruptions():
            os.kill(os.getpid(), number)
        assert error.value.number == number

    def test_former_handlers_are_back_afterwards(self):
        before = signal.getsignal(signal.SIGTERM)
        with interruptions():
            assert signal.getsignal(signal.SIGTERM) is not before
        assert signal.getsignal(signal.SIGTERM) is before

    def test_an_ignored_signal_stays_ignored(self):
        body = "with interruptions(): kill(signal.SIGINT); print('alive')"
        result = result_of("signal.signal(signal.SIGINT, signal.SIG_IGN)\n" + body)
        assert (result.returncode, result.stdout) == (0, "alive\n")

    def test_a_second_signal_ends_the_process(self):
        body = """
with interruptions():
    try:
        kill()
    except KeyboardInterrupt:
        kill(signal.SIGINT)
        print("alive")
"""
        result = result_of(body)
        assert (result.returncode, result.stdout) == (130, "")

    def test_the_same_signal_twice_within_a_moment_counts_once(self):
        body = """
signals.REPEAT_SECONDS = 1000.0
with interruptions():
    try:
        kill()
    except KeyboardInterrupt:
        kill()
        print("alive")
"""
        assert result_of(body).stdout == "alive\n"


def test_a_keyboard_interrupt_without_a_number_was_a_ctrl_c():
    assert exit_code(signal_of(KeyboardInterrupt())) == 130


class TestStopRequest:
    @pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
    def test_a_signal_ends_the_process_at_once_even_in_native_code(self, name, code):
        body = f"""
import threading
with stop.watching():
    threading.Timer(0.2, kill, [signal.{name}]).start()
    in_native_code()
"""
        result = result_of(body)
        assert (result.returncode, result.stderr) == (code, "farewell\n")

    def test_within_deferred_a_request_waits(self):
        body = """
with stop.deferred():
    stop.request(15)
    raise SystemExit(stop.number)
"""
        assert result_of(body).returncode == 15

    def test_after_deferred_a_request_that_waits_ends_the_process(self):
        body = "with stop.deferred(): stop.request(15); print('saved', flush=True)\nprint('alive')"
        result = result_of(body)
        assert (result.returncode, result.stdout) == (143, "saved\n")

    def test_at_once_within_deferred_ends_the_process(self):
        body = """
with stop.deferred():
    with stop.at_once():
        stop.request(15)
        print("alive")
"""
        result = result_of(body)
        assert (result.returncode, result.stdout) == (143, "")

    def test_after_at_once_a_request_waits_again(self):
        body = """
with stop.deferred():
    with stop.at_once():
        pass
    stop.request(15)
    print("alive", flush=True)
"""
        assert result_of(body).stdout == "alive\n"

    def test_a_second_request_does_not_wait(self):
        body = "with stop.deferred(): stop.request(15); stop.request(2); print('alive')"
        result = result_of(body)
        assert (result.returncode, result.stdout) == (130, "")

    def test_what_the_driver_passes_on_is_no_second_request(self):
        body = """
with stop.deferred():
    stop.request(2)
    stop.request(2, counts_twice=False)
    print("alive", flush=True)
"""
        assert result_of(body).stdout == "alive\n"

    def test_a_line_of_standard_input_is_a_request(self):
        assert result_of(FOLLOW, input="15\n").returncode == 143

    def test_the_end_of_standard_input_ends_the_process(self):
        assert result_of(FOLLOW, input="").returncode == 1

    def test_after_watching_signals_are_as_before(self):
        before = signal.getsignal(signal.SIGTERM)
        with StopRequest().watching():
            pass
        assert signal.getsignal(signal.SIGTERM) is before
        assert signal.set_wakeup_fd(-1) == -1


def test_a_line_is_read_without_what_follows_it():
    reader, writer = os.pipe()
    os.write(writer, b"first\nsecond")
    os.close(writer)
    assert [read_line(reader), read_line(reader), read_line(reader)] == [b"first\n", b"second", b""]
    os.close(reader)
