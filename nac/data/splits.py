"""The images of a data set in memory, split."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Images:
    """A data set in memory.

    Attributes:
        train_images: (examples, height, width, channels), uint8.
        train_labels: (examples,), int32, 0 to classes - 1.
        test_images: like train_images.
        test_labels: like train_labels.
        classes: number of classes.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: int

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of an image."""
        return self.train_images.shape[1:]
