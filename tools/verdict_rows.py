"""What constructions and draws came to, seed by seed, as a table for tools/verdict.py."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nac.utils.statistics import deviation, mean

QUANTILES = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
"""97.5% quantiles of Student's t with 1, 2, ... degrees of freedom."""


@dataclass(frozen=True)
class Found:
    """What one construction, or one draw, came to.

    Attributes:
        accuracy: Test accuracy after a full training.
        parameters: Number of trainable parameters.
        flops: FLOPs per image.
        seconds: Seconds of the search, None for networks that are not searched.
    """

    accuracy: float
    parameters: float
    flops: float
    seconds: float | None = None


Row = Mapping[int, Found]
"""Seed -> what was found with it."""


def average(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return float(mean(values) or 0.0)


def difference(one: Row, other: Row) -> tuple[float, float | None]:
    """Return the mean difference of accuracies with the same seed, and half of its 95% interval.

    Example:
    >>> rows = [{s: Found(a, 1, 1) for s, a in enumerate(values)} for values in ([3, 5], [2, 2])]
    >>> difference(*rows)
    (2.0, 12.71)
    """
    values = [one[seed].accuracy - other[seed].accuracy for seed in one if seed in other]
    spread, count = deviation(values), len(values)
    half = None if spread is None else QUANTILES[min(count, 13) - 2] * spread / math.sqrt(count)
    return average(values), half


def table(rows: Mapping[str, Row]) -> str:
    """Return a table in Markdown; the first row is that with which others are compared."""
    titles = ("network", "parameters", "FLOPs", "search", "accuracy", "deviation", "first is ahead")
    lines = [f"| {' | '.join(titles)} |", f"| --- {'| ---: ' * 6}|"]
    first = next(iter(rows.values()))
    for name, row in rows.items():
        lines.append(f"| {' | '.join([name, *_cells(row), _ahead(first, row)])} |")
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    entries = list(row.values())
    accuracies = [entry.accuracy for entry in entries]
    seconds = [entry.seconds for entry in entries if entry.seconds is not None]
    spread = deviation(accuracies)
    return [
        f"{average([entry.parameters for entry in entries]):,.0f}",
        f"{average([entry.flops for entry in entries]):,.0f}",
        f"{average(seconds):.0f} s" if seconds else "-",
        f"{average(accuracies):.4f}",
        "-" if spread is None else f"{spread:.4f}",
    ]


def _ahead(first: Row, row: Row) -> str:
    if row is first:
        return ""
    points, half = difference(first, row)
    points *= 100
    interval = "" if half is None else f" [{points - 100 * half:+.2f}, {points + 100 * half:+.2f}]"
    return f"{points:+.2f}{interval}"
