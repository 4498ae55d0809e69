"""Which classes a network takes for which."""

from dataclasses import dataclass

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return the number of images by true and predicted class, (classes, classes) int64.

    Args:
        labels: True classes, (images,) integers.
        predicted: Predicted classes, (images,) integers.
        classes: Number of classes.

    Example:
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def class_accuracies(confusion: np.ndarray) -> list[float | None]:
    """Return the share of right answers for the images of each class, None without images."""
    totals = confusion.sum(axis=1)
    right = confusion.diagonal()
    return [int(r) / int(n) if n else None for r, n in zip(right, totals, strict=True)]


@dataclass(frozen=True)
class ConfusedPair:
    """Images of one class that were taken for another one.

    Attributes:
        true: Their class.
        predicted: The class that they were taken for.
        images: Their number.
        share: Their share of all images of their class.
    """

    true: int
    predicted: int
    images: int
    share: float


def confused_pairs(confusion: np.ndarray, most: int) -> list[ConfusedPair]:
    """Return the pairs of classes with the most wrong answers, the most frequent first.

    Args:
        confusion: See :func:`confusion_matrix`.
        most: Number of pairs, fewer if there are not as many.
    """
    wrong = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    totals = confusion.sum(axis=1)
    return [
        ConfusedPair(int(i), int(j), int(wrong[i, j]), float(wrong[i, j] / totals[i]))
        for i, j in pairs
        if wrong[i, j]
    ]
