"""How far a run is, derived from its events alone: share, time left, and what each job does."""

import time
from collections.abc import Callable
from typing import Any

from nac.display.event import Event
from nac.display.job_events import (
    Begun,
    Done,
    Failed,
    Step,
)
from nac.display.job_progress import JobProgress
from nac.display.run_events import Planned, Stage, StagePlan

STARTING = "starting"


class RunProgress:
    """How far a run is.

    Args:
        clock: Returns the time in seconds.

    Attributes:
        jobs: The jobs that run, by their directory, in the order in which they began.
        title: Title of the stage that runs, empty if there is none.
    """

    def __init__(self, clock: Callable[[], float] | None = None):
        self._clock = clock or time.monotonic
        self._plan: Planned | None = None
        self.jobs: dict[str | None, JobProgress] = {}
        self.title = ""
        self._began = self._clock()
        self._stage = self._ended = self._trained = 0
        self._speed: float | None = None
        self._around: float | None = None
        self._after_steps = 0.0

    def update(self, event: Event, job: str | None = None) -> None:
        """Take note of an event."""
        now = self._clock()
        if isinstance(event, Planned):
            self._plan, self._began = (event if event.stages else None), now
            self._stage = self._ended = self._trained = 0
        elif isinstance(event, Stage):
            self._begin_stage(event)
        elif isinstance(event, Done | Failed):
            self._end(event, job, now)
        elif isinstance(event, Begun):
            self.jobs[job] = JobProgress(now, STARTING, now, beside=event.beside)
        elif job is not None:
            self.jobs.setdefault(job, JobProgress(now, None, now)).update(event, now)
            if isinstance(event, Step) and event.images_per_second:
                self._speed = event.images_per_second

    def _begin_stage(self, stage: Stage) -> None:
        self.title = stage.title
        names = [plan.name for plan in self._plan.stages] if self._plan else []
        if stage.name in names:  # what was to come before it is done, or not needed
            self._stage, self._ended = names.index(stage.name), 0

    def _end(self, event: Done | Failed, job: str | None, now: float) -> None:
        ended = self.jobs.pop(job, None)
        self._ended += 1
        if not isinstance(event, Done):
            return
        self._speed = event.images_per_second or self._speed
        if event.before:
            return
        self._trained += 1
        if ended:
            self._around = max(0.0, now - ended.begun - event.seconds)
            self._after_steps = max(0.0, self._around - (ended.before_steps or self._around))

    @property
    def position(self) -> tuple[int, int] | None:
        """Number of the job that runs, from 1, and of all jobs; None if that is not known."""
        if self._plan is None:
            return None
        total = sum(stage.jobs for stage in self._plan.stages)
        return min(total, self._past() + max(1, len(self.jobs))), total

    @property
    def is_over(self) -> bool:
        """Whether all jobs have ended; so it is without a plan and a job that runs."""
        total = sum(stage.jobs for stage in self._plan.stages) if self._plan else 0
        return not self.jobs and self._past() >= total

    def _past(self) -> int:
        """Return the number of jobs that have ended or are not needed."""
        stages = self._plan.stages[: self._stage] if self._plan else ()
        return sum(stage.jobs for stage in stages) + self._ended

    def share(self) -> float | None:
        """Return which share of the run is done, None if that is not known."""
        if self._plan is None:
            return None
        if self._plan.minutes is not None:
            used, left = self._used(), self.seconds_left() or 0.0
            return used / max(1e-9, used + left)
        stages, weigh = self._plan.stages, _weight(self._plan.stages)
        weights = [weigh(stage) * stage.jobs for stage in stages]
        running = self._ended + sum(job.share for job in self.jobs.values())
        here = min(weigh(stages[self._stage]) * running, weights[self._stage])
        return (sum(weights[: self._stage]) + here) / sum(weights)

    def seconds_left(self) -> float | None:
        """Return the seconds until the run is done, None if that is not known."""
        if self._plan is None:
            return None
        now = self._clock()
        if self._plan.minutes is not None:
            least = max((job.left(now) or 0.0 for job in self.jobs.values()), default=0.0)
            return max(least, 60.0 * self._plan.minutes - self._used())
        stages = self._plan.stages[self._stage :]
        if all(stage.images or stage.seconds for stage in stages):
            return self._by_speed(stages, now)
        return self._by_jobs(stages, now)

    @property
    def is_estimate(self) -> bool:
        """Whether the seconds that are left are estimated, not given by a budget."""
        return self._plan is None or self._plan.minutes is None

    def values(self) -> dict[str, Any] | None:
        """Return position, share and seconds left for machines, None without a plan."""
        if self.position is None:
            return None
        left, share = self.seconds_left(), self.share()
        return {
            "job": self.position[0],
            "jobs": self.position[1],
            "share": None if share is None else round(share, 4),
            "seconds_left": None if left is None else round(left, 1),
        }

    def _used(self) -> float:
        assert self._plan
        return self._plan.seconds_before + self._clock() - self._began

    def _by_speed(self, stages: tuple[StagePlan, ...], now: float) -> float | None:
        """Return the seconds of jobs with known images or seconds, by the newest speed."""
        costs = [self._cost(stage) for stage in stages]
        running = [self._left(job, costs[0], now) for job in self.jobs.values()]
        if None in costs or None in running:
            return None
        waiting = [stage.jobs for stage in stages]
        waiting[0] = max(0, waiting[0] - self._ended - len(running))
        seconds = max((left for left in running if left is not None), default=0.0)
        for stage, cost, jobs in zip(stages, costs, waiting, strict=True):
            seconds += (cost or 0.0) * jobs / min(stage.workers, max(1, jobs))
        return seconds

    def _cost(self, stage: StagePlan) -> float | None:
        """Return the seconds of a job to come."""
        if stage.seconds:
            return stage.seconds
        around = self._around
        if around is None:  # until a job is done, those that run show what it takes to start
            starts = [job.before_steps for job in self.jobs.values() if job.before_steps]
            around = max(starts, default=None)
        if around is None or not self._speed or stage.images is None:
            return None
        return around + stage.images / self._speed

    def _left(self, job: JobProgress, cost: float | None, now: float) -> float | None:
        left = job.left(now, self._after_steps)
        if left is None and cost is not None:
            return max(0.0, cost - (now - job.begun))
        return left

    def _by_jobs(self, stages: tuple[StagePlan, ...], now: float) -> float | None:
        """Return the seconds of jobs that take as long as those since the command started."""
        if not self._trained:
            return None
        done = self._trained + sum(job.share for job in self.jobs.values())
        total = sum(stage.jobs for stage in stages) - self._ended
        remaining = total - sum(job.share for job in self.jobs.values())
        return max(0.0, (now - self._began) / done * remaining)


def _weight(stages: tuple[StagePlan, ...]) -> Callable[[StagePlan], float]:
    """Return what jobs of a stage are compared by: images, seconds, or just their number."""
    if all(stage.images for stage in stages):
        return lambda stage: stage.images or 0.0
    if all(stage.seconds for stage in stages):
        return lambda stage: stage.seconds or 0.0
    return lambda _: 1.0
