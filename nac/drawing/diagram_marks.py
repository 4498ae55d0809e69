"""The marks that an architecture diagram is made of. Needs matplotlib.

Places and sizes are in pixels, y grows downward; widths of lines are in points.
"""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from nac.drawing.diagram_layout import Arc
from nac.drawing.style import ACCENT, BAND, FAINT, LINE, MUTED, WARNING, WARNING_PALE

END_FILL = "#e3e8ee"
DASHES = (0, (4, 3))


class Thickness:
    """Width of skip connections, as their gates say; the more there are, the thinner are all.

    Args:
        connections: how many there are.
        gates: (source, destination) -> gate; None where they are not known.
    """

    def __init__(self, connections: int, gates: Mapping[tuple[int, int], float] | None):
        scale = min(1.0, (40 / max(1, connections)) ** 0.5)
        self.thinnest, self.plain, self.thickest = 0.5, max(0.5, 1.4 * scale), 1 + 3 * scale
        self.gates = gates or {}
        self.strongest = max(self.gates.values(), default=0.0)

    def of(self, source: int, destination: int) -> float:
        """Return the width for a connection; a gate of zero or less has the thinnest line."""
        if (source, destination) not in self.gates:
            return self.plain
        gate = max(0.0, self.gates[source, destination])
        share = gate / self.strongest if self.strongest > 0 else 0.0
        return self.thinnest + (self.thickest - self.thinnest) * share


def rounded(x: float, y: float, width: float, height: float, fill: str, edge: str):
    """Return a box with round corners; one in the color of bands stands behind all else."""
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


def trapezoid(x: float, y: float, width: float, height: float, inset: float) -> Polygon:
    """Return the sign of a reduction: wide above, narrow below."""
    points = [(x, y), (x + width, y), (x + width - inset, y + height), (x + inset, y + height)]
    return Polygon(points, facecolor=END_FILL, edgecolor=MUTED, linewidth=0.8, zorder=2)


def arrow_head(x: float, y: float) -> Polygon:
    """Return the head of an arrow that points down to (x, y)."""
    points = [(x - 4, y - 6), (x + 4, y - 6), (x, y)]
    return Polygon(points, facecolor=LINE, edgecolor="none", zorder=1)


def draw_struck_box(axes: Axes, place: tuple[float, float], size: tuple[float, float]) -> None:
    """Draw the sign of what is about to go: hatched, and framed in the color of warnings."""
    hatch = Rectangle(place, *size, facecolor="white", edgecolor=WARNING_PALE, hatch="////")
    frame = Rectangle(place, *size, fill=False, edgecolor=WARNING, linewidth=1.6)
    for patch in (hatch, frame):
        patch.set_zorder(4)
        axes.add_patch(patch)


def draw_arc(axes: Axes, arc: Arc, right: float, width: float, stays: bool) -> None:
    """Draw a skip connection with the head of its arrow.

    Args:
        axes: of the diagram.
        arc: its ends and how far it reaches.
        right: edge of the rows, from which the reach counts.
        width: of the line.
        stays: whether it is there in the next network.
    """
    color = ACCENT if stays else FAINT
    handle = right + arc.reach * 4 / 3  # a cubic curve reaches three quarters of the way
    points = [(arc.start, arc.top), (right, arc.top), (handle, arc.top)]
    points += [(handle, arc.bottom), (right + 5, arc.bottom)]
    codes = [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    curve = PathPatch(
        Path(points, codes),
        fill=False,
        edgecolor=color,
        linewidth=width,
        linestyle="-" if stays else DASHES,
        alpha=0.75,
        zorder=3 if stays else 2.5,
    )
    curve.set_gid(f"skip-{arc.source}-{arc.destination}")
    axes.add_patch(curve)
    size = min(3.0, 1.5 + width)
    head = [(right + 6, arc.bottom - size), (right + 6, arc.bottom + size), (right + 1, arc.bottom)]
    axes.add_patch(Polygon(head, facecolor=color, edgecolor="none", zorder=3))


def shortened(text: str, width: float) -> str:
    """Return a text that fits into so many pixels, cut off with an ellipsis if need be."""
    limit = max(3, int(width / 6.5))
    return text if len(text) <= limit else text[: limit - 1] + "…"
