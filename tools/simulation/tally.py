"""Where the time of the GPUs went."""

import math
from dataclasses import dataclass, fields

HOUR, DAY = 3600.0, 86_400.0


@dataclass
class Spent:
    """Time in GPU-seconds, by what it was spent on.

    Attributes:
        useful: Training that counts.
        saving: Jobs that stood still to save a checkpoint that counts.
        starting: Processes that started, read images and compiled.
        lost: Training after the newest checkpoint before a failure, which is done once more.
        detecting: GPUs that were held by jobs that were lost already.
        down: Nodes under repair.
    """

    useful: float = 0.0
    saving: float = 0.0
    starting: float = 0.0
    lost: float = 0.0
    detecting: float = 0.0
    down: float = 0.0


KINDS = tuple(field.name for field in fields(Spent))


@dataclass(frozen=True)
class Tally:
    """The outcome of a simulation.

    Attributes:
        makespan: Seconds until all runs were done.
        jobs: Number of jobs.
        failures: Number of jobs that were lost and repeated from a checkpoint.
        gpus: Number of GPUs.
        spent: Where their time went.
    """

    makespan: float
    jobs: int
    failures: int
    gpus: int
    spent: Spent

    @property
    def jobs_per_day(self) -> float:
        """Number of jobs per day."""
        return self.jobs * DAY / self.makespan if self.makespan else math.inf

    def shares(self) -> dict[str, float]:
        """Return kind -> share of the time of all GPUs; ``idle`` is what is left."""
        total = self.gpus * self.makespan
        shares = {kind: getattr(self.spent, kind) / total if total else 0.0 for kind in KINDS}
        return shares | {"idle": 1.0 - sum(shares.values())}
