"""Which images are worth looking at."""

import numpy as np

from nac.quality.file import Predictions

SHOWN = 24
"""Number of worst mistakes, and of least certain images, that are shown."""


def worst_mistakes(predictions: Predictions, most: int = SHOWN) -> list[int]:
    """Return the positions of wrong answers, the most confident one first."""
    wrong = np.flatnonzero(~predictions.right)
    order = np.argsort(-predictions.confidence[wrong], kind="stable")
    return wrong[order][:most].tolist()


def least_certain(predictions: Predictions, most: int = SHOWN) -> list[int]:
    """Return the positions of the answers with the smallest confidence, the smallest first."""
    return np.argsort(predictions.confidence, kind="stable")[:most].tolist()


def shown(predictions: Predictions) -> list[int]:
    """Return the positions of all images that are shown, each once, in their order."""
    return sorted({*worst_mistakes(predictions), *least_certain(predictions)})
