"""Accuracy that rules of pruning arrive at, against tau of their readings. Needs matplotlib."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nac.drawing.style import INK, MUTED, SERIES, WIDTH, new_figure, styled
from nac.plots.labels import spread
from nac.replaying.replay import BEST, GROUPED, RANDOM_NETWORK, SEARCH, Replay, Row
from nac.replaying.report import count_of
from nac.replaying.rules import RULES

HEIGHT = 560
PLACE = (0.055, 0.1, 0.72, 0.72)
"""Left edge, lower edge, width and height of the axes, as shares of the figure."""

LABELLED = "rounds"
"""The rule whose marks have the noise beside them."""

LABEL_GAP = 0.03
"""Smallest distance of the names of two lines, as a share of the height of the axes."""


@styled
def replay_figure(replay: Replay, title: str = "") -> Figure:
    """Return a curve per rule and a horizontal line for each thing that it should beat.

    Args:
        replay: What the rules arrived at.
        title: Title of the figure.
    """
    subtitle = (
        f"Within {replay.flops:{GROUPED}} FLOPs, mean over {count_of(replay.seeds)}. Beside the"
        f" marks of {LABELLED}: noise of a reading, in points; the other rules have the same."
    )
    figure = new_figure(HEIGHT, title or "How good must readings be?", subtitle)
    axes = figure.add_axes(PLACE)
    axes.set_xlabel("Kendall's tau of the readings with the true accuracies")
    axes.set_ylabel("accuracy of the network that is arrived at (%)")
    curves = {name: _curve(replay.rows, name) for name in RULES}
    for (name, rows), color in zip(curves.items(), SERIES, strict=False):
        points = [(row.tau, row.accuracy) for row in rows]
        axes.plot(*zip(*points, strict=True) if points else ([], []), "o-", color=color, label=name)
    corner = (16 / WIDTH - 0.004, 1 - 56 / HEIGHT)
    figure.legend(loc="upper left", bbox_to_anchor=corner, ncols=len(curves))
    _draw_lines(axes, _lines(replay.rows))
    _label_noise(axes, curves[LABELLED])
    return figure


def _curve(rows: Sequence[Row], rule: str) -> list[Row]:
    """Return the rows of a rule that have a tau, in its order."""
    known = [(row.tau, row) for row in rows if row.rule == rule and row.tau is not None]
    return [row for _, row in sorted(known, key=lambda pair: pair[0])]


def _lines(rows: Sequence[Row]) -> dict[str, float]:
    """Return name -> accuracy of the lines; random search has its least and its most noise."""
    lines = {row.rule: row.accuracy for row in rows if row.rule in (BEST, RANDOM_NETWORK)}
    searches = sorted((row.noise, row.accuracy) for row in rows if row.rule == SEARCH)
    for noise, accuracy in (searches[0], searches[-1]):
        lines[f"{SEARCH}, noise {noise:g}"] = accuracy
    return lines


def _draw_lines(axes: Axes, lines: dict[str, float]) -> None:
    for accuracy in lines.values():
        axes.axhline(accuracy, color=MUTED, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    places = spread(list(lines.values()), LABEL_GAP * (high - low), low, high)
    for name, place in zip(lines, places, strict=True):
        axes.text(1.01, place, name, transform=axes.get_yaxis_transform(), va="center", color=INK)


def _label_noise(axes: Axes, rows: Sequence[Row]) -> None:
    """Write the noise at the lower right of the marks; the curve goes up."""
    for row in rows:
        place = {"xytext": (7, -9), "textcoords": "offset points"}
        axes.annotate(f"{row.noise:g}", (row.tau, row.accuracy), size=8, color=INK, **place)
