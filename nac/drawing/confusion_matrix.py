"""The confusion matrix of a network. Needs matplotlib."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nac.drawing.diagram_marks import shortened
from nac.drawing.style import (
    INK,
    MUTED,
    NORMAL,
    SHADES,
    SMALL,
    WARNING_PALE,
    new_figure,
    styled,
)

MOST_NAMED = 20
"""Up to this number of classes, cells have numbers, and rows and columns have names."""

MOST_DRAWN = 1_000
"""Number of classes up to which there is a figure: of more, a cell would be less than a pixel."""

CELL, MARGIN, AXIS = 34, 10, 28
"""Sizes in pixels: a cell, the edge, and the room for the name of an axis."""

LABELS, CHARACTER = 140, 7.2
"""Sizes in pixels: the room for names of classes, at most, and that of one of their characters."""

SMALLEST_MATRIX = 6 * CELL
"""Width of the cells together, at least, so that titles have room."""

UPRIGHT = 3
"""Number of characters up to which names of columns are not turned."""

UNNAMED_SIDE = 720
"""Side in pixels of a matrix of more classes."""

WRONG_SHADES = LinearSegmentedColormap.from_list("nac-wrong", ("#ffffff", WARNING_PALE))


@styled
def confusion_figure(confusion: np.ndarray, class_names: Sequence[str], title: str = "") -> Figure:
    """Return a matrix with a row per true class and a column per predicted class.

    A cell is shaded by its share of its row: right answers on the diagonal are blue, wrong answers
    are orange. As these are few, a quarter already has the full color, and one image is visible.

    Args:
        confusion: Number of images by true and predicted class, (classes, classes), for up to
            MOST_DRAWN classes.
        class_names: Name of each class.
        title: Title of the figure.
    """
    named, classes = len(confusion) <= MOST_NAMED, len(confusion)
    side = max(SMALLEST_MATRIX, CELL * classes) if named else UNNAMED_SIDE
    labels = _room(class_names) if named else 0
    left, top = MARGIN + AXIS + labels, MARGIN + AXIS + labels + (30 if title else 0)
    width, height = left + side + MARGIN, top + side + MARGIN
    figure = new_figure(height, title, width=width)
    axes = figure.add_axes((left / width, MARGIN / height, side / width, side / height))
    _frame(axes, classes, (labels + AXIS / 2) / side)
    if named:
        _draw_cells(axes, confusion)
        _name(axes, class_names)
    else:
        axes.imshow(_colors(confusion), interpolation="nearest", aspect="auto")
    return figure


def _room(class_names: Sequence[str]) -> int:
    """Return the room for names of classes in pixels."""
    return min(LABELS, round(10 + CHARACTER * max(map(len, class_names))))


def _colors(confusion: np.ndarray) -> np.ndarray:
    """Return the color of each cell, (classes, classes, 4)."""
    shares = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    colors = WRONG_SHADES(np.where(confusion, np.clip(0.2 + 3.2 * shares, 0.0, 1.0), 0.0))
    diagonal = np.arange(len(confusion))
    colors[diagonal, diagonal] = SHADES(shares[diagonal, diagonal])
    return colors


def _draw_cells(axes: Axes, confusion: np.ndarray) -> None:
    colors = _colors(confusion)
    for (true, predicted), count in np.ndenumerate(confusion):
        corner, color = (predicted - 0.5, true - 0.5), colors[true, predicted]
        axes.add_artist(
            Rectangle(corner, 1, 1, facecolor=color, edgecolor="#e6eaee", linewidth=0.8)
        )
        if count:
            size = NORMAL if count < 10_000 else SMALL
            weight = "bold" if true == predicted else "normal"
            style = {"ha": "center", "va": "center", "size": size, "weight": weight, "color": INK}
            axes.text(predicted, true, str(count), **style)


def _name(axes: Axes, class_names: Sequence[str]) -> None:
    names = [shortened(name, LABELS) for name in class_names]
    rotation = 90 if max(map(len, names)) > UPRIGHT else 0
    axes.set_xticks(range(len(names)), names, rotation=rotation, size=NORMAL, color=INK)
    axes.set_yticks(range(len(names)), names, size=NORMAL, color=INK)


def _frame(axes: Axes, classes: int, distance: float) -> None:
    """Set up the axes; their names are a distance away, as a share of the side of the matrix."""
    axes.grid(False)
    axes.set_xlim(-0.5, classes - 0.5)
    axes.set_ylim(classes - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.set_xlabel("predicted", color=MUTED)
    axes.set_ylabel("true class", color=MUTED)
    axes.xaxis.set_label_coords(0.5, 1 + distance)
    axes.yaxis.set_label_coords(-distance, 0.5)
    axes.xaxis.label.set_va("center")
    axes.yaxis.label.set_va("center")
    for spine in axes.spines.values():
        spine.set_visible(False)
