"""The constructed network beside others (as Figure 3 of the paper). Needs matplotlib."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, StrMethodFormatter

from nac.architecture.handmade import MOBILENET_V2, PLAIN_CNN, RESNET
from nac.comparison.networks import (
    CONSTRUCTED,
    DRAWN,
    KINDS,
    PRIOR,
    RANDOM,
    RANDOM_SEARCH,
    REFERENCE,
    SHUFFLED,
    WORST_CASE,
)
from nac.comparison.result import ComparisonResult, NetworkResult, of_kind
from nac.drawing.style import FAINT, INK, MUTED, SERIES, new_figure, styled
from nac.plots.comparison_data import (
    ComparisonCurves,
    comparisons_of,
    mean_curve,
    read_curves,
)
from nac.plots.files import Drawing, Table
from nac.plots.labels import spread
from nac.runs.saved_run import Run
from nac.tensorboard.events import Curve

STYLES = {
    CONSTRUCTED: (SERIES[0], "-", "o"),
    PRIOR: (SERIES[2], (0, (6, 2)), "s"),
    WORST_CASE: (SERIES[5], (0, (2, 1.5)), "v"),
    PLAIN_CNN: ("#8f5f00", (0, (8, 2)), "^"),
    RESNET: (SERIES[6], (0, (4, 1)), "P"),
    MOBILENET_V2: ("#a3185a", (0, (1, 1)), "X"),
    RANDOM_SEARCH: ("#00696b", (0, (3, 1, 1, 1)), "<"),
    RANDOM: (MUTED, "-", "o"),
    SHUFFLED: ("#6b5b95", "-", "o"),
    REFERENCE: (SERIES[3], (0, (6, 2, 1, 2)), "D"),
}
"""Kind of a network -> color, dashes and marker."""

PLOT_TOP, LOWEST_PLOT, ROW_HEIGHT = 92, 460, 19
CHARACTERS = 180
"""Characters in a line as wide as the figure."""


def comparison_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``comparison`` and ``comparison_validation``, those of the two that exist.

    Args:
        run: The run whose comparisons are drawn.
        others: Not used.

    Raises:
        NothingToShowError: There is no comparison.
        InputError: The result of one is damaged.
    """
    title = f"{run.name}: constructed and other networks"
    for directory, result in comparisons_of(run).items():
        curves = read_curves(directory, result)
        figure = comparison_figure(result, curves, title)
        yield Drawing(directory.name, figure, comparison_table(result, curves))


def comparison_table(result: ComparisonResult, curves: ComparisonCurves) -> Table:
    """Return all curves, and the final accuracies as rows without a step."""
    header = ("network", "kind", "notation", "parameters", "seed", "split", "step", "accuracy")
    rows = []
    for network in result.networks:
        start = (network.name, network.kind, network.notation, network.parameters)
        for seed, accuracy in network.accuracies.items():
            curve = curves.by_network.get(network.name, {}).get(seed, [])
            rows += [(*start, seed, curves.split, step, y) for step, y in curve]
            rows.append((*start, seed, result.split, None, accuracy))
    return Table(header, rows)


@styled
def comparison_figure(
    result: ComparisonResult, curves: ComparisonCurves, title: str = ""
) -> Figure:
    """Return accuracy over the steps at the left, final accuracy of each network at the right."""
    statement = textwrap.wrap(result.statement, CHARACTERS)
    top = PLOT_TOP + 15 * max(0, len(statement) - 1)
    height = top + max(LOWEST_PLOT, ROW_HEIGHT * len(result.networks)) + 60
    figure = new_figure(height, title or "Comparison", "\n".join(statement))
    lower, upper = 60 / height, 1 - top / height
    _draw_curves(figure.add_axes((0.055, lower, 0.385, upper - lower)), result, curves)
    _draw_finals(figure.add_axes((0.66, lower, 0.325, upper - lower)), result)
    return figure


def _percent(axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}"))


def _draw_curves(axes: Axes, result: ComparisonResult, curves: ComparisonCurves) -> None:
    axes.set_title(f"{curves.split} accuracy (%) while training, mean of seeds")
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    _percent(axes.yaxis)
    ends = {}
    means = {network.name: curves.mean(network.name) for network in result.networks}
    for kind in KINDS:
        shown = {x.name: means[x.name] for x in of_kind(result.networks, kind) if means[x.name]}
        ends |= (_draw_band if kind in DRAWN else _draw_each)(axes, shown, kind)
    values = _late(means.values())
    if values:
        margin = max(max(values) - min(values), 0.002) / 20
        axes.set_ylim(min(values) - margin, max(values) + margin)
        _label_ends(axes, ends)


