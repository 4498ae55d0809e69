"""A classifier's answers for image files, which are read as training reads them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from nac.data.folder import image_files
from nac.data.photo import FORMATS, photos_or_reasons
from nac.utils.errors import InputError, NacError

BATCH_SIZE = 64

MODEL = "the classifier"
"""What a classifier is called in messages where its file is not known."""


class Classifier(Protocol):
    """What is needed of :class:`nac.models.classifier.PhotoClassifier`."""

    class_names: tuple[str, ...]

    @property
    def image_shape(self) -> tuple[int, int, int]: ...  # noqa: D102

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        """Return probabilities, (images, classes), of pixels, (images, height, width, channels)."""


@dataclass(frozen=True)
class Guess:
    """A class that an image may have, and its probability from 0 to 1."""

    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """What a classifier says about an image.

    Attributes:
        image: Path of the file.
        guesses: The most probable classes, the best first.
    """

    image: str
    guesses: tuple[Guess, ...]

    @property
    def name(self) -> str:
        """Name of the most probable class."""
        return self.guesses[0].name

    @property
    def probability(self) -> float:
        """Its probability, from 0 to 1."""
        return self.guesses[0].probability

    def __str__(self) -> str:
        return f"{self.image}: {self.name} ({100 * self.probability:.1f}%)"


def predict_pixels(
    classifier: Classifier, pixels: np.ndarray, top: int, source: str | os.PathLike[str] = MODEL
) -> list[Prediction]:
    """Return a prediction for each image of an array, which is called by its number.

    Args:
        classifier: The classifier.
        pixels: Pixels from 0 to 255, (images, height, width[, channels]).
        top: Number of guesses for each image; at most one for each class.
        source: File of the classifier, the beginning of a message.

    Raises:
        NacError: The answers of the classifier are not finite.
    """
    predictions: list[Prediction] = []
    for first in range(0, len(pixels), BATCH_SIZE):
        rows = _probabilities(classifier, pixels[first : first + BATCH_SIZE], source)
        for number, row in enumerate(rows, start=first):
            guessed = guesses(row, classifier.class_names, top)
            predictions.append(Prediction(str(number), guessed))
    return predictions


def find_images(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Return the image files among paths and in folders among them, in order.

    Raises:
        InputError: A path is empty or does not exist, or a folder has no images.
    """
    if not all(map(os.fspath, paths)):
        raise InputError("expected image files or folders, received an empty path")
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(image_files(path))
            if not inside:
                raise InputError(f"{path}: expected {FORMATS} images, received none")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise InputError(f"{path}: no such file or folder")
    return found


def predict_files(
    classifier: Classifier,
    paths: Sequence[Path],
    top: int,
    source: str | os.PathLike[str] = MODEL,
) -> Iterator[Prediction | str]:
    """Yield a prediction for each image file, or what is wrong with the file.

    Args:
        classifier: The classifier.
        paths: The files.
        top: Number of guesses for each image; at most one for each class.
        source: File of the classifier, the beginning of a message.

    Raises:
        NacError: The answers of the classifier are not finite.
    """
    for first in range(0, len(paths), BATCH_SIZE):
        batch = paths[first : first + BATCH_SIZE]
        images = list(photos_or_reasons(batch, classifier.image_shape))
        yield from _answers(classifier, batch, images, top, source)


def _answers(
    classifier: Classifier,
    paths: Sequence[Path],
    images: list[np.ndarray | str],
    top: int,
    source: str | os.PathLike[str],
) -> Iterator[Prediction | str]:
    pixels = [image for image in images if not isinstance(image, str)]
    rows = iter(_probabilities(classifier, np.stack(pixels), source) if pixels else ())
    for path, image in zip(paths, images, strict=True):
        if isinstance(image, str):
            yield image
        else:
            yield Prediction(str(path), guesses(next(rows), classifier.class_names, top))


def _probabilities(
    classifier: Classifier, pixels: np.ndarray, source: str | os.PathLike[str]
) -> np.ndarray:
    probabilities = classifier.predict_on_batch(pixels)
    check_finite(probabilities, source)
    return probabilities


def check_finite(probabilities: np.ndarray, source: str | os.PathLike[str]) -> None:
    """Check that a classifier has answered with numbers.

    Args:
        probabilities: Its answers.
        source: Its file, the beginning of the message.

    Raises:
        NacError: An answer is NaN or infinite.
    """
    if not np.isfinite(probabilities).all():
        raise NacError(
            f"{source}: expected a classifier whose answers are finite, received NaN; its weights"
            " are damaged, or its training diverged"
        )


def guesses(probabilities: np.ndarray, names: Sequence[str], top: int) -> tuple[Guess, ...]:
    """Return the most probable classes, the best first; of equal ones, the first class.

    Args:
        probabilities: Probability of each class, (classes,).
        names: Name of each class.
        top: How many to return, at most.

    Example:
    >>> guesses(np.array([0.25, 0.75]), ["cat", "dog"], top=1)
    (Guess(name='dog', probability=0.75),)
    """
    best = np.argsort(-probabilities, kind="stable")[:top]
    return tuple(Guess(names[index], float(probabilities[index])) for index in best)
