"""Progress of a job: one line that is rewritten on a terminal, or plain lines elsewhere."""

import shutil
import sys
import time
from typing import TextIO

from nac.utils.text import clock

TERMINAL_SECONDS = 0.5
PLAIN_SECONDS = 10.0
LONGEST_BAR, SHORTEST_BAR = 20, 3


class Progress:
    """Reports of one job, on a terminal and in its log.

    Args:
        name: The job's name, the beginning of each line.
        steps: Number of steps of the job.
        log: Open log file, which gets the plain lines.
        stream: Where people look, by default standard output.

    Attributes:
        steps: As given; it may change.
    """

    def __init__(self, name: str, steps: int, log: TextIO | None, stream: TextIO | None = None):
        self._name, self.steps, self._log = name, steps, log
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._shown = self._logged = time.monotonic()
        self._width = 0

    def due(self) -> bool:
        """Return whether it is time for a report. This is cheap enough for every step."""
        waited = time.monotonic() - self._shown
        return waited >= (TERMINAL_SECONDS if self._terminal else PLAIN_SECONDS)

    def report(
        self, step: int, loss: float, accuracy: float, images_per_second: float, left: float
    ) -> None:
        """Show how far training is.

        Args:
            step: Number of steps done.
            loss: Mean cross-entropy since the last report.
            accuracy: Share of right answers since the last report.
            images_per_second: Speed since the last report.
            left: Seconds that are left.
        """
        text = (
            f"{self._name}  step {step}/{self.steps}  loss {loss:.4f}  accuracy {accuracy:.3f}"
            f"  {images_per_second:,.0f} images/s  {clock(left)} left"
        )
        now = time.monotonic()
        self._shown = now
        if self._terminal:
            room = shutil.get_terminal_size().columns - 1
            self._rewrite((self._bar(step, room - len(text)) + text)[:room])
        else:
            self._write(text)
        if now - self._logged >= PLAIN_SECONDS:
            self._logged = now
            self._to_log(text)

    def line(self, text: str) -> None:
        """Show and log a line that is not rewritten."""
        text = f"{self._name}  {text}"
        if self._terminal:
            self._rewrite("")
        self._shown = time.monotonic()
        self._write(text)
        self._to_log(text)

    def _bar(self, step: int, room: int) -> str:
        """Return a bar that fits into ``room`` columns, an empty string if they are too few."""
        width = min(LONGEST_BAR, room - len("[] "))
        if width < SHORTEST_BAR:
            return ""
        filled = round(width * step / self.steps)
        return f"[{'#' * filled}{'.' * (width - filled)}] "

    def _rewrite(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._width) + ("" if text else "\r"))
        self._stream.flush()
        self._width = len(text)

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    def _to_log(self, text: str) -> None:
        if self._log is not None:
            self._log.write(f"{time.strftime('%H:%M:%S')} {text}\n")
            self._log.flush()
