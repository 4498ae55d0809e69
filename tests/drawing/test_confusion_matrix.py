"""The contents of confusion matrices."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.patches import Rectangle

from nac.drawing.confusion_matrix import confusion_figure
from nac.drawing.style import DPI
from tests.plots.drawings import smallest_text, texts

NAMES = ("ant", "bumblebee", "cat")
MATRIX = np.array([[7, 0, 1], [0, 12, 0], [2, 0, 0]])


def sides(figure):
    return tuple(figure.get_size_inches() * DPI)


def test_counts_classes_and_axes_are_written():
    shown = texts(confusion_figure(MATRIX, NAMES, "Test images"))
    assert {"Test images", "predicted", "true class"} <= set(shown)
    assert [shown.count(name) for name in NAMES] == [2, 2, 2]
    assert sorted(text for text in shown if text.isdigit()) == ["1", "12", "2", "7"]


def test_a_cell_is_darker_the_larger_its_share_of_the_row_and_white_without_images():
    axes = confusion_figure(MATRIX, NAMES).axes[0]
    cells = [cell for cell in axes.findobj(Rectangle) if cell is not axes.patch]
    colors = {(round(c.get_y() + 0.5), round(c.get_x() + 0.5)): c.get_facecolor() for c in cells}
    assert colors[0, 1] == (1.0, 1.0, 1.0, 1.0)
    assert sum(colors[2, 0]) < sum(colors[0, 2]) < 4.0
    assert sum(colors[1, 1]) < sum(colors[0, 0]) < 4.0


def test_twenty_classes_have_names_and_all_fit():
    names = [f"a rather long name {number}" for number in range(20)]
    figure = confusion_figure(np.full((20, 20), 1234), names)
    assert texts(figure).count("1234") == 400
    assert max(sides(figure)) < 900
    assert smallest_text(figure) > 9


def test_more_classes_are_colors_alone():
    figure = confusion_figure(np.eye(300, dtype=int), [str(number) for number in range(300)])
    assert set(texts(figure)) == {"predicted", "true class"}
    assert figure.axes[0].images[0].get_array().shape == (300, 300, 4)


def test_short_names_take_little_room():
    short, long = (confusion_figure(MATRIX, [name] * 3) for name in ("3", "a long name"))
    assert sides(short) < sides(long)
