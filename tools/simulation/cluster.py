"""What is simulated: nodes that fail, and runs that consist of jobs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nac.utils.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Nodes, how they fail, and what a failure costs. All times are seconds.

    Attributes:
        nodes: Number of nodes.
        gpus: GPUs of each node.
        mtbf: Mean time between two failures of a node, infinite if none fails.
        repair: Time until a node that failed takes jobs again.
        detection: Time from the failure of a node until its jobs are known to be lost. What they
            have of other nodes is not free before that.
        checkpoint: Time between two checkpoints of a job.
        save: Time for which a job stands still to save a checkpoint.
        start: Time from the start of a job's process to its first step, or to the first one after
            the checkpoint where it continues.
    """

    nodes: int
    gpus: int
    mtbf: float = math.inf
    repair: float = 0.0
    detection: float = 0.0
    checkpoint: float = math.inf
    save: float = 0.0
    start: float = 0.0

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.gpus < 1:
            raise InputError(
                f"cluster: expected nodes with GPUs, received {self.nodes} with {self.gpus} each"
            )


class Job(NamedTuple):
    """A training.

    Attributes:
        gpus: How many GPUs it needs: of one node, or of several whole nodes.
        seconds: How long it trains if nothing fails, without start and checkpoints.
    """

    gpus: int
    seconds: float

    def check_fits(self, cluster: Cluster) -> None:
        """Raise InputError if the job cannot run on a cluster."""
        most = cluster.nodes * cluster.gpus
        if not 0 < self.gpus <= most or (self.gpus > cluster.gpus and self.gpus % cluster.gpus):
            raise InputError(
                f"a job of {self.gpus} GPUs: expected at most {most} GPUs, of one node or of whole"
                f" nodes of {cluster.gpus} GPUs"
            )


Phase = Sequence[Job]
"""Jobs that run side by side."""

Run = Sequence[Phase]
"""Phases, each of which waits for all jobs of the one before."""


def segments(seconds: float, cluster: Cluster) -> list[float]:
    """Return the pieces into which checkpoints divide the time of a training.

    There is no checkpoint after the last piece, as the job is done then.

    Example:
    >>> segments(100.0, Cluster(nodes=1, gpus=1, checkpoint=40.0))
    [40.0, 40.0, 20.0]
    """
    saves = max(0, math.ceil(seconds / cluster.checkpoint) - 1)
    whole = [cluster.checkpoint] * saves
    return [*whole, seconds - sum(whole)]
