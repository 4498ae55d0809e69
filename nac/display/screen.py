"""The part that the displays of terminals and notebooks share: lines that stay, and a status."""

import threading
import time

from nac.display.display import Display, Notes
from nac.display.event import Event
from nac.display.run_progress import RunProgress
from nac.display.status import job_name, status_lines
from nac.utils.text import printable_lines


class Screen(Display):
    """A display with lines that stay and, below or above them, a status that is rewritten."""

    seconds = 0.5

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._progress = RunProgress()
        self._notes = Notes()

    def _status(self, room: int) -> str:
        """Return the status in so many columns."""
        with self._lock:
            lines = status_lines(self._progress, time.monotonic(), room)
            return printable_lines("\n".join(lines))

    def _text(self, event: Event, job: str | None, room: int) -> str:
        """Return the line of an event, after the name of its job.

        Jobs that run beside each other have none: it would not be seen which belong together.
        """
        if self._notes.repeats(event):
            return ""
        if job is None:
            return printable_lines(event.short(room))
        running = self._progress.jobs.get(job)
        if running and running.beside and not event.ALWAYS:
            return ""
        name = f"{job_name(job)}  "
        text = event.short(room - len(name))
        return text and printable_lines(name + text)
