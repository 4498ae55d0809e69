"""Whether a network is right as often as it is confident."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nac.quality.file import Predictions

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The images whose confidence is in one interval.

    Attributes:
        low: Lower end of the interval, which does not belong to it (except 0).
        high: Upper end, which does.
        images: Their number, at least 1.
        confidence: Their mean confidence.
        accuracy: Share of right answers for them.
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


def calibration_curve(predictions: Predictions, bins: int = BINS) -> list[Bin]:
    """Return the intervals of equal width that have images, by rising confidence.

    Args:
        predictions: The answers.
        bins: Number of intervals from 0 to 1.
    """
    numbers = np.ceil(predictions.confidence.astype(np.float64) * bins).astype(int) - 1
    numbers = numbers.clip(0, bins - 1)
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            images=int(inside.sum()),
            confidence=float(predictions.confidence[inside].mean(dtype=np.float64)),
            accuracy=float(predictions.right[inside].mean()),
        )
        for number in np.unique(numbers)
        for inside in [numbers == number]
    ]


def expected_calibration_error(curve: Sequence[Bin]) -> float:
    """Return the mean distance of accuracy and confidence, each interval weighted by its images.

    It is 0 if of all images answered with confidence p the share p is right.
    """
    images = sum(entry.images for entry in curve)
    return sum(entry.images * abs(entry.accuracy - entry.confidence) for entry in curve) / images
