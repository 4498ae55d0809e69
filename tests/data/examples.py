"""Images that say where they come from, and augmentation with every switch off."""

from dataclasses import replace
from typing import Any

import numpy as np

from nac.config.values import Augmentation, Parameters, Recipe
from nac.data.splits import Images

OFF = Augmentation(crop=False, flip=False, brightness=0.0, contrast=None, standardize=False)


def only(**switches: Any) -> Augmentation:
    """Return augmentation with nothing but the given steps."""
    return replace(OFF, **switches)


def numbered(train: int, test: int = 1) -> Images:
    """Return images of 2x2 pixels; image i has label i and, in every pixel, the value i."""

    def split(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count, dtype=np.int32)
        pixels = np.broadcast_to(labels.astype(np.uint8)[:, None, None, None], (count, 2, 2, 1))
        return pixels, labels

    return Images(*split(train), *split(test), classes=max(train, test))


def recipe(batch_size: int, augmentation: Augmentation = OFF, **parameters: Any) -> Recipe:
    """Return a recipe of batches; nothing of it is about training."""
    return Recipe(Parameters(batch_size=batch_size, **parameters), None, augmentation)
