"""Images with what a network said about them, on one sheet. Needs matplotlib."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nac.drawing.diagram_marks import shortened
from nac.drawing.style import INK, SMALL, WARNING, WIDTH, new_figure, pixel_axes, styled

COLUMNS, SIDE, GAP, CAPTION, TOP = 8, 128, 18, 40, 52
"""Pictures in a row, and sizes in pixels: a picture, the space between two, its caption, the title.
"""


@dataclass(frozen=True)
class Picture:
    """An image with its caption.

    Attributes:
        pixels: (height, width, 1 or 3) uint8.
        true: Name of its class.
        predicted: Name of the class that the network said.
        confidence: The probability that it gave that class.
    """

    pixels: np.ndarray
    true: str
    predicted: str
    confidence: float


@styled
def image_sheet(pictures: Sequence[Picture], title: str) -> Figure:
    """Return pictures in rows, each with its true class, its predicted class and the confidence."""
    rows = max(1, math.ceil(len(pictures) / COLUMNS))
    figure = new_figure(TOP + rows * (SIDE + CAPTION + GAP), title)
    axes = pixel_axes(figure)
    left = (WIDTH - COLUMNS * SIDE - (COLUMNS - 1) * GAP) / 2
    for number, picture in enumerate(pictures):
        row, column = divmod(number, COLUMNS)
        x, y = left + column * (SIDE + GAP), TOP + row * (SIDE + CAPTION + GAP)
        _draw_image(axes, picture.pixels, x, y)
        wrong = picture.true != picture.predicted
        share = f"{100 * picture.confidence:.0f} %"
        style = {"ha": "center", "va": "top", "size": SMALL}
        axes.text(x + SIDE / 2, y + SIDE + 5, shortened(f"true: {picture.true}", SIDE), **style)
        answer = shortened(picture.predicted, SIDE - 50)
        color = WARNING if wrong else INK
        axes.text(x + SIDE / 2, y + SIDE + 20, f"{answer}, {share}", color=color, **style)
    return figure


def _draw_image(axes, pixels: np.ndarray, x: float, y: float) -> None:
    """Draw an image in the middle of its square, with every pixel as a sharp box."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    height, width = scale * height, scale * width
    x, y = x + (SIDE - width) / 2, y + (SIDE - height) / 2
    colors = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    # set_xlim and set_ylim of the axes stay, as imshow would change them.
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(colors, extent=(x, x + width, y + height, y), interpolation="nearest", zorder=2)
    axes.set_aspect("auto")
    axes.set(xlim=limits[0], ylim=limits[1])
