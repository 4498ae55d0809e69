"""The table of tools/verdict.py as a figure: each seed, and what is certain. Needs matplotlib."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from nac.drawing.style import ACCENT, INK, MUTED, new_figure, styled
from tools.verdict_rows import Row, average, difference

TOP, BOTTOM, ROW_HEIGHT = 92, 56, 26
"""Pixels above and below the axes, and of a row."""


@styled
def verdict_figure(rows: Mapping[str, Row], title: str) -> Figure:
    """Return accuracies at the left, and how far the first row is ahead at the right.

    Args:
        rows: Title -> what was found with each seed; others are compared with the first.
        title: Title of the figure.
    """
    best = next(iter(rows))
    ranked = [best, *sorted((name for name in rows if name != best), key=lambda x: -_mean(rows[x]))]
    height = TOP + BOTTOM + ROW_HEIGHT * len(ranked)
    subtitle = f"A dot per seed, a bar at the mean. Right: {best} minus the row, paired by seed."
    figure = new_figure(height, title, subtitle)
    lower, tall = BOTTOM / height, 1 - (TOP + BOTTOM) / height
    left = figure.add_axes((0.14, lower, 0.4, tall))
    right = figure.add_axes((0.57, lower, 0.4, tall))
    _draw_accuracies(left, {name: rows[name] for name in ranked})
    _draw_differences(right, {name: difference(rows[best], rows[name]) for name in ranked[1:]})
    for axes in (left, right):
        axes.set_ylim(len(ranked) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
    left.set_yticks(range(len(ranked)), ranked)
    left.get_yticklabels()[0].set(color=ACCENT, fontweight="bold")
    right.set_yticks(range(len(ranked)), [])
    return figure


def _mean(row: Row) -> float:
    return average([found.accuracy for found in row.values()])


def _draw_accuracies(axes: Axes, rows: Mapping[str, Row]) -> None:
    axes.set_title("test accuracy (%) after a full training")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}"))
    for place, row in enumerate(rows.values()):
        color = MUTED if place else ACCENT
        values = [found.accuracy for found in row.values()]
        axes.plot(values, [place] * len(values), "o", color=color, alpha=0.5, markersize=5)
        axes.plot([_mean(row)] * 2, [place - 0.33, place + 0.33], color=color, linewidth=2.5)


def _draw_differences(axes: Axes, differences: Mapping[str, tuple[float, float | None]]) -> None:
    """Draw each difference with its interval, in points; the first row has none."""
    axes.set_title("points ahead, with its 95% interval by Student's t")
    axes.axvline(0, color=INK, linewidth=1)
    for place, (points, half) in enumerate(differences.values(), start=1):
        clear = half is not None and points - half > 0
        style = {"fmt": "o", "color": ACCENT if clear else MUTED, "capsize": 3, "markersize": 5}
        axes.errorbar(100 * points, place, xerr=None if half is None else 100 * half, **style)
