"""Counts of correct predictions, compared with values computed by hand."""

import math

import numpy as np
import pytest

from nac.evaluation.counting import Tally, cross_entropies

LABELS = np.array([0, 0, 1, 2])
LOGITS = np.array([[3, 1, 1], [1, 2, 0], [0, 5, 4], [0, 9, 1]], np.float32)
"""Predicted are the classes 0, 1, 1, 1."""


@pytest.fixture
def tally():
    tally = Tally(3)
    tally.add(LABELS, LOGITS)
    return tally


def test_the_confusion_matrix_has_true_classes_in_rows(tally):
    assert tally.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_accuracy_is_the_share_of_right_answers(tally):
    assert (tally.images, tally.accuracy) == (4, 0.5)


def test_the_accuracy_of_a_class_is_among_its_own_images(tally):
    assert tally.class_accuracies == [0.5, 1.0, 0.0]


def test_a_class_without_images_has_no_accuracy():
    tally = Tally(3)
    tally.add(LABELS[:3], LOGITS[:3])
    assert tally.class_accuracies == [0.5, 1.0, None]


def test_batches_add_up(tally):
    parts = Tally(3)
    parts.add(LABELS[:1], LOGITS[:1])
    parts.add(LABELS[1:], LOGITS[1:])
    assert parts.confusion.tolist() == tally.confusion.tolist()
    assert parts.loss == pytest.approx(tally.loss)


def test_among_equal_logits_the_first_class_is_predicted():
    tally = Tally(3)
    tally.add(np.array([1, 1]), np.array([[0, 7, 7], [7, 7, 0]], np.float32))
    assert tally.confusion[1].tolist() == [1, 1, 0]


def test_top_5_counts_the_five_largest_logits():
    logits = np.array([[7, 6, 5, 4, 3, 2, 1]], np.float32).repeat(3, axis=0)
    tally = Tally(7)
    tally.add(np.array([0, 4, 5]), logits)
    assert tally.top5_accuracy == pytest.approx(2 / 3)


@pytest.mark.parametrize(("classes", "has_top5"), [(5, False), (6, True)])
def test_top_5_means_something_only_with_more_than_five_classes(classes, has_top5):
    tally = Tally(classes)
    tally.add(np.array([0]), np.zeros((1, classes), np.float32))
    assert (tally.top5_accuracy is not None) == has_top5


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_their_number():
    assert cross_entropies(np.array([2]), np.zeros((1, 4))) == pytest.approx([math.log(4)])


def test_cross_entropy_of_odds_3_to_1():
    logits = np.array([[math.log(3), 0.0], [math.log(3), 0.0]])
    expected = [math.log(4 / 3), math.log(4)]
    assert cross_entropies(np.array([0, 1]), logits) == pytest.approx(expected)


def test_cross_entropy_of_huge_logits_is_finite():
    logits = np.array([[10_000.0, 0.0]], np.float32)
    assert cross_entropies(np.array([1]), logits) == pytest.approx([10_000.0])


def test_the_loss_is_the_mean_cross_entropy():
    tally = Tally(2)
    tally.add(np.array([0, 1]), np.array([[math.log(3), 0.0]] * 2))
    assert tally.loss == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)
