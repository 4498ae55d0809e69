"""Which classes a network takes for which."""

from dataclasses import dataclass

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return the number of images by true and predicted class, (classes, classes) int64.

    It is for a moderate number of classes: with 20,000, it takes 3 GB.

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


def class_counts(
    labels: np.ndarray, predicted: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of images of each class, and of those with a right answer, (classes,) each.

    Args:
        labels: True classes, (images,) integers.
        predicted: Predicted classes, (images,) integers.
        classes: Number of classes.

    Example:
    >>> images, right = class_counts(np.array([0, 1, 1]), np.array([0, 1, 0]), 3)
    >>> images.tolist(), right.tolist()
    ([1, 2, 0], [1, 1, 0])
    """
    right = labels[labels == predicted]
    return np.bincount(labels, minlength=classes), np.bincount(right, minlength=classes)


def class_accuracies(images: np.ndarray, right: np.ndarray) -> list[float | None]:
    """Return the share of right answers for the images of each class, None without images.

    Args:
        images: Number of images of each class, (classes,).
        right: Number of those with a right answer, (classes,).
    """
    return [int(r) / int(n) if n else None for r, n in zip(right, images, strict=True)]


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


def pair_counts(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return true class, predicted class and number of images of each pair that has images.

    These are the cells of a confusion matrix that are not zero, row by row. Unlike the matrix, they
    never take more memory than the images do.

    Args:
        labels: True classes, (images,) integers.
        predicted: Predicted classes, (images,) integers.

    Returns:
        (pairs, 3) int64.

    Example:
    >>> pair_counts(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1])).tolist()
    [[0, 0, 1], [1, 0, 1], [1, 1, 2]]
    """
    more = 2**31  # than any class, so a pair is a single integer
    pairs, counts = np.unique(labels.astype(np.int64) * more + predicted, return_counts=True)
    return np.stack([*np.divmod(pairs, more), counts], axis=1)


def confused_pairs(labels: np.ndarray, predicted: np.ndarray, most: int) -> list[ConfusedPair]:
    """Return the pairs of classes with the most wrong answers, the most frequent first.

    Args:
        labels: True classes, (images,) integers.
        predicted: Predicted classes, (images,) integers.
        most: Number of pairs, fewer if there are not as many.
    """
    wrong = labels != predicted
    pairs = pair_counts(labels[wrong], predicted[wrong])
    order = np.argsort(-pairs[:, 2], kind="stable")[:most]
    totals = np.bincount(labels)
    return [
        ConfusedPair(true, answer, images, images / int(totals[true]))
        for true, answer, images in pairs[order].tolist()
    ]
