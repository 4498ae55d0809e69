"""The legend below an architecture diagram. Needs matplotlib."""

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nac.drawing.diagram_marks import DASHES, Thickness, draw_struck_box
from nac.drawing.style import ACCENT, FAINT, LINE, MUTED, SHADES


class Legend:
    """Draws the entries of a legend from left to right.

    Args:
        axes: Axes of the diagram, in pixels.
        x: Left edge of the first entry.
        y: Vertical center of the entries.
    """

    def __init__(self, axes: Axes, x: float, y: float):
        self._axes, self._x, self._y = axes, x, y

    def shades(self) -> None:
        """Add the entry for the shades of branches."""
        self._text("metric: weakest of its stage", gap=8)
        corner = (self._x, self._y - 7)
        for step in range(40):
            left = (self._x + 2 * step, self._y - 7)
            patch = Rectangle(left, 2.2, 14, facecolor=SHADES(step / 39), edgecolor="none")
            self._axes.add_artist(patch)
        self._axes.add_artist(Rectangle(corner, 80, 14, fill=False, edgecolor=LINE, linewidth=0.8))
        self._x += 88
        self._text("strongest")

    def pruned(self) -> None:
        """Add the entry for branches that will be pruned."""
        draw_struck_box(self._axes, (self._x, self._y - 8), (28, 16))
        self._x += 36
        self._text("pruned next")

    def gates(self, thickness: Thickness) -> None:
        """Add the entries for the thickness of skip connections."""
        if not thickness.gates:
            self._line("skip connection", thickness.plain)
            return
        self._line("gate 0 or less", thickness.thinnest)
        self._line(f"gate {thickness.strongest:.2f}", thickness.thickest)

    def pruned_skips(self) -> None:
        """Add the entry for skip connections that will be pruned."""
        self._line("skip connection pruned next", 1.6, FAINT, DASHES)

    def _line(self, text: str, width: float, color: str = ACCENT, dashes="-") -> None:
        ends = [self._x, self._x + 28]
        style = {"color": color, "linewidth": width, "linestyle": dashes, "alpha": 0.75}
        self._axes.plot(ends, [self._y, self._y], **style)
        self._x += 36
        self._text(text)

    def _text(self, text: str, gap: float = 26) -> None:
        self._axes.text(self._x, self._y, text, va="center", size=8.0, color=MUTED)
        self._x += 6.25 * len(text) + gap  # 6.25 pixels is about the width of a character
