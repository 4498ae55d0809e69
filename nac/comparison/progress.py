"""What a comparison prints while its jobs run."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

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
    """Prints a line for each job that ends, and how long the rest will take.

    Args:
        jobs: The directories of all jobs.
        workers: Number of jobs at a time.
        split: Images that are scored, where a result does not say so.

    Attributes:
        failures: Name of each job that failed -> the reason.
    """

    def __init__(self, jobs: Sequence[Path], workers: int, split: str):
        self.failures: dict[str, NacError] = {}
        self._workers, self._split = workers, split
        self._total = len(jobs)
        self._ended = sum(map(is_done, jobs))
        self._trained = 0
        self._started = time.monotonic()

    def begin(self) -> None:
        """Print how many jobs there are, and how many of them are done."""
        before = f", {self._ended} of them done before" if self._ended else ""
        print(
            f"{self._total} jobs{before}, {self._workers} at a time; each has a {LOG}", flush=True
        )

    def report(self, finished: Finished) -> None:
        """Print that a job has ended, unless it was done before this command."""
        name = finished.task.name
        if finished.error:
            self._ended += 1
            self.failures[name] = finished.error
            print(f"[{self._ended}/{self._total}] {name}: failed", flush=True)
            print(f"{finished.error}", file=sys.stderr, flush=True)
        elif finished.result.seconds is not None:
            self._ended += 1
            self._trained += 1
            result = finished.result.result
            split = getattr(result, "split", self._split)  # rivals only score test images
            print(
                f"[{self._ended}/{self._total}] {name}: {split} accuracy"
                f" {result.accuracy:.4f} ({finished.result.seconds:.0f} s){self._left()}",
                flush=True,
            )

    def _left(self) -> str:
        remaining = self._total - self._ended
        seconds = (time.monotonic() - self._started) / self._trained * remaining
        return f", about {clock(seconds)} left" if remaining else ""
