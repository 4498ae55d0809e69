"""Images whose pixels are their number, and augmentation with every switch off."""

from dataclasses import replace
from typing import Any

import numpy as np

from nac.config.parameters import Parameters
from nac.config.training import Augmentation
from nac.config.values import Recipe
from nac.data.images import Images

OFF = Augmentation(crop=False, flip=False, brightness=0.0, contrast=None, standardize=False)


def only(**switches: Any) -> Augmentation:
    """Return augmentation with only the given steps."""
    return replace(OFF, **switches)


def numbered(train: int, test: int = 1) -> Images:
    """Return images of 2x2 pixels; image i has label i and, in every pixel, the value i."""

    def split(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count, dtype=np.int32)
        pixels = np.broadcast_to(labels.astype(np.uint8)[:, None, None, None], (count, 2, 2, 1))
        return pixels, labels

    return Images(*split(train), *split(test), classes=max(train, test))


def recipe(batch_size: int, augmentation: Augmentation = OFF, **parameters: Any) -> Recipe:
    """Return a recipe that only says how batches are made."""
    return Recipe(Parameters(batch_size=batch_size, **parameters), None, augmentation)


def labels_of(batches) -> list[int]:
    """Return the labels of (pixels, labels) batches, one after the other."""
    return np.concatenate([labels for _, labels in batches]).tolist()


def assert_same_batches(ours, theirs) -> None:
    """Assert that two sequences of (pixels, labels) batches are equal."""
    for (pixels, labels), (other_pixels, other_labels) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(labels, other_labels)
        np.testing.assert_array_equal(pixels, other_pixels)
