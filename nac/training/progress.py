"""Progress of a job: its events go to a display, and as text to the log."""

import time
from contextlib import suppress
from typing import TextIO

from nac.display.display import PLAIN_SECONDS, Display
from nac.display.event import Event
from nac.display.job_events import Step
from nac.display.status import step_text


class Progress:
    """Reports of one job to a display and to its log.

    Args:
        name: The job's name, the beginning of each line.
        steps: Number of steps of the job.
        log: Open log file, which gets the lines.
        display: What people or machines look at, by default nothing.

    Attributes:
        steps: As given; it may change.
    """

    def __init__(self, name: str, steps: int, log: TextIO | None, display: Display | None = None):
        self._name, self.steps, self._log = name, steps, log
        self._display = display or Display()
        self._shown = self._logged = time.monotonic()

    def due(self) -> bool:
        """Return whether it is time for a report on steps. This is cheap enough for every step."""
        return time.monotonic() - self._shown >= self._display.seconds

    def show(self, event: Event) -> None:
        """Show and log an event; the log gets those on steps only now and then."""
        self._display.show(event, self._name)
        self._shown = time.monotonic()
        if not isinstance(event, Step):
            self._to_log(event.text())
        elif self._shown - self._logged >= PLAIN_SECONDS:
            self._logged = self._shown
            self._to_log(step_text(event))

    def _to_log(self, text: str) -> None:
        if not text or self._log is None:
            return
        try:
            self._log.write(f"{time.strftime('%H:%M:%S')} {self._name}  {text}\n")
            self._log.flush()
        except OSError:  # The disk is full, say. What is written there in earnest says so.
            with suppress(OSError):
                self._log.close()
            self._log = None
