"""Right and wrong answers, counted batch by batch in NumPy."""

import numpy as np

from nac.quality.counting import class_accuracies, confusion_matrix

TOP = 5
"""Top-5 accuracy counts an answer as right if it is among the 5 classes with largest logits."""


class Tally:
    """Counts of the answers for all images so far.

    Args:
        classes: Number of classes.

    Attributes:
        confusion: Number of images by true and predicted class, (classes, classes) int64.

    Example:
    >>> tally = Tally(classes=2)
    >>> tally.add(np.array([0, 1]), np.array([[2.0, 0.0], [1.0, 0.0]]))
    >>> tally.accuracy
    0.5
    """

    def __init__(self, classes: int):
        self.confusion = np.zeros((classes, classes), np.int64)
        self._in_top = 0
        self._loss = 0.0

    def add(self, labels: np.ndarray, logits: np.ndarray) -> None:
        """Add the answers for a batch.

        Args:
            labels: True classes, (images,) integers.
            logits: Finite outputs, (images, classes). Of equal ones, the first class is predicted.
        """
        order = np.argsort(-logits, axis=1, kind="stable")
        self.confusion += confusion_matrix(labels, order[:, 0], len(self.confusion))
        self._in_top += int((order[:, :TOP] == labels[:, np.newaxis]).sum())
        self._loss += float(cross_entropies(labels, logits).sum())

    @property
    def images(self) -> int:
        """Number of images."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of images whose class has the largest logit."""
        return int(self.confusion.trace()) / self.images

    @property
    def top5_accuracy(self) -> float | None:
        """Share of images whose class is among the best 5, None with at most 5 classes."""
        return self._in_top / self.images if len(self.confusion) > TOP else None

    @property
    def loss(self) -> float:
        """Mean cross-entropy."""
        return self._loss / self.images

    @property
    def class_accuracies(self) -> list[float | None]:
        """Share of right answers for the images of each class, None for a class without images."""
        return class_accuracies(self.confusion.sum(axis=1), self.confusion.diagonal())


def cross_entropies(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each image, (images,), float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    logs = np.log(np.exp(shifted).sum(axis=1))
    return logs - shifted[np.arange(len(labels)), labels]
