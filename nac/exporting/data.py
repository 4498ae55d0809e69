"""Images of the data set that a classifier was trained on, as raw pixels."""

from pathlib import Path

import numpy as np

from nac.config import Experiment, load_experiment
from nac.config.training import Augmentation
from nac.data.datasets import dataset_of
from nac.data.source import Source
from nac.models.classifier import PhotoClassifier
from nac.runs.layout import EXPERIMENT, FINAL, JOB
from nac.utils.errors import InputError

CALIBRATION_IMAGES = 300
"""Training images, drawn at random, by which ranges of values are found for 8 bits."""

BATCH = 100
"""Images that are read, or answered, at a time."""

UNCHANGED = Augmentation(crop=False, flip=False, brightness=0.0, contrast=None, standardize=False)


def experiment_of(model: Path) -> Experiment | None:
    """Return the training that a file is from, by what is in its directory; None if nothing is.

    Args:
        model: Path of the file, such as ``runs/digits/classifier.keras``.
    """
    places = (model.parent / FINAL / JOB, model.parent / EXPERIMENT, model.parent / JOB)
    path = next((path for path in places if path.is_file()), None)
    return load_experiment(str(path)) if path else None


def source_of(model: Path, classifier: PhotoClassifier, data_dir: str | None = None) -> Source:
    """Return the data set that a classifier was trained on.

    Args:
        model: Path of its file.
        classifier: The classifier.
        data_dir: Directory of the data set, in place of the one that the training had.

    Raises:
        InputError: The directory of the file does not say which one that is, it is not there, or
            its images have another shape.
    """
    experiment = experiment_of(model)
    if experiment is None:
        raise InputError(
            f"{model.parent}: no {EXPERIMENT} or {JOB} there, which name the images that the"
            " classifier was trained on"
        )
    source = dataset_of(experiment, data_dir)
    if source.image_shape != classifier.image_shape:
        raise InputError(
            f"{experiment.source}: expected images of {classifier.image_shape}, as the classifier"
            f" was trained on, received {source.image_shape}"
        )
    return source


def calibration_images(source: Source) -> np.ndarray:
    """Return training images in random order, (300, height, width, channels), uint8."""
    steps = range(CALIBRATION_IMAGES // BATCH)
    batches = source.training_batches(steps, BATCH, UNCHANGED)
    return np.concatenate([_pixels(images) for images, _ in batches])


def scored_images(source: Source, split: str, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images of a split and their labels.

    Args:
        source: The data set.
        split: "test" or "validation".
        most: How many of them at most. If there are more, they are spread evenly over the split,
            because files are often in the order of their classes.

    Returns:
        Pixels, (images, height, width, channels) uint8, and labels, (images,).
    """
    labels = [batch.numpy() for _, batch in source.evaluation_batches(split, BATCH, False)]
    real = np.flatnonzero(np.concatenate(labels) >= 0)  # without the padding of the last batch
    chosen = real[np.linspace(0, len(real) - 1, min(most, len(real))).round().astype(int)]
    parts = []
    for number, (images, _) in enumerate(source.evaluation_batches(split, BATCH, False)):
        own = chosen[(chosen >= number * BATCH) & (chosen < (number + 1) * BATCH)]
        parts.append(_pixels(images)[own - number * BATCH])
    return np.concatenate(parts), np.concatenate(labels)[chosen]


def _pixels(images) -> np.ndarray:
    return images.numpy().round().astype(np.uint8)
