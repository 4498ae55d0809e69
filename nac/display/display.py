"""The interface of displays, and the simple ones: nothing, plain lines, JSON."""

import sys
import threading
import time
from typing import Self, TextIO

from nac.display.event import Event
from nac.display.job_events import Begun, Note, Step
from nac.display.json_lines import to_line
from nac.display.run_progress import RunProgress
from nac.display.status import job_name, step_text
from nac.utils.text import printable_lines

PLAIN_SECONDS = 10.0
"""Seconds between two lines about the steps of a job."""


class Display:
    """Shows events; this one shows none of them.

    A display may be used by several threads. Leave it by a ``with`` statement, so that what it
    keeps on the screen is cleared.

    Example: a display that shows nothing but accuracies.

    >>> class Accuracies(Display):
    ...     def show(self, event, job=None):
    ...         if event.KIND == "evaluated":
    ...             print(event.accuracy)

    Attributes:
        seconds: Seconds between two events about the steps of a job.
    """

    seconds: float = PLAIN_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, event: Event, job: str | None = None) -> None:
        """Show an event.

        Args:
            event: What happened.
            job: Directory or name of the job that it is about, None if it is about all of them.
        """

    def error(self, text: str) -> None:
        """Print an error on standard error."""
        print(printable_lines(text), file=sys.stderr, flush=True)

    def tick(self) -> None:
        """Show how time goes by; called about twice a second while nothing happens."""

    def close(self) -> None:
        """Clear what was not meant to stay."""


class Notes:
    """Which notes were shown: each job says the same about the images, and once is enough."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def repeats(self, event: Event) -> bool:
        """Return whether an event is a note that was shown, and remember it.

        Example:
        >>> notes = Notes()
        >>> [notes.repeats(Note("2 files skipped")) for _ in range(2)]
        [False, True]
        """
        if not isinstance(event, Note):
            return False
        text = event.message.removeprefix("note: ")
        repeated = text in self._shown
        self._shown.add(text)
        return repeated


class PlainDisplay(Display):
    """Lines for a file or a pipe. Jobs that run beside each other print none.

    Args:
        stream: Where the lines go, by default standard output.
    """

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._shown = time.monotonic()
        self._silent: set[str | None] = set()
        self._notes = Notes()

    def show(self, event: Event, job: str | None = None) -> None:
        """Print the text of an event, of steps only now and then."""
        with self._lock:
            if isinstance(event, Begun) and event.beside:
                self._silent.add(job)
            text = "" if self._notes.repeats(event) else self._text(event)
            if text and (event.ALWAYS or job not in self._silent):
                self._shown = time.monotonic()
                self._stream.write(f"{printable_lines(named(text, job))}\n")
                self._stream.flush()

    def _text(self, event: Event) -> str:
        if not isinstance(event, Step):
            return event.text()
        due = time.monotonic() - self._shown >= PLAIN_SECONDS
        return step_text(event) if due else ""


class JsonDisplay(Display):
    """One JSON object per line, for machines (docs/events.md).

    Args:
        stream: Where the lines go, by default standard output.
    """

    seconds = 1.0

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._progress = RunProgress()

    def show(self, event: Event, job: str | None = None) -> None:
        """Print an event; one about steps says how far the whole run is, too."""
        if event.FOR_PEOPLE:
            return
        with self._lock:
            self._progress.update(event, job)
            run = self._progress.values() if isinstance(event, Step) else None
            more = {"run": run} if run else {}
            self._stream.write(to_line(event, job, **more) + "\n")
            self._stream.flush()


def named(text: str, job: str | None) -> str:
    """Return a text after the name of the job that it is about."""
    return text if job is None else f"{job_name(job)}  {text}"
