"""Figures of a run's history: accuracy and loss of its jobs, and its gates. Needs matplotlib."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from nac.drawing.style import (
    INK,
    MUTED,
    SHADES,
    SMALL,
    WARNING,
    WIDTH,
    colors_of,
    new_figure,
    styled,
)
from nac.tensorboard.events import Curve

FILLED_LAYERS = 32
"""Up to this number of layers, each cell has room for the number of its gate."""

WIDEST_CELL = 84
"""Largest width of a gate's cell in pixels."""

LEFT, SIDES, NARROWEST = 64, 76, 420
"""Room to the left of the cells, to both sides, and the smallest width of the figure, in pixels."""


@dataclass(frozen=True)
class History:
    """The curves of one job.

    Attributes:
        name: Name of the job in the legend.
        accuracy: Accuracy on training batches.
        loss: Loss on training batches.
        split: Images of the evaluations.
        evaluated: Accuracy of the evaluations.
    """

    name: str
    accuracy: Curve
    loss: Curve
    split: str
    evaluated: Curve


@styled
def training_figure(histories: Sequence[History]) -> Figure:
    """Return accuracy and loss over steps, a line per job; evaluations are dots.

    Args:
        histories: The curves of the jobs, in order; at least one.
    """
    figure = new_figure(400)
    left, right = figure.subplots(1, 2)
    colors = colors_of(history.name for history in histories)
    for history in histories:
        color = colors[history.name]
        left.plot(*_points(history.accuracy), color=color, alpha=0.45, linewidth=1.2)
        left.plot(*_points(history.evaluated), "o", color=color, label=_legend(history))
        right.plot(*_points(history.loss), color=color, label=history.name)
    left.set_title("accuracy: line on training batches, dots on held-out images")
    right.set_title("loss on training batches")
    left.set_ylim(None, 1.02)
    right.set_ylim(0.0, None)
    for axes in (left, right):
        axes.set_xlabel("step")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.legend(loc="lower right")
    right.legend(loc="upper right")
    figure.subplots_adjust(left=0.05, right=0.98, top=0.92, bottom=0.13, wspace=0.14)
    return figure


def _points(curve: Curve) -> tuple[list[int], list[float]]:
    return [step for step, _ in curve], [value for _, value in curve]


def _legend(history: History) -> str:
    if not history.evaluated:
        return history.name
    return f"{history.name}, {history.split} {history.evaluated[-1][1]:.4f}"


@styled
def gates_figure(
    gates: Mapping[tuple[int, int], float],
    kept: Mapping[int, Sequence[int]] | None = None,
    title: str = "",
) -> Figure:
    """Return gates as a matrix: a column per layer, a row per source of a skip connection.

    Args:
        gates: (source, destination) -> gate; at least one.
        kept: Destination -> sources that stay; the others are crossed out. None if all stay.
        title: Title of the figure.
    """
    columns = sorted({destination for _, destination in gates})
    rows = sorted({source for source, _ in gates})
    width = min(WIDTH, max(NARROWEST, SIDES + len(columns) * WIDEST_CELL))
    figure = new_figure(min(1000, 92 + 26 * max(3, len(rows))), title, width=width)
    axes = figure.subplots()
    highest = max(abs(gate) for gate in gates.values()) or 1.0
    for (source, destination), gate in gates.items():
        corner = (columns.index(destination) - 0.5, rows.index(source) - 0.5)
        gone = kept is not None and source not in kept.get(destination, ())
        color = SHADES(Normalize(0.0, highest)(abs(gate)))
        axes.add_artist(Rectangle(corner, 1, 1, facecolor=color, edgecolor="white", linewidth=1.5))
        if gone:
            _cross(axes, corner)
        if max(len(rows), len(columns)) <= FILLED_LAYERS:
            _write_gate(axes, corner, gate, gone)
    _frame(axes, columns, rows)
    _set_position(axes, len(columns), 46 if title else 10)
    return figure


def _set_position(axes: Axes, columns: int, top: float) -> None:
    """Set the position of the cells, ``top`` pixels below the edge; few columns stay narrow."""
    height = axes.figure.get_figheight() * axes.figure.dpi
    whole = axes.figure.get_figwidth() * axes.figure.dpi
    width = min(WIDTH - SIDES, columns * WIDEST_CELL)
    axes.set_position((LEFT / whole, 44 / height, width / whole, 1 - (44 + top) / height))


def _cross(axes: Axes, corner: tuple[float, float]) -> None:
    x, y = corner
    axes.plot([x + 0.06, x + 0.94], [y + 0.5, y + 0.5], color=WARNING, linewidth=1.4)


def _write_gate(axes: Axes, corner: tuple[float, float], gate: float, gone: bool) -> None:
    background = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85}
    axes.text(
        corner[0] + 0.5,
        corner[1] + 0.5,
        f"{gate:.2f}",
        ha="center",
        va="center",
        size=SMALL,
        color=WARNING if gone else INK,
        bbox=background if gone else None,
    )


def _frame(axes: Axes, columns: Sequence[int], rows: Sequence[int]) -> None:
    axes.grid(False)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(range(len(columns)), [str(index) for index in columns])
    axes.set_yticks(range(len(rows)), [str(index) if index else "stem" for index in rows])
    axes.set_xlabel("to layer", color=MUTED)
    axes.set_ylabel("from layer", color=MUTED)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
