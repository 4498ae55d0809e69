"""The shapes of an architecture diagram. Needs matplotlib.

Positions and sizes are in pixels, and y grows downward. Line widths are in points.
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
    """Line widths of skip connections, which grow with their gates.

    Args:
        connections: Number of skip connections. All lines get thinner if there are many.
        gates: Gate of each skip connection by (source, destination), or None if unknown.
    """

    def __init__(self, connections: int, gates: Mapping[tuple[int, int], float] | None):
        scale = min(1.0, (40 / max(1, connections)) ** 0.5)
        self.thinnest, self.plain, self.thickest = 0.5, max(0.5, 1.4 * scale), 1 + 3 * scale
        self.gates = gates or {}
        self.strongest = max(self.gates.values(), default=0.0)

    def of(self, source: int, destination: int) -> float:
        """Return the line width of a connection, the thinnest one if its gate is not positive."""
        if (source, destination) not in self.gates:
            return self.plain
        gate = max(0.0, self.gates[source, destination])
        share = gate / self.strongest if self.strongest > 0 else 0.0
        return self.thinnest + (self.thickest - self.thinnest) * share


def rounded(x: float, y: float, width: float, height: float, fill: str, edge: str):
    """Return a box with rounded corners. If it is filled with BAND, it is behind all else."""
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
    """Return the shape of a reduction, which is narrower at the bottom by ``inset`` per side."""
    points = [(x, y), (x + width, y), (x + width - inset, y + height), (x + inset, y + height)]
    return Polygon(points, facecolor=END_FILL, edgecolor=MUTED, linewidth=0.8, zorder=2)


def arrow_head(x: float, y: float) -> Polygon:
    """Return the head of an arrow that points down to (x, y)."""
    points = [(x - 4, y - 6), (x + 4, y - 6), (x, y)]
    return Polygon(points, facecolor=LINE, edgecolor="none", zorder=1)


def draw_struck_box(axes: Axes, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """Draw the mark of a branch that will be pruned: a hatched box with a warning-colored frame."""
    hatch = Rectangle(corner, *size, facecolor="white", edgecolor=WARNING_PALE, hatch="////")
    frame = Rectangle(corner, *size, fill=False, edgecolor=WARNING, linewidth=1.6)
    for patch in (hatch, frame):
        patch.set_zorder(4)
        axes.add_artist(patch)


def draw_arc(axes: Axes, arc: Arc, right: float, width: float, stays: bool) -> None:
    """Draw a skip connection as an arc with an arrowhead.

    Args:
        axes: Axes of the diagram.
        arc: End points and reach of the arc.
        right: Right edge of the rows, from which the reach is measured.
        width: Line width in points.
        stays: Whether the next network keeps the connection. If not, the arc is dashed.
    """
    color = ACCENT if stays else FAINT
    # A cubic Bézier curve covers three quarters of the distance to its two control points.
    control = right + arc.reach * 4 / 3
    points = [(arc.start, arc.top), (right, arc.top), (control, arc.top)]
    points += [(control, arc.bottom), (right + 5, arc.bottom)]
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
    axes.add_artist(curve)
    size = min(3.0, 1.5 + width)
    head = [(right + 6, arc.bottom - size), (right + 6, arc.bottom + size), (right + 1, arc.bottom)]
    axes.add_artist(Polygon(head, facecolor=color, edgecolor="none", zorder=3))


def shortened(text: str, width: float) -> str:
    """Return the text, cut off with an ellipsis if it is wider than ``width`` pixels."""
    limit = max(3, int(width / 6.5))  # 6.5 pixels per character, and never fewer than three
    return text if len(text) <= limit else text[: limit - 1] + "…"
