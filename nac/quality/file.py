"""The answers of a trained network, image by image, as a value and as a file."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.config.splits import TEST, VALIDATION
from nac.runs.layout import PREDICTIONS
from nac.utils import limits
from nac.utils.arrays import described, read_arrays
from nac.utils.errors import InputError
from nac.utils.files import write_atomically
from nac.utils.schema import shown

VERSION = 1

ROUNDING = 1e-3
"""By how much a probability may be below 0 or above 1, as it is computed in few bits."""

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
        InputError: The file is damaged, is of a version that this nac does not read, or holds
            something else than predictions.
    """
    path = job / PREDICTIONS
    if not path.is_file():
        return None
    content = read_arrays(path, "predictions of nac train", limits.PREDICTIONS_BYTES)
    version = content.pop("version", None)
    if version is None:
        raise InputError(f"{path}: version: missing")
    if not np.array_equal(version, VERSION):
        raise InputError(f"{path}: version: expected {VERSION}, received {described(version)}")
    missing = {"split", "class_names", *_PER_IMAGE} - set(content)
    if missing:
        raise InputError(f"{path}: {min(missing)}: missing")
    return _Checked(path, content).predictions()


class _Checked:
    """The arrays of a file, which are refused unless they are what predictions consist of.

    Args:
        path: The file.
        content: Its arrays.
    """

    def __init__(self, path: Path, content: dict[str, np.ndarray]):
        self._path, self._content = path, content

    def predictions(self) -> Predictions:
        """Return the predictions.

        Raises:
            InputError: An array has another type or shape, or values that cannot be.
        """
        split, names = self._split(), self._class_names()
        images = self._images()
        return Predictions(
            split=split,
            class_names=names,
            labels=self._classes("labels", images, len(names)),
            predicted=self._classes("predicted", images, len(names)),
            confidence=self._probabilities("confidence", images),
            true_probability=self._probabilities("true_probability", images),
        )

    def _split(self) -> str:
        array = self._content["split"]
        if array.shape or str(array) not in (TEST, VALIDATION):
            received = described(array) if array.shape else shown(str(array))
            raise self._refused("split", f"{TEST} or {VALIDATION}", received)
        return str(array)

    def _class_names(self) -> tuple[str, ...]:
        array, most = self._content["class_names"], limits.CHANNELS
        if array.ndim != 1 or array.dtype.kind != "U" or not 1 <= len(array) <= most:
            raise self._refused("class_names", f"1 to {most} names", described(array))
        return tuple(array.tolist())

    def _images(self) -> int:
        array, most = self._content["labels"], limits.PREDICTIONS
        if array.ndim != 1 or not 1 <= len(array) <= most:
            raise self._refused(
                "labels", f"a class for each of 1 to {most} images", described(array)
            )
        return len(array)

    def _classes(self, name: str, images: int, classes: int) -> np.ndarray:
        array = self._per_image(name, images, "iu", "integers")
        if not 0 <= array.min() <= array.max() < classes:
            received = f"{array.min()} to {array.max()}"
            raise self._refused(name, f"classes from 0 to {classes - 1}", received)
        return array.astype(np.int32, copy=False)

    def _probabilities(self, name: str, images: int) -> np.ndarray:
        array = self._per_image(name, images, "f", "floating-point numbers")
        # The comparison is false for NaN, too.
        if not -ROUNDING <= array.min() <= array.max() <= 1.0 + ROUNDING:
            received = f"{array.min()} to {array.max()}"
            raise self._refused(name, "probabilities from 0 to 1", received)
        return array.astype(np.float32, copy=False)

    def _per_image(self, name: str, images: int, kinds: str, values: str) -> np.ndarray:
        array = self._content[name]
        if array.shape != (images,) or array.dtype.kind not in kinds:
            raise self._refused(name, f"{images} {values}", described(array))
        return array

    def _refused(self, name: str, expected: str, received: str) -> InputError:
        return InputError(f"{self._path}: {name}: expected {expected}, received {received}")