_Ends = dict[str, tuple[int, float, str]]
"""Label of a curve -> step and value at its end, color."""


def _draw_each(axes: Axes, curves: Mapping[str, Curve], kind: str) -> _Ends:
    ends = {}
    for name, curve in curves.items():
        color, dashes, marker = STYLES[kind]
        style = {"marker": marker, "markersize": 4, "linewidth": 2, "zorder": 4}
        axes.plot(*zip(*curve, strict=True), color=color, linestyle=dashes, **style)
        ends[name.replace("_", " ")] = (*curve[-1], color)
    return ends


def _draw_band(axes: Axes, curves: Mapping[str, Curve], kind: str) -> _Ends:
    """Draw each drawn network thinly, their mean, and one standard deviation on both sides."""
    for curve in curves.values():
        axes.plot(*zip(*curve, strict=True), color=FAINT, linewidth=0.7, alpha=0.8)
    middle = mean_curve(list(curves.values()))
    if not middle:
        return {}
    steps, means, deviations = zip(*middle, strict=True)
    low = [mean - deviation for mean, deviation in zip(means, deviations, strict=True)]
    high = [mean + deviation for mean, deviation in zip(means, deviations, strict=True)]
    axes.fill_between(steps, low, high, color=FAINT, alpha=0.25, linewidth=0)
    axes.plot(steps, means, color=STYLES[kind][0], linewidth=2, zorder=3)
    label = f"mean of {len(curves)} {kind}\n± one deviation"
    return {label: (steps[-1], means[-1], STYLES[kind][0])}


def _late(curves: Iterable[Curve]) -> list[float]:
    """Return the values after the first quarter of the steps, where curves are close together."""
    points = [point for curve in curves for point in curve]
    last = max((step for step, _ in points), default=0)
    return [value for step, value in points if step >= last / 4]


def _label_ends(axes: Axes, ends: _Ends) -> None:
    low, high = axes.get_ylim()
    positions = spread([y for _, y, _ in ends.values()], (high - low) / 18, low, high)
    for (label, (step, y, color)), position in zip(ends.items(), positions, strict=True):
        axes.annotate(
            label,
            (step, y),
            (1.03, position),
            xycoords="data",
            textcoords=("axes fraction", "data"),
            color=color,
            va="center",
            size=8,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.8, "shrinkA": 1},
        )


def _draw_finals(axes: Axes, result: ComparisonResult) -> None:
    """Draw a row per network, the best on top: a dot per seed, a bar at their mean."""
    ranked = sorted(result.networks, key=lambda x: -1.0 if x.mean is None else x.mean)
    axes.set_title(f"{result.split} accuracy (%) at the end: each seed, and mean")
    _percent(axes.xaxis)
    axes.grid(axis="y", visible=False)
    labels = []
    for row, network in enumerate(ranked):
        color, _, marker = STYLES[network.kind]
        values = list(network.accuracies.values())
        if network.kind == CONSTRUCTED:
            axes.axhspan(row - 0.45, row + 0.45, color=color, alpha=0.1, linewidth=0)
        axes.plot(values, [row] * len(values), marker, color=color, alpha=0.55, markersize=5)
        if network.mean is not None:
            axes.plot([network.mean] * 2, [row - 0.35, row + 0.35], color=color, linewidth=2.5)
        labels.append(_row_label(network))
    axes.set_yticks(range(len(ranked)), labels)
    axes.set_ylim(-0.7, len(ranked) - 0.3)
    _color_labels(axes, ranked)
    style = {"ha": "right", "va": "bottom", "size": 8, "color": MUTED}
    axes.text(-0.02, 1.0, "network, parameters", transform=axes.transAxes, **style)


def _color_labels(axes: Axes, ranked: Sequence[NetworkResult]) -> None:
    for label, network in zip(axes.get_yticklabels(), ranked, strict=True):
        label.set_color(INK if network.kind == RANDOM else STYLES[network.kind][0])
        label.set_fontweight("bold" if network.kind == CONSTRUCTED else "normal")


def _row_label(network: NetworkResult) -> str:
    failed = f"{len(network.failed)} failed" if network.failed else ""
    return "  ".join(filter(None, (failed, network.name, _count(network.parameters))))


def _count(parameters: int | None) -> str:
    if parameters is None:
        return ""
    if parameters < 1_000_000:
        return f"{parameters / 1000:.3g}k"
    return f"{parameters / 1_000_000:.3g}M"
