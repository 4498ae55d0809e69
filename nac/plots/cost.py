"""Search cost against error, ours and the published ones. Needs matplotlib.

Errors of different data sets never share axes: runs on another data set than the published
numbers have a panel of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from nac.drawing.style import ACCENT, MUTED, SERIES, WARNING, new_figure, styled
from nac.plots.cost_data import Cost, cost_of
from nac.plots.files import Drawing, Table
from nac.plots.labels import Box, place_labels
from nac.plots.published import CIFAR10, SOURCE, Published
from nac.runs.saved_run import Run

HEIGHT = 560
BOTTOM, PLOT_HEIGHT = 0.11, 0.71
UNITS = (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0))


def cost_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``cost``.

    Args:
        run: The first of the runs that are shown.
        others: The others.

    Raises:
        NothingToShowError: A run is not finished, or its network was not trained.
    """
    costs = [cost_of(each) for each in (run, *others)]
    yield Drawing(
        "cost", cost_figure(costs, f"{run.name}: search cost and error"), cost_table(costs)
    )


def cost_table(costs: Sequence[Cost]) -> Table:
    """Return a row per published method and per run."""
    header = ("name", "source", "data_set", "device", "search_days", "error_percent", "split")
    rows = [(x.method, SOURCE, "cifar10", "GPU", x.days, x.error, "test") for x in CIFAR10]
    for cost in costs:
        name = f"{cost.run} ({cost.notation})"
        measured = (cost.dataset, cost.device, cost.days, cost.error, cost.split)
        rows.append((name, "measured here", *measured))
    return Table(header, rows)


@styled
def cost_figure(costs: Sequence[Cost], title: str = "") -> Figure:
    """Return published costs and errors, and ours beside them or in a panel of their own.

    Args:
        costs: The costs of our runs.
        title: Title of the figure.
    """
    ours = [cost for cost in costs if cost.comparable]
    other = [cost for cost in costs if not cost.comparable]
    figure = new_figure(HEIGHT, title or "Search cost and error", f"Published: {SOURCE}.")
    width = 0.55 if other else 0.92
    axes = figure.add_axes((0.055, BOTTOM, width, PLOT_HEIGHT))
    _draw(axes, [*map(_published, CIFAR10), *(_measured(cost, 86400) for cost in ours)], "test")
    axes.set_title("CIFAR-10: open marks are published, full ones measured here")
    axes.set_xlabel("search (days of one device, logarithmic); parameters beside the names")
    if other:
        _draw_other(figure, figure.add_axes((0.68, BOTTOM, 0.305, PLOT_HEIGHT)), other)
    return figure


@dataclass(frozen=True)
class _Point:
    x: float
    error: float
    text: str
    style: dict[str, Any]


def _published(row: Published) -> _Point:
    own = row.method.startswith("NAC")
    color = SERIES[2] if own else MUTED
    style = {"marker": "D" if own else "o", "mfc": "white", "mec": color, "mew": 1.6}
    return _Point(row.days, row.error, f"{row.method}, {row.parameters:g}M", style)


def _measured(cost: Cost, unit: float) -> _Point:
    text = f"{cost.run}, {cost.notation}\n{cost.device}"
    style = {"marker": "o", "mfc": ACCENT, "mec": ACCENT, "markersize": 8}
    return _Point(cost.seconds / unit, cost.error, text, style)


def _draw_other(figure: Figure, axes: Axes, costs: Sequence[Cost]) -> None:
    unit, seconds = _unit(max(cost.seconds for cost in costs))
    split = " and ".join(sorted({cost.split for cost in costs}))
    names = ", ".join(sorted({cost.dataset for cost in costs}))
    _draw(axes, [_measured(cost, seconds) for cost in costs], split)
    axes.set_title(f"{names}, measured here")
    axes.set_xlabel(f"search (device {unit}, logarithmic)")
    text = f"Another data set ({names}): its errors do not\ncompare with those of CIFAR-10."
    position = (axes.get_position().x0, 1 - 40 / HEIGHT)
    figure.text(*position, text, size=8, color=WARNING, va="top")


def _draw(axes: Axes, points: Sequence[_Point], split: str) -> None:
    _scale(axes, [point.x for point in points])
    axes.set_ylim(0, 1.25 * max([0.1, *(point.error for point in points)]))
    axes.set_ylabel(f"{split} error (%)")
    for point in points:
        axes.plot(point.x, point.error, **point.style)
    _label(axes, points)


def _label(axes: Axes, points: Sequence[_Point]) -> None:
    """Write the labels beside the points, where they cover nothing."""
    pixels = [tuple(axes.transData.transform((point.x, point.error))) for point in points]
    boxes = place_labels(pixels, [point.text for point in points], Box(*axes.bbox.extents))
    for point, box in zip(points, boxes, strict=True):
        center = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        position = axes.transData.inverted().transform(center)
        color = point.style["mec"]
        axes.text(*position, point.text, size=8, color=color, ha="center", va="center")


def _unit(seconds: float) -> tuple[str, float]:
    """Return the largest unit that fits into the duration."""
    return next((unit for unit in UNITS if seconds >= unit[1]), UNITS[-1])


def _scale(axes: Axes, values: Sequence[float]) -> None:
    """Make x logarithmic, with ticks at 1, 2 and 5, or at powers of ten where it is long."""
    low, high = min(values) / 2.5, max(values) * 4
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    factors = (1,) if high / low > 300 else (1, 2, 5)
    ticks = [factor * 10.0**power for power in range(-6, 7) for factor in factors]
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
