"""What accuracy costs: all networks of a comparison by size and time. Needs matplotlib."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from nac.comparison.networks import KINDS, RANDOM
from nac.comparison.result import ComparisonResult, NetworkResult, of_kind
from nac.drawing.style import FAINT, new_figure, styled
from nac.plots.comparison import STYLES
from nac.plots.comparison_data import comparisons_of
from nac.plots.files import Drawing, Table
from nac.runs.saved_run import Run

HEIGHT = 480
BOTTOM, PLOT_HEIGHT = 0.12, 0.68


@dataclass(frozen=True)
class Panel:
    """What is on the x axis of a panel.

    Attributes:
        left: Left edge of its axes as a share of the figure's width.
        label: Label of the x axis.
        value: Returns the value of a network, None if it is not known.
    """

    left: float
    label: str
    value: Callable[[NetworkResult], float | None]


PANELS = (
    Panel(0.055, "trainable parameters (logarithmic)", lambda network: network.parameters),
    Panel(0.555, "seconds of a training (logarithmic)", lambda network: network.seconds),
)


def size_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``comparison_sizes`` and ``comparison_validation_sizes``, those of the two that exist.

    Args:
        run: The run whose comparisons are drawn.
        others: Not used.

    Raises:
        NothingToShowError: There is no comparison.
        InputError: The result of one is damaged.
    """
    for directory, result in comparisons_of(run).items():
        figure = size_figure(result, f"{run.name}: what accuracy costs")
        yield Drawing(f"{directory.name}_sizes", figure, size_table(result))


def size_table(result: ComparisonResult) -> Table:
    """Return a row per network that has a result."""
    header = ("network", "kind", "notation", "parameters", "flops", "seconds", "mean", "deviation")
    rows = [
        (x.name, x.kind, x.notation, x.parameters, x.flops, x.seconds, x.mean, x.deviation)
        for x in shown(result)
    ]
    return Table(header, rows)


def shown(result: ComparisonResult) -> list[NetworkResult]:
    """Return the networks that have a result, random ones first, so that others cover them."""
    kinds = [RANDOM, *(kind for kind in reversed(KINDS) if kind != RANDOM)]
    return [network for kind in kinds for network in of_kind(result.networks, kind)]


@styled
def size_figure(result: ComparisonResult, title: str = "") -> Figure:
    """Return accuracy against parameters at the left, against seconds at the right.

    Args:
        result: The comparison.
        title: Title of the figure.
    """
    subtitle = f"Mean {result.split} accuracy over the seeds, and one deviation on both sides."
    figure = new_figure(HEIGHT, title or "What accuracy costs", subtitle)
    networks = shown(result)
    for panel in PANELS:
        axes = figure.add_axes((panel.left, BOTTOM, 0.43, PLOT_HEIGHT))
        _draw(axes, panel, [network for network in networks if panel.value(network)])
    _draw_legend(figure, networks)
    figure.axes[0].set_ylabel(f"{result.split} accuracy (%)")
    return figure


def _draw(axes: Axes, panel: Panel, networks: Sequence[NetworkResult]) -> None:
    axes.set_xlabel(panel.label)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}"))
    if not networks:
        return
    _scale(axes, [panel.value(network) for network in networks])
    for network in networks:
        style = _style(network.kind) | {"elinewidth": 1.2, "capsize": 3}
        axes.errorbar(panel.value(network), network.mean, yerr=network.deviation, **style)
    axes.margins(y=0.08)


def _style(kind: str) -> dict[str, Any]:
    color, _, marker = STYLES[kind]
    color = FAINT if kind == RANDOM else color
    return {"color": color, "marker": marker, "markersize": 7, "linestyle": "none"}


def _draw_legend(figure: Figure, networks: Sequence[NetworkResult]) -> None:
    """Name the marks in one row above the panels, as networks of equal size are close together."""
    counts = Counter(network.kind for network in networks)
    kinds = [kind for kind in KINDS if kind in counts]
    names = [kind.replace("_", " ") for kind in kinds]
    texts = [
        f"{name} ({counts[kind]})" if counts[kind] > 1 else name
        for kind, name in zip(kinds, names, strict=True)
    ]
    marks = [Line2D([], [], **_style(kind)) for kind in kinds]
    place = {"loc": "upper left", "bbox_to_anchor": (0.045, 1 - 58 / HEIGHT)}
    figure.legend(marks, texts, ncols=max(1, len(kinds)), borderpad=0, **place)


def _scale(axes: Axes, values: Sequence[float]) -> None:
    """Make x logarithmic, with ticks at 1, 2 and 5."""
    low, high = min(values) / 1.4, max(values) * 1.4
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [factor * 10.0**power for power in range(-3, 12) for factor in (1, 2, 5)]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
