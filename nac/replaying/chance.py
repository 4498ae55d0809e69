"""What rules must beat: random pruning, and the best of some random networks."""

from collections.abc import Sequence
from random import Random

from nac.replaying.readings import Outcome, outcome, read
from nac.replaying.table import NetworkTable, children


def random_pruning(table: NetworkTable, flops: float, generator: Random) -> Outcome:
    """Degrade a random layer until the network is within the budget.

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        generator: What layers are drawn from.
    """
    network = table.largest
    while table.flops[network] > flops:
        network = generator.choice(children(network))
    return Outcome(network, 0, None)


def random_search(
    table: NetworkTable, pool: Sequence[str], count: int, noise: float, generator: Random
) -> Outcome:
    """Read some random networks, and keep the one that is read best.

    Args:
        table: The networks.
        pool: The networks to draw from, each at most once.
        count: How many to read; all of the pool if there are no more.
        noise: Deviation of a reading, in points.
        generator: What networks and noise are drawn from.
    """
    drawn = generator.sample(pool, min(count, len(pool)))
    readings = read(table, drawn, noise, generator)
    return outcome(readings.best, [readings])
