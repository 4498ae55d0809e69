"""A classifier of photos in another format, with its accuracy before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from nac.config.splits import TEST
from nac.data.source import Source
from nac.exporting.checked import IMAGES, export_checked, random_pixels
from nac.exporting.data import BATCH, calibration_images, scored_images
from nac.exporting.formats import FLOAT16, FLOAT32, INT8, Format, Request
from nac.exporting.pixels import pixel_model
from nac.models.classifier import PhotoClassifier

TOLERANCES = {FLOAT32: 1e-4, FLOAT16: 2e-2, INT8: float("inf")}
"""Precision -> largest difference of a probability, as a share of the largest one.

What 8 bits change is told by the accuracy.
"""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        difference: Largest difference of a probability, on random pixels or, with int8, on training
            images.
        split: Images that both were scored on.
        images: Their number, 0 if there were none.
        before: Share of right answers of the classifier on them, None if there were none.
        after: The same of the file, as its own runtime computes it.
    """

    difference: float
    split: str = TEST
    images: int = 0
    before: float | None = None
    after: float | None = None


def export_classifier(
    classifier: PhotoClassifier,
    form: Format,
    precision: str,
    output: Path,
    tolerance: float | None = None,
    source: Source | None = None,
    most_images: int = 2000,
) -> Exported:
    """Write a classifier, check the file, and score both.

    Args:
        classifier: The classifier.
        form: Format of the file.
        precision: One that the format offers; int8 needs a data set.
        output: Path of the new file or folder.
        tolerance: Largest difference, as a share of the largest probability; by default that of
            :data:`TOLERANCES`.
        source: The data set that it was trained on, None to do without accuracies.
        most_images: Images that are scored at most; 0 for none.

    Raises:
        NacError: The file answers something else than the classifier.
    """
    model = pixel_model(classifier, form.any_size)
    images = calibration_images(source) if precision == INT8 else None
    write = None
    if form.write_classifier is not None:
        write = partial(form.write_classifier, Request(classifier, model, precision, images))
    limit = TOLERANCES[precision] if tolerance is None else tolerance
    # What 8 bits do to noise says nothing, as they were fitted to real images.
    compared = random_pixels(classifier.image_shape, seed=0) if images is None else images[:IMAGES]
    difference = export_checked(model, form, output, limit, compared, write)
    if source is None or not most_images:
        return Exported(difference)
    split = classifier.provenance.split or TEST
    pixels, labels = scored_images(source, split, most_images)
    before = accuracy(lambda batch: classifier.predict(batch, verbose=0), pixels, labels)
    after = accuracy(form.load(output), pixels, labels)
    return Exported(difference, split, len(labels), before, after)


def accuracy(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, labels: np.ndarray
) -> float:
    """Return the share of images whose class has the largest output."""
    batches = range(0, len(images), BATCH)
    best = [predict(images[start : start + BATCH]).argmax(axis=1) for start in batches]
    return float(np.mean(np.concatenate(best) == labels))
