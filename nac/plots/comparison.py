"""The constructed network beside others (as Figure 3 of the paper). Needs matplotlib."""

import textwrap
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, StrMethodFormatter

from nac.drawing.style import FAINT, INK, MUTED, SERIES, new_figure, styled
from nac.plots.comparison_data import Comparison, Network, mean_curve, read_comparison
from nac.plots.files import Drawing, Table
from nac.plots.labels import spread
from nac.runs.saved_run import Run

LABELS = {
    "constructed": "constructed",
    "prior": "prior",
    "worst_case": "worst case",
    "random": "random networks",
    "reference": "reference",
}
"""Kind of a network -> what the figure calls it."""

STYLES = {
    "constructed": (SERIES[0], "-", "o"),
    "prior": (SERIES[2], (0, (6, 2)), "s"),
    "worst_case": (SERIES[5], (0, (2, 1.5)), "v"),
    "random": (MUTED, "-", "o"),
    "reference": (SERIES[3], (0, (6, 2, 1, 2)), "D"),
}
"""Kind of a network -> color, dashes and marker."""

PLOT_TOP, LOWEST_PLOT, ROW_HEIGHT = 92, 460, 19
CHARACTERS = 180
"""Of a line of text as wide as the figure."""


def comparison_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``comparison``.

    Args:
        run: whose comparison is drawn.
        others: not looked at.

    Raises:
        NothingToShowError: nac.compare was not run.
    """
    comparison = read_comparison(run)
    figure = comparison_figure(comparison, f"{run.name}: constructed and other networks")
    yield Drawing("comparison", figure, comparison_table(comparison))


def comparison_table(comparison: Comparison) -> Table:
    """Return all curves, and the final accuracies as rows without a step."""
    header = ("network", "kind", "notation", "parameters", "seed", "split", "step", "accuracy")
    rows = []
    for network in comparison.networks:
        start = (network.name, network.kind, network.notation, network.parameters)
        for seed, accuracy in network.accuracies.items():
            curve = network.curves.get(seed, [])
            rows += [(*start, seed, comparison.curve_split, step, y) for step, y in curve]
            rows.append((*start, seed, comparison.split, None, accuracy))
    return Table(header, rows)


@styled
def comparison_figure(comparison: Comparison, title: str = "") -> Figure:
    """Return accuracy over the steps at the left, final accuracy of each network at the right."""
    statement = textwrap.wrap(comparison.statement, CHARACTERS)
    top = PLOT_TOP + 15 * max(0, len(statement) - 1)
    height = top + max(LOWEST_PLOT, ROW_HEIGHT * len(comparison.networks)) + 60
    figure = new_figure(height, title or "Comparison", "\n".join(statement))
    lower, upper = 60 / height, 1 - top / height
    _draw_curves(figure.add_axes((0.055, lower, 0.385, upper - lower)), comparison)
    _draw_finals(figure.add_axes((0.66, lower, 0.325, upper - lower)), comparison)
    return figure


def _percent(axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}"))


def _draw_curves(axes: Axes, comparison: Comparison) -> None:
    axes.set_title(f"{comparison.curve_split} accuracy (%) while training, mean of seeds")
    axes.set_xlabel("step")
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    _percent(axes.yaxis)
    ends = {}
    for kind in LABELS:
        networks = [network for network in comparison.of_kind(kind) if network.curve]
        draw = _draw_band if kind == "random" else _draw_each
        ends |= draw(axes, networks)
    values = _late(comparison.networks)
    if values:
        margin = max(max(values) - min(values), 0.002) / 20
        axes.set_ylim(min(values) - margin, max(values) + margin)
        _label_ends(axes, ends)


def _draw_each(axes: Axes, networks: Sequence[Network]) -> dict[str, tuple[int, float, str]]:
    ends = {}
    for network in networks:
        color, dashes, marker = STYLES[network.kind]
        style = {"marker": marker, "markersize": 4, "linewidth": 2, "zorder": 4}
        axes.plot(*zip(*network.curve, strict=True), color=color, linestyle=dashes, **style)
        label = LABELS[network.kind] if network.kind != "reference" else network.name
        ends[label] = (*network.curve[-1], color)
    return ends


def _draw_band(axes: Axes, networks: Sequence[Network]) -> dict[str, tuple[int, float, str]]:
    """Draw each random network thinly, their mean, and one standard deviation on both sides."""
    for network in networks:
        axes.plot(*zip(*network.curve, strict=True), color=FAINT, linewidth=0.7, alpha=0.8)
    middle = mean_curve([network.curve for network in networks])
    if not middle:
        return {}
    steps, means, deviations = zip(*middle, strict=True)
    low = [mean - deviation for mean, deviation in zip(means, deviations, strict=True)]
    high = [mean + deviation for mean, deviation in zip(means, deviations, strict=True)]
    axes.fill_between(steps, low, high, color=FAINT, alpha=0.25, linewidth=0)
    axes.plot(steps, means, color=STYLES["random"][0], linewidth=2, zorder=3)
    label = f"mean of {len(networks)} random\n± one deviation"
    return {label: (steps[-1], means[-1], STYLES["random"][0])}


def _late(networks: Sequence[Network]) -> list[float]:
    """Return the values after the first quarter of the steps, where curves lie side by side."""
    points = [point for network in networks for point in network.curve]
    last = max((step for step, _ in points), default=0)
    return [value for step, value in points if step >= last / 4]


def _label_ends(axes: Axes, ends: dict[str, tuple[int, float, str]]) -> None:
    low, high = axes.get_ylim()
    places = spread([y for _, y, _ in ends.values()], (high - low) / 18, low, high)
    for (label, (step, y, color)), place in zip(ends.items(), places, strict=True):
        axes.annotate(
            label,
            (step, y),
            (1.03, place),
            xycoords="data",
            textcoords=("axes fraction", "data"),
            color=color,
            va="center",
            size=8,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.8, "shrinkA": 1},
        )


def _draw_finals(axes: Axes, comparison: Comparison) -> None:
    """Draw a row per network, the best on top: a dot per seed, a bar at their mean."""
    ranked = sorted(comparison.networks, key=lambda x: -1.0 if x.mean is None else x.mean)
    axes.set_title(f"{comparison.split} accuracy (%) at the end: each seed, and mean")
    _percent(axes.xaxis)
    axes.grid(axis="y", visible=False)
    labels = []
    for row, network in enumerate(ranked):
        color, _, marker = STYLES[network.kind]
        values = list(network.accuracies.values())
        if network.kind == "constructed":
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


def _color_labels(axes: Axes, ranked: Sequence[Network]) -> None:
    for label, network in zip(axes.get_yticklabels(), ranked, strict=True):
        label.set_color(INK if network.kind == "random" else STYLES[network.kind][0])
        label.set_fontweight("bold" if network.kind == "constructed" else "normal")


def _row_label(network: Network) -> str:
    failed = f"{network.failed} failed" if network.failed else ""
    return "  ".join(filter(None, (failed, network.name, _count(network.parameters))))


def _count(parameters: int | None) -> str:
    if parameters is None:
        return ""
    if parameters < 1_000_000:
        return f"{parameters / 1000:.3g}k"
    return f"{parameters / 1_000_000:.3g}M"
