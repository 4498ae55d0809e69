"""Mean, deviation, and how far two rankings agree."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Kendall's tau-b of two lists of values of the same things.

    1.0 is the same order, -1.0 the opposite one. A pair that is tied in a list counts for neither,
    and the number of pairs that it is divided by is that of the untied ones (Kendall, "Rank
    Correlation Methods", chapter 3).

    Args:
        first: finite values.
        second: as many.

    Returns:
        None where there is nothing to order: fewer than two values, or all equal in one list.
    """
    agreement = sum(
        _sign(a - b) * _sign(c - d)
        for (a, c), (b, d) in combinations(zip(first, second, strict=True), 2)
    )
    untied = _untied_pairs(first) * _untied_pairs(second)
    return agreement / math.sqrt(untied) if untied else None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _untied_pairs(values: Sequence[float]) -> int:
    tied = sum(math.comb(count, 2) for count in Counter(values).values())
    return math.comb(len(values), 2) - tied


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, None of nothing."""
    return float(np.mean(values)) if len(values) else None


def deviation(values: Sequence[float]) -> float | None:
    """Return the sample deviation (divided by n - 1), None of fewer than two values."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
