"""Confusion matrices, with counts worked out by hand."""

import numpy as np

from nac.quality.counting import (
    ConfusedPair,
    class_accuracies,
    class_counts,
    confused_pairs,
    confusion_matrix,
    pair_counts,
)

PAIRS = np.array([(0, 0)] * 8 + [(1, 2)] * 3 + [(0, 1)] * 2 + [(1, 0)])
"""True and predicted class of 14 images of the first two of three classes."""

LABELS, PREDICTED = PAIRS[:, 0], PAIRS[:, 1]


def test_true_classes_are_rows_and_predicted_ones_columns():
    matrix = confusion_matrix(np.array([0, 0, 2]), np.array([0, 1, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_images_and_right_answers_are_counted_by_class():
    images, right = class_counts(LABELS, PREDICTED, 3)
    assert (images.tolist(), right.tolist()) == ([10, 4, 0], [8, 0, 0])


def test_the_accuracy_of_a_class_is_among_its_own_images():
    assert class_accuracies(np.array([10, 4, 0]), np.array([8, 0, 0])) == [0.8, 0.0, None]


def test_pairs_of_classes_come_row_by_row():
    assert pair_counts(LABELS, PREDICTED).tolist() == [[0, 0, 8], [0, 1, 2], [1, 0, 1], [1, 2, 3]]


def test_confused_pairs_are_the_wrong_answers_the_most_frequent_first():
    assert confused_pairs(LABELS, PREDICTED, 9) == [
        ConfusedPair(true=1, predicted=2, images=3, share=0.75),
        ConfusedPair(true=0, predicted=1, images=2, share=0.2),
        ConfusedPair(true=1, predicted=0, images=1, share=0.25),
    ]


def test_no_more_pairs_than_wanted():
    assert [pair.images for pair in confused_pairs(LABELS, PREDICTED, 2)] == [3, 2]


def test_without_mistakes_there_are_no_confused_pairs():
    assert confused_pairs(np.array([0, 1]), np.array([0, 1]), 9) == []
