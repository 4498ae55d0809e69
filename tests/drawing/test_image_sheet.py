"""Sheets of images with captions."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from nac.drawing.image_sheet import COLUMNS, Picture, image_sheet
from nac.drawing.style import DPI, WARNING, WIDTH
from tests.plots.drawings import texts

GRAY, COLOR = np.full((4, 4, 1), 128, np.uint8), np.full((4, 8, 3), 128, np.uint8)


def test_each_image_has_its_class_and_what_the_network_said():
    sheet = image_sheet([Picture(GRAY, "ant", "bee", 0.876)], "Worst mistakes")
    assert set(texts(sheet)) == {"Worst mistakes", "true: ant", "bee, 88 %"}


def test_wrong_answers_are_colored():
    pictures = [Picture(GRAY, "ant", "ant", 0.5), Picture(GRAY, "ant", "bee", 0.5)]
    found = {text.get_text(): text.get_color() for text in image_sheet(pictures, "").axes[0].texts}
    assert found["bee, 50 %"] == WARNING
    assert found["ant, 50 %"] != WARNING


def test_images_keep_their_proportions_and_stay_inside():
    sheet = image_sheet([Picture(COLOR, "ant", "bee", 0.5)] * (COLUMNS + 1), "")
    height = sheet.get_figheight() * DPI
    for image in sheet.axes[0].images:
        left, right, bottom, top = image.get_extent()
        assert (right - left) / (bottom - top) == pytest.approx(2.0)
        assert 0 < left < right < WIDTH
        assert 0 < top < bottom < height


def test_a_sheet_without_images_has_its_title():
    assert texts(image_sheet([], "No mistakes")) == ["No mistakes"]
