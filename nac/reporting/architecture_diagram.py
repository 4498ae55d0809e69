"""An architecture as a diagram: stages, layers, branches and skip connections. Needs matplotlib."""

from collections.abc import Collection, Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from nac.architecture import Architecture
from nac.reporting.diagram_layout import BOTTOM, LEFT, TOP, Arc, Layout, Row, layout
from nac.reporting.style import (
    ACCENT,
    BAND,
    INK,
    LARGE,
    LINE,
    MUTED,
    NORMAL,
    SHADES,
    SMALL,
    WARNING,
    WARNING_PALE,
    new_figure,
    pixel_axes,
    styled,
)

THINNEST, THICKEST, PLAIN = 0.5, 4.0, 1.2
"""Width of skip connections in points: gate of zero or less, strongest gate, gate not known."""

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
    shades = relative_to_stage(architecture, metrics or {})
    for row in plan.rows:
        _draw_row(axes, plan, row)
        if row.kind == "branches":
            _draw_branches(axes, plan, architecture, row.index, metrics or {}, shades, pruned)
    for arc in plan.arcs():
        stays = kept_skips is None or arc.source in kept_skips.get(arc.destination, (arc.source,))
        _draw_arc(axes, plan, arc, _thickness(arc, gates), stays)
    _draw_legend(axes, plan, bool(metrics), bool(pruned), gates, kept_skips is not None)
    return figure


def relative_to_stage(architecture: Architecture, metrics: Metrics) -> dict:
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
        axes.add_patch(_rounded(16, top, plan.right - 10, bottom - top, BAND, BAND))
        axes.text(26, top + 6, f"stage {stage}", weight="bold", va="top", size=NORMAL)


def _draw_direct_path(axes: Axes, plan: Layout) -> None:
    """Draw the way through all rows; what stands in the rows covers it."""
    x = _centre(plan)
    bottom = plan.y(len(plan.rows) - 1)
    axes.plot([x, x], [plan.y(0), bottom], color=LINE, linewidth=2, zorder=1)
    for row in plan.rows[1:]:
        y = plan.y(row.index)
        points = [(x - 4, y - 6), (x + 4, y - 6), (x, y)]
        axes.add_patch(Polygon(points, facecolor=LINE, edgecolor="none", zorder=1))


def _centre(plan: Layout) -> float:
    return (LEFT + plan.right) / 2


def _draw_row(axes: Axes, plan: Layout, row: Row) -> None:
    y, middle = plan.y(row.index), plan.y(row.index) + plan.row_height / 2
    width = plan.right - LEFT
    if row.kind == "branches":
        frame = _rounded(LEFT, y, width, plan.row_height, "white", LINE)
        axes.text(LEFT - 62, middle, row.label, weight="bold", ha="right", va="center")
        axes.text(LEFT - 10, middle, row.note, ha="right", va="center", size=SMALL, color=MUTED)
    else:
        frame = _shape(row.kind, y, width, plan.row_height)
        text = f"{row.label}   {row.note}" if row.note else row.label
        axes.text(_centre(plan), middle, _shortened(text, width / 7), ha="center", va="center")
        if row.kind == "cell":
            axes.text(LEFT - 62, middle, row.index, weight="bold", ha="right", va="center")
    frame.set_gid(f"layer-{row.index}")
    axes.add_patch(frame)


def _shape(kind: str, y: float, width: float, height: float):
    if kind == "reduction":
        return _trapezoid(LEFT, y, width, height)
    if kind == "auxiliary":
        return _rounded(LEFT + width / 4, y, width / 2, height, "white", MUTED)
    return _rounded(LEFT, y, width, height, "white" if kind == "cell" else "#e3e8ee", LINE)


def _trapezoid(x: float, y: float, width: float, height: float) -> Polygon:
    inset = width / 8
    points = [(x, y), (x + width, y), (x + width - inset, y + height), (x + inset, y + height)]
    return Polygon(points, facecolor="#e3e8ee", edgecolor=MUTED, linewidth=0.8, zorder=2)


def _rounded(x: float, y: float, width: float, height: float, fill: str, edge: str):
    return FancyBboxPatch(
        (x, y),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=5",
        facecolor=fill,
        edgecolor=edge,
        linewidth=0.8,
        zorder=0 if fill == BAND else 2,
    )


def _draw_branches(axes: Axes, plan: Layout, architecture, index, metrics, shades, pruned) -> None:
    for name, block in architecture.layer(index).branches:
        place = plan.x(name, block), plan.y(index) + 4
        size = plan.column_width - 6, plan.row_height - 8
        fill = SHADES(shades[index, name]) if (index, name) in shades else "white"
        goes = (index, name) in pruned
        box = Rectangle(place, *size, facecolor=fill, edgecolor=MUTED, linewidth=0.8, zorder=3)
        box.set_gid(f"branch-{index}-{name}")
        axes.add_patch(box)
        if goes:
            _strike(axes, place, size)
        _label_branch(axes, place, size, block, metrics.get((index, name)), goes)


