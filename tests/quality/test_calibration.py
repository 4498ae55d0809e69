"""Accuracy by confidence, with values worked out by hand."""

import pytest

from nac.quality.calibration import Bin, calibration_curve, expected_calibration_error
from tests.quality.examples import predictions

ANSWERS = predictions([0, 0, 0, 0], [0, 1, 0, 0], [0.5, 0.375, 0.75, 1.0])
"""With two intervals: 0.375 and 0.5 (one of them right), 0.75 and 1 (both right)."""


def test_intervals_have_mean_confidence_and_accuracy():
    assert calibration_curve(ANSWERS, bins=2) == [
        Bin(low=0.0, high=0.5, images=2, confidence=0.4375, accuracy=0.5),
        Bin(low=0.5, high=1.0, images=2, confidence=0.875, accuracy=1.0),
    ]


def test_intervals_without_images_are_left_out():
    curve = calibration_curve(predictions([0], [0], 0.95))
    assert [(entry.low, entry.high) for entry in curve] == [(0.9, 1.0)]


def test_a_confidence_of_zero_is_in_the_first_interval():
    assert calibration_curve(predictions([0], [1], 0.0))[0].low == 0.0


def test_the_error_is_the_mean_distance_weighted_by_images():
    curve = [
        Bin(0.0, 0.5, images=3, confidence=0.25, accuracy=0.5),
        Bin(0.5, 1.0, images=1, confidence=1.0, accuracy=0.0),
    ]
    assert expected_calibration_error(curve) == pytest.approx((3 * 0.25 + 1.0) / 4)


def test_a_network_that_is_right_as_often_as_it_is_confident_has_no_error():
    answers = predictions([0, 0, 0, 0], [0, 0, 0, 1], 0.75)
    assert expected_calibration_error(calibration_curve(answers)) == 0.0
