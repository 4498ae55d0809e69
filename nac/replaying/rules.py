"""The rules by which pruning decides on what it reads.

Pruning begins with the largest network and degrades one layer after the other, until the network is
within the budget. A layer is missed least if the network is read best with this layer degraded.
"""

from collections.abc import Callable, Mapping
from random import Random

from nac.replaying.readings import Outcome, Readings, mean_known, outcome, read
from nac.replaying.table import NetworkTable, children, degradable, degraded
from nac.utils.statistics import kendall_tau

CHILDREN = 4
"""Networks that ``tournament`` measures at each step; the last of them is a random one."""

Rule = Callable[[NetworkTable, float, float, Random], Outcome]
"""A function of the table, the budget in FLOPs, the noise in points and a generator."""


def once(table: NetworkTable, flops: float, noise: float, generator: Random) -> Outcome:
    """Read once what the first network is with each layer degraded, and keep to that order.

    The layer that is missed least is degraded first. When all were degraded once, the same order
    begins again.

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        noise: Deviation of a reading, in points.
        generator: What the noise is drawn from.
    """
    network, taus = table.largest, []
    readings = _by_layer(table, network, noise, generator)
    while table.flops[network] > flops:
        network, more = _in_order(table, flops, network, readings, len(readings))
        taus += more
    return Outcome(network, len(readings), mean_known(taus))


def weakest(table: NetworkTable, flops: float, noise: float, generator: Random) -> Outcome:
    """Read the network with each layer degraded, degrade a third of the layers, and repeat.

    So does nac's policy ``weakest``: it ranks once per iteration, and prunes at most a third of the
    branches of a stage, but at least one (:mod:`nac.construction.policies`).

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        noise: Deviation of a reading, in points.
        generator: What the noise is drawn from.
    """
    network, taus, count = table.largest, [], 0
    while table.flops[network] > flops:
        readings = _by_layer(table, network, noise, generator)
        count += len(readings)
        network, more = _in_order(table, flops, network, readings, max(1, len(readings) // 3))
        taus += more
    return Outcome(network, count, mean_known(taus))


def rounds(table: NetworkTable, flops: float, noise: float, generator: Random) -> Outcome:
    """Read the network with each layer degraded, keep the one that is read best, and repeat.

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        noise: Deviation of a reading, in points.
        generator: What the noise is drawn from.
    """
    network, decisions = table.largest, []
    while table.flops[network] > flops:
        decisions.append(read(table, children(network), noise, generator))
        network = decisions[-1].best
    return outcome(network, decisions)


def tournament(table: NetworkTable, flops: float, noise: float, generator: Random) -> Outcome:
    """Propose networks with one layer degraded, measure each, keep the best, and repeat.

    All of them are read as in :func:`rounds`. Those that are read best are proposed, and one of the
    others at random. To measure is to read a second time, with noise of the same deviation. Both
    kinds of readings count; tau is that of the first.

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        noise: Deviation of a reading, in points.
        generator: What the noise and the random networks are drawn from.
    """
    network, decisions, measured = table.largest, [], []
    while table.flops[network] > flops:
        decisions.append(read(table, children(network), noise, generator))
        proposed = _proposed(decisions[-1], generator)
        measured.append(read(table, proposed, noise, generator))
        network = measured[-1].best
    return outcome(network, decisions, measured)


RULES: Mapping[str, Rule] = {
    "once": once,
    "weakest": weakest,
    "rounds": rounds,
    "tournament": tournament,
}
"""Name of a rule that prunes by readings -> the rule."""


def _by_layer(
    table: NetworkTable, network: str, noise: float, generator: Random
) -> dict[int, float]:
    """Return layer -> reading of the network with this layer degraded."""
    values = read(table, children(network), noise, generator).values
    return dict(zip(degradable(network), values, strict=True))


def _in_order(
    table: NetworkTable, flops: float, network: str, readings: Mapping[int, float], limit: int
) -> tuple[str, list[float | None]]:
    """Degrade at most ``limit`` layers, those with the best readings first.

    Returns:
        The network, and a tau for each removal: that of the readings, some of which are old by
        then, with the true accuracies after each removal that is still possible.
    """
    order = sorted(readings, key=lambda layer: -readings[layer])
    taus = []
    for place in range(limit):
        if table.flops[network] <= flops:
            break
        following = order[place:]
        true = [table.accuracies[degraded(network, layer)] for layer in following]
        taus.append(kendall_tau([readings[layer] for layer in following], true))
        network = degraded(network, following[0])
    return network, taus


def _proposed(readings: Readings, generator: Random) -> list[str]:
    """Return the networks with the best readings, and one of the others."""
    pairs = zip(readings.values, readings.networks, strict=True)
    ranked = [network for _, network in sorted(pairs, key=lambda pair: -pair[0])]
    best, others = ranked[: CHILDREN - 1], ranked[CHILDREN - 1 :]
    return [*best, generator.choice(others)] if others else best
