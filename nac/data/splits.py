"""What training asks of a data set, and the data set whose images lie in memory.

Nothing here imports TensorFlow before batches are asked for: the driver checks names of data sets.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nac.config.splits import TEST, VALIDATION
from nac.config.values import Recipe
from nac.utils.errors import InputError

if TYPE_CHECKING:
    import tensorflow as tf

HOLD_OUT = 5
"""Of each class every so many-th example is a test image, where a data set has no test split."""

MEMORY_LIMIT = 2**31
"""Bytes of pixels up to which a data set is held in memory; larger ones are streamed."""


class Source(Protocol):
    """A data set as training sees it: facts, and batches as functions of the step.

    Attributes:
        image_shape: (height, width, channels) of an image in a batch.
        classes: number of classes.
        train_examples: number of training images.
        notes: lines for the user about what was found, such as files that were skipped.
    """

    @property
    def image_shape(self) -> tuple[int, int, int]: ...  # noqa: D102

    @property
    def classes(self) -> int: ...  # noqa: D102

    @property
    def train_examples(self) -> int: ...  # noqa: D102

    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102

    def training_batches(
        self, recipe: Recipe, steps: range, replicas: int = 1
    ) -> "tf.data.Dataset":
        """Return (images, labels) of some steps; with several replicas a part for each in turn.

        Args:
            recipe: batch size, augmentation and seed.
            steps: which steps, a range with stride 1.
            replicas: number of replicas that share each batch.
        """

    def evaluation_batches(
        self, recipe: Recipe, replicas: int = 1, split: str = TEST
    ) -> "tf.data.Dataset":
        """Return all images of a split in order, the last batch filled up with label -1.

        Args:
            recipe: batch size, and whether images are standardized.
            replicas: number of replicas that share each batch.
            split: "test" or, where images were held out, "validation".
        """


@dataclass(frozen=True)
class Images:
    """A data set in memory; a batch depends on seed and step alone.

    Attributes:
        train_images: (examples, height, width, channels), uint8.
        train_labels: (examples,), int32, 0 to classes - 1.
        test_images: like train_images.
        test_labels: like train_labels.
        classes: number of classes.
        resized: whether the images were brought to ``parameters.image_size``
            (see :func:`padded_side`).
        notes: see :class:`Source`.
        validation_images: held out of the training images (see :func:`hold_out`), or None.
        validation_labels: like validation_images.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    classes: int
    resized: bool = False
    notes: tuple[str, ...] = ()
    validation_images: np.ndarray | None = None
    validation_labels: np.ndarray | None = None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of an image."""
        return self.train_images.shape[1:]

    @property
    def train_examples(self) -> int:
        """Number of training images."""
        return len(self.train_labels)

    def training_batches(
        self, recipe: Recipe, steps: range, replicas: int = 1
    ) -> "tf.data.Dataset":
        """Return the batches of some steps, see :class:`Source`."""
        from nac.data.pipeline import training_batches

        parameters = recipe.parameters
        side = padded_side(parameters.image_size, self.resized)
        return training_batches(
            self,
            recipe.augmentation,
            side,
            parameters.global_batch_size,
            steps,
            parameters.seed,
            replicas,
        )

    def evaluation_batches(
        self, recipe: Recipe, replicas: int = 1, split: str = TEST
    ) -> "tf.data.Dataset":
        """Return all images of a split, see :class:`Source`."""
        from nac.data.pipeline import evaluation_batches

        test = split != VALIDATION
        return evaluation_batches(
            self.test_images if test else self.validation_images,
            self.test_labels if test else self.validation_labels,
            recipe.augmentation,
            recipe.parameters.global_batch_size,
            replicas,
        )


def padded_side(image_size: int | None, resized: bool) -> int | None:
    """Return the side to which training images are padded before the random crop.

    For images of one size of their own it is ``image_size``, as in AMLA. Where ``image_size`` is
    the side that images were brought to, it is 5/4 of that, AMLA's 40 for 32 pixels.
    """
    return image_size + image_size // 4 if resized and image_size else image_size


def held_out(labels: np.ndarray) -> np.ndarray:
    """Return which examples are for testing: of each class every fifth, (examples,), bool."""
    test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        test[np.flatnonzero(labels == label)[HOLD_OUT - 1 :: HOLD_OUT]] = True
    return test


def hold_out(source: Source, share: float) -> Source:
    """Return the data set with a share of its training images as validation images instead.

    They are spread evenly over the examples of each class, always the same ones.

    Args:
        source: the data set.
        share: from 0 (nothing is held out) to 0.5.

    Raises:
        InputError: the data set is streamed, or so small that no validation image is left.
    """
    if not share:
        return source
    if not isinstance(source, Images):
        raise InputError(
            "parameters.validation_share: expected 0 for a data set that is read while it trains,"
            f" received {share:g}"
        )
    chosen = evenly_chosen(source.train_labels, share)
    if not chosen.any():
        raise InputError(
            "parameters.validation_share: expected at least one image of some class, received"
            f" {share:g} of {source.train_examples} training images"
        )
    return replace(
        source,
        train_images=source.train_images[~chosen],
        train_labels=source.train_labels[~chosen],
        validation_images=source.train_images[chosen],
        validation_labels=source.train_labels[chosen],
    )


def evenly_chosen(labels: np.ndarray, share: float) -> np.ndarray:
    """Return a choice of ``floor(share * n)`` of the n examples of each class, (examples,), bool.

    Example i (from 1) of a class is chosen where ``share * i`` passes a whole number.
    """
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        passed = np.floor(share * np.arange(len(places) + 1) + 1e-9)
        chosen[places[np.diff(passed) > 0]] = True
    return chosen