def _strike(axes: Axes, place: tuple[float, float], size: tuple[float, float]) -> None:
    """Mark a branch that goes: hatched, framed and struck through in the colour of warnings."""
    hatch = Rectangle(place, *size, facecolor="white", edgecolor=WARNING_PALE, hatch="////")
    frame = Rectangle(place, *size, fill=False, edgecolor=WARNING, linewidth=1.6)
    for patch in (hatch, frame):
        patch.set_zorder(4)
        axes.add_patch(patch)


def _label_branch(axes: Axes, place, size, block: str, metric: float | None, goes: bool) -> None:
    (x, y), (width, height) = place, size
    shown = metric is not None and width >= 84
    colour = WARNING if goes else INK
    style = {"va": "center", "zorder": 6, "color": colour}
    if goes:
        style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    size_of_text = NORMAL if width >= 60 else SMALL
    label = _shortened(block, width / 7)
    centre = y + height / 2
    if shown:
        axes.text(x + 6, centre, label, ha="left", size=size_of_text, **style)
        axes.text(x + width - 5, centre, f"{metric:.3g}", ha="right", **{**style, "size": SMALL})
    else:
        axes.text(x + width / 2, centre, label, ha="center", size=size_of_text, **style)
    if goes:
        axes.plot([x + 3, x + width - 3], [centre, centre], color=WARNING, linewidth=1, zorder=7)


def _shortened(text: str, characters: float) -> str:
    limit = max(3, int(characters))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _thickness(arc: Arc, gates: Gates | None) -> float:
    if not gates or (arc.source, arc.destination) not in gates:
        return PLAIN
    strongest = max(gates.values())
    share = max(0.0, gates[arc.source, arc.destination]) / strongest if strongest > 0 else 0.0
    return THINNEST + (THICKEST - THINNEST) * share


def _draw_arc(axes: Axes, plan: Layout, arc: Arc, thickness: float, stays: bool) -> None:
    handle = plan.right + arc.reach * 4 / 3  # a cubic curve reaches three quarters of the way
    points = [
        (plan.right, arc.top),
        (handle, arc.top),
        (handle, arc.bottom),
        (plan.right + 5, arc.bottom),
    ]
    curve = PathPatch(
        Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]),
        fill=False,
        edgecolor=ACCENT if stays else "#9aa4ae",
        linewidth=thickness,
        linestyle="-" if stays else (0, (4, 3)),
        alpha=0.75 if stays else 0.9,
        zorder=3 if stays else 2,
    )
    curve.set_gid(f"skip-{arc.source}-{arc.destination}")
    axes.add_patch(curve)
    head = [(plan.right + 6, arc.bottom - 3), (plan.right + 6, arc.bottom + 3)]
    head.append((plan.right + 1, arc.bottom))
    axes.add_patch(Polygon(head, facecolor=ACCENT if stays else "#9aa4ae", edgecolor="none"))


def _draw_legend(axes: Axes, plan: Layout, shaded, pruning, gates, skips_go) -> None:
    y, x = plan.height - BOTTOM / 2, LEFT
    if shaded:
        x = _legend_shades(axes, x, y)
    if pruning:
        box = (x, y - 8), (26, 16)
        _strike(axes, *box)
        x = _legend_text(axes, x + 34, y, "pruned next")
    if plan.connections:
        x = _legend_gates(axes, x, y, gates)
    if plan.connections and skips_go:
        axes.plot([x, x + 30], [y, y], color="#9aa4ae", linewidth=1.6, linestyle=(0, (4, 3)))
        _legend_text(axes, x + 38, y, "skip connection pruned next")


def _legend_shades(axes: Axes, x: float, y: float) -> float:
    x = _legend_text(axes, x, y, "metric: weakest of the stage") - 16
    for step in range(40):
        place = (x + 2 * step, y - 7)
        axes.add_patch(Rectangle(place, 2.2, 14, facecolor=SHADES(step / 39), edgecolor="none"))
    axes.add_patch(Rectangle((x, y - 7), 80, 14, fill=False, edgecolor=LINE, linewidth=0.8))
    return _legend_text(axes, x + 88, y, "strongest")


def _legend_gates(axes: Axes, x: float, y: float, gates: Gates | None) -> float:
    if not gates:
        axes.plot([x, x + 30], [y, y], color=ACCENT, linewidth=PLAIN, alpha=0.75)
        return _legend_text(axes, x + 38, y, "skip connection")
    strongest = max(gates.values())
    for text, thickness in (("gate 0 or less", THINNEST), (f"gate {strongest:.2f}", THICKEST)):
        axes.plot([x, x + 30], [y, y], color=ACCENT, linewidth=thickness, alpha=0.75)
        x = _legend_text(axes, x + 38, y, text)
    return x


def _legend_text(axes: Axes, x: float, y: float, text: str) -> float:
    """Write at ``x`` and return where the next part of the legend begins."""
    axes.text(x, y, text, va="center", size=8.0, color=MUTED)
    return x + 6.8 * len(text) + 28


__all__ = ["LARGE", "TOP", "architecture_figure", "relative_to_stage"]
