"""Networks of a comparison as marks on axes: accuracy against what it costs. Needs matplotlib."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from nac.comparison.networks import KINDS, RANDOM
from nac.comparison.result import ComparisonResult, NetworkResult, RivalEntry, of_kind
from nac.drawing.style import FAINT, INK
from nac.plots.comparison import STYLES

HEIGHT = 480
BOTTOM, PLOT_HEIGHT = 0.12, 0.68

RIVAL_COLORS = {"keras_tuner": "#b3261e", "autokeras": "#1b6e53"}
RIVAL_MARKERS = ("*", "p", "h", "8")
"""Rivals take them in turn; no network has one of these."""


@dataclass(frozen=True)
class Mark:
    """A network or a rival in a figure.

    Attributes:
        entry: What it stands for.
        label: Its name in the legend.
        style: Color and marker.
        filled: Whether the marker is filled.
    """

    entry: NetworkResult | RivalEntry
    label: str
    style: dict[str, Any]
    filled: bool = True

    def line_style(self) -> dict[str, Any]:
        """Return the arguments of matplotlib for this mark."""
        face = {} if self.filled else {"markerfacecolor": "none"}
        return {"markersize": 7, "linestyle": "none", **self.style, **face}


def network_marks(result: ComparisonResult) -> list[Mark]:
    """Return marks of networks that have a result, random ones first, so that others cover them."""
    kinds = [RANDOM, *(kind for kind in reversed(KINDS) if kind != RANDOM)]
    networks = [network for kind in kinds for network in of_kind(result.networks, kind)]
    return [Mark(x, x.kind.replace("_", " "), _network_style(x.kind)) for x in networks]


def _network_style(kind: str) -> dict[str, Any]:
    color, _, marker = STYLES[kind]
    return {"color": FAINT if kind == RANDOM else color, "marker": marker}


def rival_marks(result: ComparisonResult) -> list[Mark]:
    """Return marks of rivals that have a result."""
    marks = []
    for number, entry in enumerate(result.rivals):
        marker = RIVAL_MARKERS[number % len(RIVAL_MARKERS)]
        style = {"color": RIVAL_COLORS.get(entry.name, INK), "marker": marker, "markersize": 11}
        if entry.results:
            marks.append(Mark(entry, entry.label, style))
    return marks


def draw_marks(axes: Axes, marks: Sequence[tuple[float, Mark]], label: str) -> None:
    """Draw mean accuracy and deviation of each mark over a logarithmic axis.

    Args:
        axes: Empty axes.
        marks: (x, mark) of each.
        label: Label of the x axis.
    """
    axes.set_xlabel(label)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}"))
    if not marks:
        return
    _scale(axes, [x for x, _ in marks])
    for x, mark in marks:
        style = mark.line_style() | {"elinewidth": 1.2, "capsize": 3}
        axes.errorbar(x, mark.entry.mean, yerr=mark.entry.deviation, **style)
    axes.margins(y=0.08)


def draw_legend(figure: Figure, marks: Sequence[Mark]) -> None:
    """Name the marks in one row above the axes, as networks of equal cost are close together."""
    counts = Counter(mark.label for mark in marks)
    order = [kind.replace("_", " ") for kind in KINDS]
    shown = {mark.label: mark for mark in marks}
    labels = sorted(shown, key=lambda label: order.index(label) if label in order else len(order))
    texts = [f"{label} ({counts[label]})" if counts[label] > 1 else label for label in labels]
    lines = [Line2D([], [], **shown[label].line_style()) for label in labels]
    place = {"loc": "upper left", "bbox_to_anchor": (0.045, 1 - 58 / HEIGHT)}
    figure.legend(lines, texts, ncols=max(1, len(labels)), borderpad=0, **place)


def _scale(axes: Axes, values: Sequence[float]) -> None:
    """Make x logarithmic, with ticks at 1, 2 and 5."""
    low, high = min(values) / 1.4, max(values) * 1.4
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [factor * 10.0**power for power in range(-3, 12) for factor in (1, 2, 5)]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
