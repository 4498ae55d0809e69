"""How many steps a job takes: a given number, or as many as fit into a given time."""

import math
import time
from collections.abc import Callable

FORWARD_SHARE = 0.4
"""What a batch costs in an evaluation, as a share of what it costs in training. This is rather too
much, as a job that is late is worse than one that is early."""

READING_SHARE = 0.25
"""Share of a job's time that it may take to read its images. The rest is left for training: what
they take beyond it is added to the time. Where another training follows, the last one makes up for
it."""

WRITING_SECONDS = 2.0
"""Seconds that a job takes to write its results."""

ADJUSTMENTS = 100
"""Number of times that a plan is adjusted to the speed of the machine, if a job is long."""

FIRST_WINDOW, SHORTEST_WINDOW = 0.25, 2.0
"""Seconds over which speed is measured for the first time, and at least once that has doubled a few
times."""

FEWEST = 20
"""Number of steps that are left at least while speed is measured over less than that, as it may be
far off."""

UNKNOWN = 10**6
"""Number of steps that are left for all that is known, until the speed has been measured once. So
the first steps are hardly any progress, even those of a fast machine."""

NEWEST = 0.3
"""Weight of the newest measurement of the speed, against all earlier ones."""

WITHOUT_END = 2**40
"""Number of steps for which batches are ready, if the number of steps can change."""


def seconds_to_end(seconds: float, reading: float) -> float:
    """Return after how many seconds a job ends.

    Args:
        seconds: Seconds that it has.
        reading: Seconds of them that it took to read its images.

    Example:
    >>> seconds_to_end(60.0, reading=5.0), seconds_to_end(60.0, reading=50.0)
    (60.0, 95.0)
    """
    return seconds + max(0.0, reading - READING_SHARE * seconds)


class Plan:
    """The steps of a job, and how far each of them brings it.

    The progress of a job goes from 0 to 1. Schedules follow it, so that they end with the job. Here
    each step is an equal part of it.

    Args:
        steps: Number of steps of the job.

    Attributes:
        steps: As given. In a :class:`TimedPlan` it changes while the job runs.
        last: Number of steps that the job takes at most.
        progress: Share of the job that is done.
    """

    def __init__(self, steps: int):
        self.steps = self.last = steps
        self.progress = 0.0

    def resume(self, done: int, progress: float) -> None:
        """Go on with a job that was interrupted.

        Args:
            done: Number of steps done.
            progress: Share of the job that is done, 0 if nothing is.
        """
        self.progress = progress

    def advance(self, done: int, count: int) -> list[float]:
        """Count further steps; return the progress in the middle of each of them.

        Args:
            done: Number of steps before them.
            count: Number of steps.
        """
        middles = [self._after(done, number + 0.5) for number in range(count)]
        self.progress = self._after(done, count)
        return middles

    def _after(self, done: int, count: float) -> float:
        return (done + count) / self.steps

    def step_at(self, done: int, progress: float) -> int:
        """Return after how many steps in all the progress will have reached a share of the job.

        Args:
            done: Number of steps done.
            progress: The share.
        """
        left = (progress - self.progress) / max(1e-12, 1.0 - self.progress)
        return done + math.ceil((self.steps - done) * left - 1e-6)

    def compiled(self, done: int, seconds: float) -> None:
        """Take note that the first step of this process took some seconds, mostly to compile it.

        Args:
            done: Number of steps done, with this one.
            seconds: How long it took.
        """

    def due(self) -> bool:
        """Return whether it is time to adjust the plan."""
        return False

    def adjust(self, done: int) -> None:
        """Adjust the number of steps, after ``done`` of them, for which nobody waits any more."""

    def paused(self, seconds: float) -> None:
        """Take note of seconds that were no training, such as an evaluation."""

    @property
    def state(self) -> tuple[float, float]:
        """Number of steps, and the seconds of a step, NaN where they play no part."""
        return float(self.steps), math.nan

    def follow(self, steps: float, step_seconds: float) -> None:
        """Have the plan of another worker, by its :attr:`state`."""
        self.steps = int(steps)


class TimedPlan(Plan):
    """A plan that ends in time: the number of steps follows from the speed of the machine.

    What is left of the progress is spread evenly over the steps that are left. So the learning rate
    is what it should be at each share of the job, even if the machine gets slower or faster.

    Args:
        steps: Number of steps that is expected.
        seconds: Seconds that the job may take.
        evaluation: Number of batches of the evaluations at the end.
        elapsed: Returns the seconds that the job has taken so far.
    """

    def __init__(
        self,
        steps: int,
        seconds: float,
        evaluation: int,
        elapsed: Callable[[], float] = time.monotonic,
    ):
        super().__init__(steps)
        self.last = WITHOUT_END
        self._seconds, self._elapsed = seconds, elapsed
        self._evaluation_steps = FORWARD_SHARE * evaluation
        self._compiling = 0.0
        self._step_seconds: float | None = None
        self._window, self._longest = FIRST_WINDOW, max(SHORTEST_WINDOW, seconds / ADJUSTMENTS)
        self._started, self._first, self._overdue = elapsed(), 0, False

    def resume(self, done: int, progress: float) -> None:
        """Go on with a job that was interrupted; its speed is measured anew."""
        super().resume(done, progress)
        if progress:
            self.steps = round(done / progress)

    def _after(self, done: int, count: float) -> float:
        left = UNKNOWN if self._step_seconds is None else self.steps - done
        return self.progress + (1.0 - self.progress) * count / max(count, left)

    def compiled(self, done: int, seconds: float) -> None:
        """Expect that the functions of the evaluation take as long to compile.

        However few steps were expected, the job does not end before its speed is measured.
        """
        self._compiling = seconds
        self._started, self._first = self._elapsed(), done
        self.steps = done + UNKNOWN

    def due(self) -> bool:
        """Return whether it is time to adjust the plan."""
        return self._overdue or self._elapsed() - self._started >= self._window

    def paused(self, seconds: float) -> None:
        """Leave seconds that were no training out of the speed, and adjust the plan soon."""
        self._started += seconds
        self._overdue = True

    def adjust(self, done: int) -> None:
        """Set the number of steps to what fits into the time that is left."""
        now = self._elapsed()
        newest = (now - self._started) / max(1, done - self._first)
        growing = self._window < self._longest
        # The first windows are short and follow the compilation, so the next one replaces them.
        known = newest if growing or self._step_seconds is None else self._step_seconds
        self._step_seconds = NEWEST * newest + (1.0 - NEWEST) * known
        self._window = min(2.0 * self._window, self._longest)
        self._started, self._first, self._overdue = now, done, False
        ending = self._compiling + WRITING_SECONDS + self._evaluation_steps * self._step_seconds
        left = self._seconds - now - ending
        self.steps = done + max(FEWEST if growing else 0, round(left / self._step_seconds))

    @property
    def state(self) -> tuple[float, float]:
        """Number of steps and the seconds of a step, NaN as long as they are not known."""
        return float(self.steps), math.nan if self._step_seconds is None else self._step_seconds

    def follow(self, steps: float, step_seconds: float) -> None:
        """Have the plan of another worker."""
        super().follow(steps, step_seconds)
        self._step_seconds = None if math.isnan(step_seconds) else step_seconds
