"""What a job that runs does, derived from its events."""

from dataclasses import dataclass

from nac.display.event import Event
from nac.display.job_events import Compiled, Evaluated, Lost, Opened, Pruned, Step, Working


@dataclass
class JobProgress:
    """What a job that runs does now.

    Attributes:
        begun: When it began.
        doing: What it does that has no steps, None while it trains.
        since: When it began with that.
        step: Number of steps done.
        steps: Number of steps, 0 as long as that is not known.
        newest: The newest event about steps, None before the first one.
        at: When that came.
        before_steps: Seconds until its first step was done, None before that.
        beside: Whether it may run beside other jobs.
    """

    begun: float
    doing: str | None
    since: float
    step: int = 0
    steps: int = 0
    newest: Step | None = None
    at: float = 0.0
    before_steps: float | None = None
    beside: bool = False

    @property
    def share(self) -> float:
        """Share of the steps that are done."""
        return min(1.0, self.step / self.steps) if self.steps else 0.0

    def update(self, event: Event, now: float) -> None:
        """Take note of an event."""
        if isinstance(event, Working):
            self.doing, self.since = event.what, now
        elif isinstance(event, Lost):
            self.doing, self.since, self.newest = "lost", now, None
        elif isinstance(event, Opened):
            self.step, self.steps = event.resumed_after, event.steps
        elif isinstance(event, Compiled | Step | Evaluated | Pruned):
            self.step, self.steps, self.doing = event.step, event.steps, None
        if isinstance(event, Compiled):
            self.before_steps = now - self.begun
        if isinstance(event, Step):
            self.newest, self.at = event, now

    def left(self, now: float, after_steps: float = 0.0) -> float | None:
        """Return the seconds that are left, None if that is not known.

        Args:
            now: The time.
            after_steps: Seconds that it takes after its last step.
        """
        if self.newest is None:
            return None
        return max(0.0, self.newest.seconds_left + after_steps - (now - self.at))
