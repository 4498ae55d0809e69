"""The diagram of a network: stages, layers, branches and skip connections. Needs matplotlib."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from nac.architecture.network import Architecture
from nac.drawing.diagram_layout import BOTTOM, LEFT, Layout, Row, lay_out
from nac.drawing.diagram_legend import Legend
from nac.drawing.diagram_marks import (
    END_FILL,
    Thickness,
    arrow_head,
    draw_arc,
    draw_struck_box,
    rounded,
    shortened,
    trapezoid,
)
from nac.drawing.style import (
    BAND,
    INK,
    LINE,
    MUTED,
    NORMAL,
    SHADES,
    SMALL,
    WARNING,
    new_figure,
    pixel_axes,
    styled,
)

# The smallest widths in pixels at which a branch has room for its metric, and for normal text.
WIDE_ENOUGH_FOR_METRIC, WIDE_ENOUGH_FOR_NORMAL_TEXT = 84, 60

Metrics = Mapping[tuple[int, str], float]
Gates = Mapping[tuple[int, int], float]
Skips = Mapping[int, Collection[int]]


@styled
def architecture_figure(
    architecture: Architecture,
    *,
    metrics: Metrics | None = None,
    pruned: Collection[tuple[int, str]] = (),
    gates: Gates | None = None,
    kept_skips: Skips | None = None,
    title: str = "",
) -> Figure:
    """Return the diagram of a network, from the stem at the top to the classifier at the bottom.

    Example::

        network = load_architecture("runs/digits/architecture.json")
        architecture_figure(network).savefig("network.png")

    Args:
        architecture: The network to draw.
        metrics: Metric of each branch by (layer, branch). A branch is shaded by its metric,
            relative to the weakest and the strongest branch of its stage.
        pruned: (layer, branch) of the branches that will be pruned next.
        gates: Gate of each skip connection by (source, destination). A larger gate makes a
            thicker line.
        kept_skips: The sources kept by each layer that loses skip connections. None keeps all.
        title: Heading of the figure. Defaults to the notation of the network.
    """
    layout = lay_out(architecture)
    figure = new_figure(layout.height, title or str(architecture.notation), _subtitle(architecture))
    axes = pixel_axes(figure)
    _draw_stages(axes, layout)
    _draw_direct_path(axes, layout)
    for row in layout.rows:
        _draw_row(axes, layout, row)
    shades = relative_to_stage(architecture, metrics or {})
    _Branches(axes, layout, metrics or {}, shades, pruned).draw(architecture)
    thickness = Thickness(len(layout.connections), gates)
    _draw_skips(axes, layout, thickness, kept_skips)
    _draw_legend(axes, layout, thickness, bool(metrics), bool(pruned), kept_skips is not None)
    return figure


def relative_to_stage(architecture: Architecture, metrics: Metrics) -> dict[tuple[int, str], float]:
    """Scale the metrics of each stage to the range from 0.0 (weakest) to 1.0 (strongest).

    If all branches of a stage are equal, their value is 0.5.
    """
    scaled = {}
    for stage in architecture.stages:
        values = {branch: value for branch, value in metrics.items() if branch[0] in stage}
        low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
        for branch, value in values.items():
            scaled[branch] = (value - low) / (high - low) if high > low else 0.5
    return scaled


def _subtitle(architecture: Architecture) -> str:
    if architecture.handmade:
        return "The size of the images decides which blocks halve height and width of featuremaps."
    branches, skips = architecture.branches(), architecture.skip_connections()
    if not branches:
        return f"{architecture.notation}, {len(architecture.network)} cells"
    text = f"{architecture.notation}, {len(branches)} branches"
    return f"{text}, {len(skips)} skip connections" if skips else text


def _draw_stages(axes: Axes, layout: Layout) -> None:
    for stage, rows in layout.stages().items():
        top, bottom = layout.y(rows[0].index) - 4, layout.y(rows[-1].index) + layout.row_height + 4
        axes.add_artist(rounded(16, top, layout.right - 10, bottom - top, BAND, BAND))
        axes.text(24, top + 6, f"stage {stage}", weight="bold", va="top", size=NORMAL)


def _draw_direct_path(axes: Axes, layout: Layout) -> None:
    """Draw one line through all rows. The rows hide it, so it only shows between them."""
    bottom = layout.y(layout.rows[-1].index)
    axes.plot([layout.center] * 2, [layout.y(0), bottom], color=LINE, linewidth=2, zorder=1)
    for row in layout.rows[1:]:
        axes.add_artist(arrow_head(layout.center, layout.y(row.index)))


def _draw_row(axes: Axes, layout: Layout, row: Row) -> None:
    middle = layout.y(row.index) + layout.row_height / 2
    frame = _frame(layout, row)
    frame.set_gid(f"layer-{row.index}")
    axes.add_artist(frame)
    left_of_row = {"ha": "right", "va": "center"}
    if row.kind != "end":
        color = MUTED if row.kind == "reduction" else INK
        weight = "normal" if row.kind == "reduction" else "bold"
        axes.text(LEFT - 58, middle, str(row.index), weight=weight, color=color, **left_of_row)
    if row.kind == "branches":
        axes.text(LEFT - 10, middle, row.note, size=SMALL, color=MUTED, **left_of_row)
    else:
        text = shortened("   ".join(filter(None, (row.label, row.note))), layout.right - LEFT)
        axes.text(layout.center, middle, text, ha="center", va="center", zorder=3)


def _frame(layout: Layout, row: Row) -> Patch:
    y, width, height = layout.y(row.index), layout.right - LEFT, layout.row_height
    if row.kind == "reduction":
        return trapezoid(LEFT, y, width, height, layout.inset)
    if row.kind == "auxiliary":
        return rounded(LEFT + width / 4, y, width / 2, height, "white", MUTED)
    return rounded(LEFT, y, width, height, END_FILL if row.kind == "end" else "white", LINE)


@dataclass(frozen=True)
class _Branches:
    """Draws the branches of all layers; the arguments are those of :func:`architecture_figure`."""

    axes: Axes
    layout: Layout
    metrics: Metrics
    shades: Metrics
    pruned: Collection[tuple[int, str]]

    def draw(self, architecture: Architecture) -> None:
        for index, layer in architecture.branch_layers():
            for name, block in layer.branches:
                corner = self.layout.x(index, name), self.layout.y(index) + 4
                size = self.layout.column_width - 6, self.layout.row_height - 8
                self._draw_box((index, name), corner, size)
                self._draw_label((index, name), block, corner, size)

    def _draw_box(self, branch: tuple[int, str], corner, size) -> None:
        shade = self.shades.get(branch)
        fill = "white" if shade is None else SHADES(shade)
        box = Rectangle(corner, *size, facecolor=fill, edgecolor=MUTED, linewidth=0.8, zorder=3)
        box.set_gid("branch-{}-{}".format(*branch))
        self.axes.add_artist(box)
        if branch in self.pruned:
            draw_struck_box(self.axes, corner, size)

    def _draw_label(self, branch: tuple[int, str], block: str, corner, size) -> None:
        (x, y), (width, height) = corner, size
        middle, metric = y + height / 2, self.metrics.get(branch)
        style = {"va": "center", "zorder": 6, "color": INK}
        if branch in self.pruned:  # a white background keeps the text readable on the hatching
            style["color"] = WARNING
            style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        text = shortened(block, width)
        style["size"] = NORMAL if width >= WIDE_ENOUGH_FOR_NORMAL_TEXT else SMALL
        if metric is None or width < WIDE_ENOUGH_FOR_METRIC:
            self.axes.text(x + width / 2, middle, text, ha="center", **style)
            return
        self.axes.text(x + 6, middle, text, ha="left", **style)
        style["size"] = SMALL
        digits = 3 if abs(metric) >= 0.01 else 2  # as much as has room beside the block
        self.axes.text(x + width - 5, middle, f"{metric:#.{digits}g}", ha="right", **style)


def _draw_skips(axes: Axes, layout: Layout, thickness: Thickness, kept: Skips | None) -> None:
    for arc in layout.arcs():
        stays = kept is None or arc.source in kept.get(arc.destination, (arc.source,))
        draw_arc(axes, arc, layout.right, thickness.of(arc.source, arc.destination), stays)


def _draw_legend(
    axes: Axes, layout: Layout, thickness: Thickness, shaded: bool, pruning: bool, skips_go: bool
) -> None:
    legend = Legend(axes, LEFT, layout.height - BOTTOM / 2)
    if shaded:
        legend.shades()
    if pruning:
        legend.pruned()
    if layout.connections:
        legend.gates(thickness)
        if skips_go:
            legend.pruned_skips()
