"""Right and wrong answers, counted batch by batch. Pure NumPy."""

import numpy as np

TOP = 5
"""An answer is right in the wider sense if it is among so many with the largest logits."""


class Tally:
    """Counts of all images seen so far.

    Args:
        classes: number of classes.

    Attributes:
        confusion: (classes, classes), images by true and by predicted class.
    """

    def __init__(self, classes: int):
        self.confusion = np.zeros((classes, classes), np.int64)
        self._in_top = 0
        self._loss = 0.0

    def add(self, labels: np.ndarray, logits: np.ndarray) -> None:
        """Count a batch.

        Args:
            labels: (images,), true classes.
            logits: (images, classes), finite; among equal ones the first class is predicted.
        """
        order = np.argsort(-logits, axis=1, kind="stable")
        np.add.at(self.confusion, (labels, order[:, 0]), 1)
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
        """Share of images whose class is among the best five; None if there are no more."""
        return self._in_top / self.images if len(self.confusion) > TOP else None

    @property
    def loss(self) -> float:
        """Mean cross-entropy."""
        return self._loss / self.images

    @property
    def class_accuracies(self) -> list[float | None]:
        """Share of right answers among the images of each class; None where there are none."""
        totals = self.confusion.sum(axis=1)
        right = self.confusion.diagonal()
        return [int(r) / int(n) if n else None for r, n in zip(right, totals, strict=True)]


def cross_entropies(labels: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each image, (images,), float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    logs = np.log(np.exp(shifted).sum(axis=1))
    return logs - shifted[np.arange(len(labels)), labels]
