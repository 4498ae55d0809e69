"""All rules at several levels of noise, each averaged over seeds."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from nac.replaying.chance import random_pruning, random_search
from nac.replaying.readings import Outcome, mean_known
from nac.replaying.rules import RULES, rounds
from nac.replaying.table import NetworkTable
from nac.utils.errors import InputError
from nac.utils.statistics import deviation

SHARE = 0.92
"""A random network costs at least this share of the budget."""

SEARCHED = 10
"""Networks that the small random search reads: about as many as pruning takes removals."""

GROUPED = ",.12g"
"""Format of FLOPs: commas, and digits behind the point only if there are any."""

EQUAL_TO = "rounds"
"""The rule whose number of readings the larger random search has."""

SEARCH, EQUAL_SEARCH = f"random search of {SEARCHED}", "random search, equal readings"
RANDOM_PRUNING, RANDOM_NETWORK = "random pruning", "mean random network"
EXACT, BEST = "exact worth", "best network"


@dataclass(frozen=True)
class Row:
    """A rule at one level of noise, or a reference.

    Attributes:
        rule: Its name.
        noise: Deviation of a reading in points, None where nothing is read.
        tau: Kendall's tau of readings and true accuracies, the mean over decisions and seeds; None
            where there is none.
        readings: Mean number of readings.
        accuracy: Mean accuracy of the network that is arrived at, in percent.
        deviation: Its sample deviation over seeds, or over networks; None with fewer than two.
    """

    rule: str
    noise: float | None
    tau: float | None
    readings: float
    accuracy: float
    deviation: float | None


@dataclass(frozen=True)
class Replay:
    """What ``nac replay`` found.

    Attributes:
        table: File of the networks.
        networks: Their number.
        start: The network that is pruned.
        flops: The budget in FLOPs.
        random_networks: Number of networks that cost at least ``SHARE`` of the budget, within it.
        seeds: Number of seeds.
        rows: The rules by name and noise, then the references.
    """

    table: str
    networks: int
    start: str
    flops: float
    random_networks: int
    seeds: int
    rows: tuple[Row, ...]


def replay(table: NetworkTable, flops: float, noises: Sequence[float], seeds: int) -> Replay:
    """Run every rule at every level of noise, with the seeds 0, 1, ...

    Args:
        table: The networks.
        flops: The budget in FLOPs.
        noises: Deviations of a reading, in points.
        seeds: Number of seeds, at least 1.

    Raises:
        InputError: Pruning cannot meet the budget or has nothing to do, or no network costs about
            as much as the budget.
    """
    pool = _random_networks(table, flops)
    row = partial(_row, table, seeds)
    pruned = [
        row(name, noise, partial(rule, table, flops, noise))
        for name, rule in RULES.items()
        for noise in noises
    ]
    searched = [
        row(name, noise, partial(random_search, table, pool, count, noise))
        for name, noise, count in _searches(pruned)
    ]
    random = row(RANDOM_PRUNING, None, partial(random_pruning, table, flops))
    rows = (*pruned, *searched, random, *_references(table, flops, pool))
    size, start = len(table.flops), table.largest
    return Replay(table.source, size, start, flops, len(pool), seeds, rows)


def _searches(pruned: Sequence[Row]) -> list[tuple[str, float, int]]:
    """Return name, noise and number of readings of the random searches."""
    readings = {row.noise: row.readings for row in pruned if row.rule == EQUAL_TO}
    noises = [(noise, count) for noise, count in readings.items() if noise is not None]
    small = [(SEARCH, noise, SEARCHED) for noise, _ in noises]
    return small + [(EQUAL_SEARCH, noise, round(count)) for noise, count in noises]


def _random_networks(table: NetworkTable, flops: float) -> list[str]:
    """Return the networks that a random one within the budget is drawn from."""
    low, high = table.flops[table.smallest], table.flops[table.largest]
    if not low <= flops < high:
        raise InputError(
            f"--flops: expected at least {low:{GROUPED}}, the FLOPs of {table.smallest} in"
            f" {table.source}, and less than {high:{GROUPED}}, those of {table.largest}, which is"
            f" pruned; received {flops:{GROUPED}}"
        )
    pool = table.within(SHARE * flops, flops)
    if not pool:
        raise InputError(
            f"--flops: expected a budget of which some network in {table.source} takes {SHARE:.0%}"
            f" to 100%, received {flops:{GROUPED}}"
        )
    return pool


def _row(
    table: NetworkTable,
    seeds: int,
    rule: str,
    noise: float | None,
    run: Callable[[Random], Outcome],
) -> Row:
    outcomes = [run(Random(seed)) for seed in range(seeds)]
    accuracies = [table.accuracies[outcome.network] for outcome in outcomes]
    return Row(
        rule=rule,
        noise=noise,
        tau=mean_known([outcome.tau for outcome in outcomes]),
        readings=statistics.fmean(outcome.readings for outcome in outcomes),
        accuracy=statistics.fmean(accuracies),
        deviation=deviation(accuracies),
    )


def _references(table: NetworkTable, flops: float, pool: Sequence[str]) -> list[Row]:
    """Return the rows of what needs no seeds."""
    accuracies = [table.accuracies[network] for network in pool]
    best = max(table.accuracies[network] for network in table.within(0.0, flops))
    return [
        Row(RANDOM_NETWORK, None, None, 0, statistics.fmean(accuracies), deviation(accuracies)),
        _row(table, 1, EXACT, 0.0, partial(rounds, table, flops, 0.0)),
        Row(BEST, None, None, 0, best, None),
    ]
