"""What mathematics says of a single job on nodes that fail, to check the simulation and to compare.

Failures are exponentially distributed. The expectation is exact; the best interval between
checkpoints is an approximation for failures that are rare (Young, "A first order approximation to
the optimum checkpoint interval", CACM 1974; Daly, "A higher order estimate of the optimum
checkpoint interval for restart dumps", FGCS 2006).
"""

import math

from tools.simulation.cluster import Cluster, Job, segments


def failure_rate(job: Job, cluster: Cluster) -> float:
    """Return the failures per second of the nodes of a job."""
    return math.ceil(job.gpus / cluster.gpus) / cluster.mtbf


def expected_seconds(job: Job, cluster: Cluster, downtime: float) -> float:
    """Return the expected time of a job from its start to its end.

    A piece of work between two checkpoints that takes t seconds is begun until nothing fails for
    that long. With failures at the rate r, each followed by a downtime d and a start s, that takes
    exp(r s) (1 / r + d) (exp(r t) - 1) on average. The first piece has its start in t instead.

    Args:
        job: The job.
        cluster: Nodes of which enough are always free.
        downtime: Seconds from a failure until the job starts again, in which nothing fails.

    Example:
    >>> cluster = Cluster(nodes=1, gpus=1, mtbf=1000.0)
    >>> round(expected_seconds(Job(1, 1000.0), cluster, downtime=0.0), 1)  # 1000 (e - 1)
    1718.3
    """
    rate = failure_rate(job, cluster)
    pieces = segments(job.seconds, cluster)
    if not rate:
        return cluster.start + sum(pieces) + cluster.save * (len(pieces) - 1)
    *saved, last = pieces
    first, *rest = [*(piece + cluster.save for piece in saved), last]
    repeated = math.exp(rate * cluster.start) * sum(math.expm1(rate * piece) for piece in rest)
    return (1.0 / rate + downtime) * (math.expm1(rate * (cluster.start + first)) + repeated)


def best_interval(job: Job, cluster: Cluster) -> float:
    """Return the interval between checkpoints by which a job loses least, about (Young).

    Example:
    >>> best_interval(Job(8, 1e6), Cluster(nodes=1, gpus=8, mtbf=20_000.0, save=1.0))
    200.0
    """
    rate = failure_rate(job, cluster)
    return math.sqrt(2.0 * cluster.save / rate) if rate else math.inf
