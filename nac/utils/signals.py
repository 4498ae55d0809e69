"""SIGINT and SIGTERM: how they end a command, and with which exit code."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Signals that ask a command to end: Ctrl-C, and what kill, docker and job schedulers send."""

REPEAT_SECONDS = 0.5
"""Signals within this time of the first one count as the same: timeout(1) sends each of them to the
command and to its process group."""


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end.

    Args:
        number: The signal.

    Attributes:
        number: As given.
    """

    def __init__(self, number: int):
        super().__init__(signal_name(number))
        self.number = number


def signal_of(error: BaseException) -> int:
    """Return the signal behind a KeyboardInterrupt; without a number it was a Ctrl-C."""
    return getattr(error, "number", signal.SIGINT)


def signal_name(number: int) -> str:
    """Return the name of a signal.

    Example:
    >>> signal_name(15)
    'SIGTERM'
    """
    return signal.Signals(number).name


def exit_code(number: int) -> int:
    """Return the exit code of a command that a signal ended, as shells have it.

    Example:
    >>> exit_code(signal.SIGINT), exit_code(signal.SIGTERM)
    (130, 143)
    """
    return 128 + number


@contextmanager
def interruptions() -> Iterator[None]:
    """Let the first signal raise :class:`Interrupted`, and a second one end the process at once.

    The signal is raised in the main thread; in other threads this does nothing. A signal that this
    process was started to ignore, as by ``nohup`` or in the background of a shell, stays ignored.
    """
    with _handling(_Raising()):
        yield


class _Raising:
    """A signal handler, see :func:`interruptions`."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
            raise Interrupted(number)
        if now - self._first >= REPEAT_SECONDS:
            os._exit(exit_code(number))


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle those signals within a block that are not ignored; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in ours}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, signal.SIG_DFL if former is None else former)


@contextmanager
def signals_kept() -> Iterator[None]:
    """Set Python's handlers anew after a block in which native code may have set its own.

    Python itself does not notice that. Only the main thread can set handlers.
    """
    yield
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if handler is not None:
                signal.signal(number, handler)


class StopRequest:
    """A request that this process ends, by a signal or by the process that started it.

    As long as nothing would be lost, a request ends the process at once, even while native code
    such as a compiler does not return to Python: then no signal handler of Python's runs, but a
    thread does. Within :meth:`deferred` the request waits until the program looks at
    :attr:`number`. A second request ends the process at once in any case.

    Args:
        farewell: A line for standard error when the process is ended at once.

    Attributes:
        number: The signal that asked, None as long as none did.
    """

    def __init__(self, farewell: str = ""):
        self.number: int | None = None
        self._farewell, self._errors = farewell, 2
        self._lock, self._deferring, self._first = threading.Lock(), False, 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take signals as requests within a block. Enter it in the main thread."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self._errors = os.dup(2)  # which a job sends to its log later on
        with _handling(lambda *_: None):
            before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
            thread = threading.Thread(target=self._watch, args=(reader,), daemon=True)
            thread.start()
            try:
                yield
            finally:
                signal.set_wakeup_fd(before)
                os.close(writer)  # which ends the thread
                thread.join()
                os.close(reader)
                os.close(self._errors)
                self._errors = 2

    def _watch(self, reader: int) -> None:
        while number := os.read(reader, 1):
            if number[0] in SIGNALS:
                self.request(number[0])

    def follow_parent(self) -> NoReturn:
        """Take each line of standard input as a request, a signal's number, and its end as a kill.

        So this process ends with the one that started it, however that ends. Call it in a thread.
        """
        while line := read_line(0):
            with suppress(ValueError):
                self.request(int(line), counts_twice=False)
        os._exit(1)

    def request(self, number: int, counts_twice: bool = True) -> None:
        """Ask the process to end.

        Args:
            number: The signal.
            counts_twice: Whether it ends the process at once if it is not the first. What a driver
                passes on may have reached this process as a signal as well.
        """
        with self._lock:
            first = self.number is None
            if first:
                self.number, self._first = number, time.monotonic()
            waits = self._deferring if first else not counts_twice or self._repeats()
        if not waits:
            self._end(number)

    def _repeats(self) -> bool:
        return time.monotonic() - self._first < REPEAT_SECONDS

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let a request wait within a block, as something is to be saved first."""
        with self._waiting(True):
            yield

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let a request end the process at once within a block, as all is saved."""
        with self._waiting(False):
            yield

    @contextmanager
    def _waiting(self, deferring: bool) -> Iterator[None]:
        before = self._deferring
        self._defer(deferring)
        try:
            yield
        except BaseException:  # which ends the process in its own way
            self._deferring = before
            raise
        self._defer(before)

    def _defer(self, deferring: bool) -> None:
        with self._lock:
            self._deferring = deferring
            overdue = None if deferring else self.number
        if overdue is not None:
            self._end(overdue)

    def _end(self, number: int) -> NoReturn:
        if self._farewell:
            with suppress(OSError):
                os.write(self._errors, f"{self._farewell}\n".encode())
        os._exit(exit_code(number))


def read_line(descriptor: int) -> bytes:
    """Return the next line of a file descriptor, without reading beyond it; empty at the end."""
    line = b""
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return line + byte


def end_now(code: int) -> NoReturn:
    """End the process of a job, without the seconds that TensorFlow takes to end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
