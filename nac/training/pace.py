"""What is due between two calls of steps: whatever depends on time or on a signal.

All workers do it after the same step, as the chief's clock and disk say.
"""

import math
import signal
from dataclasses import dataclass

from nac.training.checkpoints import Checkpoints
from nac.training.plan import Plan
from nac.training.progress import Progress
from nac.training.workers import Workers
from nac.utils.signals import StopRequest


@dataclass(frozen=True)
class Due:
    """What is due, and how fast steps are.

    Attributes:
        adjustment: Whether the plan is adjusted to the speed of the machine.
        report: Whether people see how far the job is.
        checkpoint: Whether a checkpoint is saved.
        checkpoint_before_long_work: Whether one is saved if an evaluation follows, or a round of
            pruning.
        step_seconds: Seconds of a step, None as long as they are not known.
        stop: Number of the signal that ends the job now, None if it goes on.
    """

    adjustment: bool = False
    report: bool = False
    checkpoint: bool = False
    checkpoint_before_long_work: bool = False
    step_seconds: float | None = None
    stop: int | None = None


class Pace:
    """Says what is due.

    Args:
        workers: The workers of the job.
        plan: The number of steps.
        checkpoints: Where the state of the training is saved.
        progress: Reports to people.
        stop: Whether this worker is asked to end.
    """

    def __init__(
        self,
        workers: Workers,
        plan: Plan,
        checkpoints: Checkpoints,
        progress: Progress,
        stop: StopRequest,
    ):
        self._workers, self._plan = workers, plan
        self._checkpoints, self._progress, self._stop = checkpoints, progress, stop

    def due(self, step_seconds: float | None) -> Due:
        """Return what is due. All workers call this after the same step.

        Args:
            step_seconds: Seconds of a step here, None as long as they are not known.
        """
        adjustment, report, plain, long, seconds = self._workers.agreed(
            [
                self._plan.due(),
                self._progress.due(),
                self._checkpoints.due(),
                self._checkpoints.due(before_long_work=True),
                math.nan if step_seconds is None else step_seconds,
            ]
        )
        known = None if math.isnan(seconds) else seconds
        return Due(bool(adjustment), bool(report), bool(plain), bool(long), known, self._stopping())

    def _stopping(self) -> int | None:
        """Return the signal that ends the job: who asks one worker to end asks all of them."""
        own = self._stop.number
        (asked,) = self._workers.sums([own is not None])
        return (own or signal.SIGTERM) if asked else None

    def wait_for_all(self) -> None:
        """Wait until all workers have come so far."""
        self._workers.wait()

    def adjust(self, step: int) -> None:
        """Let all workers have the plan that fits the chief's speed.

        Args:
            step: Number of steps done, for which nobody waits any more.
        """
        if self._workers.is_chief:
            self._plan.adjust(step)
        self._plan.follow(*self._workers.agreed(self._plan.state))
