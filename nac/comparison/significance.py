"""Whether a network is significantly better than others. Pure NumPy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 10_000
CONFIDENCE = 95
FEW_SEEDS = 5
"""With fewer seeds an interval is rough."""

Accuracies = Mapping[int, float]
"""Seed -> accuracy of one network."""


@dataclass(frozen=True)
class Difference:
    """By how much a network's accuracy exceeds that of others.

    Attributes:
        against: Kind of the others.
        mean: Mean of the paired differences.
        low: Lower end of the 95% interval, None with fewer than two seeds.
        high: Upper end, None likewise.
        networks: Number of the others that have a result.
        seeds: Number of seeds that count.
    """

    against: str
    mean: float
    low: float | None
    high: float | None
    networks: int
    seeds: int


def paired_differences(one: Accuracies, others: Sequence[Accuracies]) -> np.ndarray:
    """Return accuracy of one - accuracy of another, both with the same seed.

    Args:
        one: The network in question.
        others: The networks to compare it with.

    Returns:
        Shape (others, seeds of one), NaN where another has no result. Others without any result
        and seeds that none of them has are left out.
    """
    seeds = sorted(one)
    rows = [[one[seed] - other.get(seed, np.nan) for seed in seeds] for other in others]
    table = np.array(rows, float).reshape(len(others), len(seeds))
    known = ~np.isnan(table)
    return table[known.any(axis=1)][:, known.any(axis=0)]


def difference(against: str, one: Accuracies, others: Sequence[Accuracies]) -> Difference | None:
    """Return mean and bootstrap interval of the paired differences, None if there are none.

    The bootstrap has two levels: networks and seeds are resampled independently, with replacement
    (with a single other network, only the seeds), since the choice of both is random. The interval
    is between percentiles of the means.

    Args:
        against: Kind of the others.
        one: The network in question.
        others: The networks to compare it with.
    """
    table = paired_differences(one, others)
    if not table.size:
        return None
    low, high = _interval(table) if table.shape[1] > 1 else (None, None)
    return Difference(against, float(np.nanmean(table)), low, high, *table.shape)


def _interval(table: np.ndarray) -> tuple[float, float]:
    generator = np.random.default_rng(0)
    networks, seeds = (_drawn_counts(size, generator) for size in table.shape)
    known = ~np.isnan(table)
    sums = _weighted(networks, np.where(known, table, 0.0), seeds)
    counts = _weighted(networks, known.astype(float), seeds)
    means = sums[counts > 0] / counts[counts > 0]
    rest = (100 - CONFIDENCE) / 2
    low, high = np.percentile(means, [rest, 100 - rest])
    return float(low), float(high)


def _drawn_counts(size: int, generator: np.random.Generator) -> np.ndarray:
    """Return how often each of ``size`` items is in each resample, shape (draws, size)."""
    return generator.multinomial(size, np.full(size, 1 / size), DRAWS).astype(float)


def _weighted(networks: np.ndarray, table: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    return np.einsum("br,rk,bk->b", networks, table, seeds, optimize=True)


def rank(one: float, others: Sequence[float]) -> int:
    """Return the rank of one among the others, 1 for the best; equals share the better rank."""
    return 1 + sum(other > one for other in others)
