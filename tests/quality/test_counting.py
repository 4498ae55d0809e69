"""Confusion matrices, with counts worked out by hand."""

import numpy as np

from nac.quality.counting import (
    ConfusedPair,
    class_accuracies,
    confused_pairs,
    confusion_matrix,
)

MATRIX = np.array([[8, 2, 0], [1, 0, 3], [0, 0, 0]])


def test_true_classes_are_rows_and_predicted_ones_columns():
    matrix = confusion_matrix(np.array([0, 0, 2]), np.array([0, 1, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_the_accuracy_of_a_class_is_among_its_own_images():
    assert class_accuracies(MATRIX) == [0.8, 0.0, None]


def test_confused_pairs_are_the_wrong_answers_the_most_frequent_first():
    assert confused_pairs(MATRIX, 9) == [
        ConfusedPair(true=1, predicted=2, images=3, share=0.75),
        ConfusedPair(true=0, predicted=1, images=2, share=0.2),
        ConfusedPair(true=1, predicted=0, images=1, share=0.25),
    ]


def test_no_more_pairs_than_wanted():
    assert [pair.images for pair in confused_pairs(MATRIX, 2)] == [3, 2]
