"""An architecture as a diagram: stages, layers, branches and skip connections. Needs matplotlib."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nac.architecture.network import Architecture
from nac.drawing.diagram_layout import BOTTOM, LEFT, Layout, Row, layout
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

WIDE_ENOUGH_FOR_METRIC, WIDE_ENOUGH_FOR_NORMAL_TEXT = 84, 60

Metrics = Mapping[tuple[int, str], float]
Gates = Mapping[tuple[int, int], float]


@styled
def architecture_figure(
    architecture: Architecture,
    *,
    metrics: Metrics | None = None,
    pruned: Collection[tuple[int, str]] = (),
    gates: Gates | None = None,
    kept_skips: Mapping[int, Collection[int]] | None = None,
    title: str = "",
) -> Figure:
    """Return the diagram of a network, the stem on top.

    Args:
        architecture: macro or micro.
        metrics: (layer, branch) -> featuremap metric; branches are shaded by it, from the weakest
            to the strongest of their stage.
        pruned: (layer, branch) of the branches that are about to go.
        gates: (source, destination) -> gate; skip connections are as thick as their gate.
        kept_skips: layer -> sources that stay, for each layer that loses some; None: all stay.
        title: stands above, before the notation.
    """
    plan = layout(architecture)
    figure = new_figure(plan.height, title or str(architecture.notation), _subtitle(architecture))
    axes = pixel_axes(figure)
    _draw_stages(axes, plan)
    _draw_direct_path(axes, plan)
    for row in plan.rows:
        _draw_row(axes, plan, row)
    shades = relative_to_stage(architecture, metrics or {})
    _Branches(axes, plan, metrics or {}, shades, pruned).draw(architecture)
    thickness = Thickness(len(plan.connections), gates)
    _draw_skips(axes, plan, thickness, kept_skips)
    _draw_legend(axes, plan, thickness, bool(metrics), bool(pruned), kept_skips is not None)
    return figure


def relative_to_stage(architecture: Architecture, metrics: Metrics) -> dict[tuple[int, str], float]:
    """Return each metric relative to its stage: 0.0 for the weakest, 1.0 for the strongest.

    Where all of a stage are equal, they are 0.5.
    """
    found = {}
    for stage in architecture.stages:
        values = {key: value for key, value in metrics.items() if key[0] in stage}
        low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
        for key, value in values.items():
            found[key] = (value - low) / (high - low) if high > low else 0.5
    return found


def _subtitle(architecture: Architecture) -> str:
    branches, skips = architecture.branches(), architecture.skip_connections()
    if not branches:
        return f"{architecture.notation}, {len(architecture.network)} cells"
    text = f"{architecture.notation}, {len(branches)} branches"
    return f"{text}, {len(skips)} skip connections" if skips else text


def _draw_stages(axes: Axes, plan: Layout) -> None:
    for stage, rows in plan.stages().items():
        top, bottom = plan.y(rows[0].index) - 4, plan.y(rows[-1].index) + plan.row_height + 4
        axes.add_patch(rounded(16, top, plan.right - 10, bottom - top, BAND, BAND))
        axes.text(24, top + 6, f"stage {stage}", weight="bold", va="top", size=NORMAL)


def _draw_direct_path(axes: Axes, plan: Layout) -> None:
    """Draw the way through all rows; what stands in the rows covers it."""
    bottom = plan.y(plan.rows[-1].index)
    axes.plot([plan.center] * 2, [plan.y(0), bottom], color=LINE, linewidth=2, zorder=1)
    for row in plan.rows[1:]:
        axes.add_patch(arrow_head(plan.center, plan.y(row.index)))


def _draw_row(axes: Axes, plan: Layout, row: Row) -> None:
    middle = plan.y(row.index) + plan.row_height / 2
    frame = _frame(plan, row)
    frame.set_gid(f"layer-{row.index}")
    axes.add_patch(frame)
    if row.kind != "end":
        color = MUTED if row.kind == "reduction" else INK
        weight = "normal" if row.kind == "reduction" else "bold"
        style = {"ha": "right", "va": "center"}
        axes.text(LEFT - 58, middle, str(row.index), weight=weight, color=color, **style)
    if row.kind == "branches":
        axes.text(LEFT - 10, middle, row.note, size=SMALL, color=MUTED, **style)
    else:
        text = shortened("   ".join(filter(None, (row.label, row.note))), plan.right - LEFT)
        axes.text(plan.center, middle, text, ha="center", va="center", zorder=3)


def _frame(plan: Layout, row: Row):
    y, width, height = plan.y(row.index), plan.right - LEFT, plan.row_height
    if row.kind == "reduction":
        return trapezoid(LEFT, y, width, height, plan.inset)
    if row.kind == "auxiliary":
        return rounded(LEFT + width / 4, y, width / 2, height, "white", MUTED)
    return rounded(LEFT, y, width, height, END_FILL if row.kind == "end" else "white", LINE)


@dataclass(frozen=True)
class _Branches:
    """Draws the branches of all layers."""

    axes: Axes
    plan: Layout
    metrics: Metrics
    shades: Metrics
    pruned: Collection[tuple[int, str]] = field(default=())

    def draw(self, architecture: Architecture) -> None:
        for index, layer in architecture.branch_layers():
            for name, block in layer.branches:
                place = self.plan.x(index, name), self.plan.y(index) + 4
                size = self.plan.column_width - 6, self.plan.row_height - 8
                self._box(index, name, place, size)
                self._label(index, name, block, place, size)

    def _box(self, index: int, name: str, place, size) -> None:
        shade = self.shades.get((index, name))
        fill = "white" if shade is None else SHADES(shade)
        box = Rectangle(place, *size, facecolor=fill, edgecolor=MUTED, linewidth=0.8, zorder=3)
        box.set_gid(f"branch-{index}-{name}")
        self.axes.add_patch(box)
        if (index, name) in self.pruned:
            draw_struck_box(self.axes, place, size)

    def _label(self, index: int, name: str, block: str, place, size) -> None:
        (x, y), (width, height) = place, size
        middle, metric = y + height / 2, self.metrics.get((index, name))
        style = {"va": "center", "zorder": 6, "color": INK}
        if (index, name) in self.pruned:
            style["color"] = WARNING
            style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        text = shortened(block, width)
        style["size"] = NORMAL if width >= WIDE_ENOUGH_FOR_NORMAL_TEXT else SMALL
        if metric is None or width < WIDE_ENOUGH_FOR_METRIC:
            self.axes.text(x + width / 2, middle, text, ha="center", **style)
            return
        self.axes.text(x + 6, middle, text, ha="left", **style)
        style["size"] = SMALL
        self.axes.text(x + width - 5, middle, f"{metric:#.3g}", ha="right", **style)


def _draw_skips(axes: Axes, plan: Layout, thickness: Thickness, kept_skips) -> None:
    for arc in plan.arcs():
        stays = kept_skips is None or arc.source in kept_skips.get(arc.destination, (arc.source,))
        width = thickness.of(arc.source, arc.destination)
        draw_arc(axes, arc, plan.right, width, stays)


def _draw_legend(
    axes: Axes, plan: Layout, thickness: Thickness, shaded: bool, pruning: bool, skips_go: bool
) -> None:
    legend = Legend(axes, LEFT, plan.height - BOTTOM / 2)
    if shaded:
        legend.shades()
    if pruning:
        legend.pruned()
    if plan.connections:
        legend.gates(thickness)
        if skips_go:
            legend.pruned_skips()
