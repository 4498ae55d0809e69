"""What a comparison prints while its jobs run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from nac.display.display import Display
from nac.display.run_events import Line
from nac.runs.layout import LOG, is_done
from nac.runs.queue import Finished
from nac.utils.errors import NacError
from nac.utils.text import clock

Result = TypeVar("Result")


@dataclass(frozen=True)
class Ended(Generic[Result]):
    """What comes of a task of a comparison.

    Attributes:
        result: The result of the job.
        seconds: How long it took, None if it was done before.
    """

    result: Result
    seconds: float | None


class Reporter:
    """Says that a job has ended, and how long the rest will take.

    Args:
        jobs: The directories of all jobs.
        workers: Number of jobs at a time.
        split: Images that are scored, where a result does not say so.
        display: Shows it.

    Attributes:
        failures: Name of each job that failed -> the reason.
    """

    def __init__(self, jobs: Sequence[Path], workers: int, split: str, display: Display):
        self.failures: dict[str, NacError] = {}
        self._workers, self._split, self._display = workers, split, display
        self._total = len(jobs)
        self._ended = sum(map(is_done, jobs))
        self._trained = 0
        self._started = time.monotonic()

    def begin(self) -> None:
        """Say how many jobs there are, and how many of them are done."""
        before = f", {self._ended} of them done before" if self._ended else ""
        self._say(f"{self._total} jobs{before}, {self._workers} at a time; each has a {LOG}")

    def report(self, finished: Finished) -> None:
        """Say that a job has ended, unless it was done before this command."""
        name = finished.task.name
        if finished.error:
            self._ended += 1
            self.failures[name] = finished.error
            self._say(f"[{self._ended}/{self._total}] {name}: failed")
            self._display.error(str(finished.error))
        elif finished.result.seconds is not None:
            self._ended += 1
            self._trained += 1
            result = finished.result.result
            split = getattr(result, "split", self._split)  # rivals only score test images
            self._say(
                f"[{self._ended}/{self._total}] {name}: {split} accuracy"
                f" {result.accuracy:.4f} ({finished.result.seconds:.0f} s){self._left()}"
            )

    def _say(self, text: str) -> None:
        self._display.show(Line(text))

    def _left(self) -> str:
        remaining = self._total - self._ended
        seconds = (time.monotonic() - self._started) / self._trained * remaining
        return f", about {clock(seconds)} left" if remaining else ""
