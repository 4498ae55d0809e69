"""The answers of a trained network, image by image, as a value and as a file."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.runs.layout import PREDICTIONS
from nac.utils.errors import InputError
from nac.utils.files import write_atomically

VERSION = 1

_PER_IMAGE = ("labels", "predicted", "confidence", "true_probability")


@dataclass(frozen=True)
class Predictions:
    """The answers of a network for all images of a split, in their order.

    Attributes:
        split: The images, "test" or "validation".
        class_names: Name of each class.
        labels: True class of each image, (images,) integers.
        predicted: Class with the largest output, (images,) integers.
        confidence: Probability of that class, (images,) float32 from 0 to 1.
        true_probability: Probability of the true class, (images,) float32.
    """

    split: str
    class_names: tuple[str, ...]
    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    true_probability: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each answer is right, (images,) bool."""
        return self.labels == self.predicted


def write_predictions(job: Path, predictions: Predictions) -> None:
    """Write the answers of a job's network, whole or not at all.

    They take about ten bytes per image, whatever the number of classes.
    """
    content = io.BytesIO()
    np.savez_compressed(
        content,
        version=np.array(VERSION),
        split=np.array(predictions.split),
        class_names=np.array(predictions.class_names),
        **{name: getattr(predictions, name) for name in _PER_IMAGE},
    )
    write_atomically(job / PREDICTIONS, content.getvalue())


def read_predictions(job: Path) -> Predictions | None:
    """Return the answers of a job's network, None if the job has not left any.

    Raises:
        InputError: The file is damaged, or of a version that this nac does not read.
    """
    path = job / PREDICTIONS
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
            version = int(content.pop("version"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: expected predictions of nac train, received {error}") from None
    if version != VERSION:
        raise InputError(f"{path}: version: expected {VERSION}, received {version}")
    return _checked(path, content)


def _checked(path: Path, content: dict[str, np.ndarray]) -> Predictions:
    """Return the predictions in a file.

    Raises:
        InputError: An array is missing, is too short or too long, or a class does not exist.
    """
    missing = {"split", "class_names", *_PER_IMAGE} - set(content)
    if missing:
        raise InputError(f"{path}: {min(missing)}: missing")
    images, classes = len(content["labels"]), len(content["class_names"])
    for name in _PER_IMAGE:
        if content[name].shape != (images,):
            raise InputError(
                f"{path}: {name}: expected {images} values, received shape {content[name].shape}"
            )
    for name in ("labels", "predicted"):
        if images and not 0 <= content[name].min() <= content[name].max() < classes:
            raise InputError(f"{path}: {name}: expected classes from 0 to {classes - 1}")
    return Predictions(
        split=str(content["split"]),
        class_names=tuple(map(str, content["class_names"])),
        **{name: content[name] for name in _PER_IMAGE},
    )
