"""A data set of numbered images, and how test and validation images are chosen where it has none.

TensorFlow is imported only when batches are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nac.config.splits import TEST, VALIDATION
from nac.config.training import Augmentation
from nac.data.rows import Rows, chosen
from nac.data.source import TRAIN, Source
from nac.utils.errors import InputError

if TYPE_CHECKING:
    import tensorflow as tf

TEST_INTERVAL = 5
"""Where a data set has no test split, every fifth example of each class is a test image."""


@dataclass(frozen=True)
class Images:
    """A data set of numbered images. A batch depends on seed and step alone (:class:`Source`).

    Attributes:
        train_images: Array of shape (examples, height, width, channels), uint8; or, where they do
            not fit into memory, other :class:`Rows`.
        train_labels: Array of shape (examples,), int32, from 0 to classes - 1.
        test_images: Like ``train_images``.
        test_labels: Like ``train_labels``.
        classes: Number of classes.
        padded_side: Side in pixels to which training images are padded before the random crop.
            None leaves it to ``parameters.image_size``; without that there is no crop.
        notes: Lines for the user about the files, such as those that were skipped.
        validation_images: Images that were held out of the training images, or that the data set
            has for validation; or None.
        validation_labels: Their labels, or None.
        class_names: Name of each class, empty where the data set does not name them.

    Example:
    >>> pixels, labels = np.zeros((6, 8, 8, 1), np.uint8), np.arange(6, dtype=np.int32) % 2
    >>> source = Images(pixels[:4], labels[:4], pixels[4:], labels[4:], classes=2)
    >>> source.image_shape, source.train_examples
    ((8, 8, 1), 4)
    """

    train_images: Rows
    train_labels: np.ndarray
    test_images: Rows
    test_labels: np.ndarray
    classes: int
    padded_side: int | None = None
    notes: tuple[str, ...] = ()
    validation_images: Rows | None = None
    validation_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of an image."""
        return self.train_images.shape[1:]

    @property
    def train_examples(self) -> int:
        """Number of training images."""
        return len(self.train_labels)

    def training_batches(
        self,
        steps: range,
        batch_size: int,
        augmentation: Augmentation,
        seed: int = 0,
        replicas: int = 1,
        own: range | None = None,
    ) -> "tf.data.Dataset":
        """Return one batch per step (see :meth:`Source.training_batches`)."""
        from nac.data.pipeline import training_batches

        arrays = self.train_images, self.train_labels
        return training_batches(
            *arrays, steps, batch_size, augmentation, self.padded_side, seed, replicas, own
        )

    def evaluation_batches(
        self,
        split: str,
        batch_size: int,
        standardize: bool = True,
        replicas: int = 1,
        own: range | None = None,
    ) -> "tf.data.Dataset":
        """Return all images of a split (see :meth:`Source.evaluation_batches`)."""
        from nac.data.pipeline import evaluation_batches

        return evaluation_batches(*self._arrays(split), batch_size, standardize, replicas, own)

    def pixels(self, split: str, positions: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (position, pixels) of some images (see :meth:`Source.pixels`)."""
        images, _ = self._arrays(split)
        return ((position, images[np.array([position])][0]) for position in positions)

    def _arrays(self, split: str):
        """Return images and labels of a split."""
        return {
            TRAIN: (self.train_images, self.train_labels),
            TEST: (self.test_images, self.test_labels),
            VALIDATION: (self.validation_images, self.validation_labels),
        }[split]


def side_before_crop(side: int) -> int:
    """Return the side to which images resized to ``side`` are padded before the random crop.

    It is 5/4 of their side, as AMLA pads CIFAR-10's 32 pixels to 40.
    """
    return side + side // 4


def with_test_split(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    padded_side: int | None = None,
    class_names: tuple[str, ...] = (),
) -> Images:
    """Return a data set of which every fifth image of each class is a test image.

    Args:
        images: Array of shape (examples, height, width, channels), uint8.
        labels: Array of shape (examples,), int32.
        classes: Number of classes.
        padded_side: See :class:`Images`.
        class_names: See there.
    """
    test = choose_test(labels)
    return Images(
        images[~test],
        labels[~test],
        images[test],
        labels[test],
        classes,
        padded_side,
        class_names=class_names,
    )


def choose_test(labels: np.ndarray) -> np.ndarray:
    """Return which examples become test images: every fifth of each class, (examples,), bool."""
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mask[np.flatnonzero(labels == label)[TEST_INTERVAL - 1 :: TEST_INTERVAL]] = True
    return mask


def with_validation_split(source: Source, share: float, prefix: str = "parameters.") -> Source:
    """Return the data set with a share of its training images held out for validation.

    The validation images are spread evenly over the examples of each class, and are the same each
    time. A data set that has validation images of its own keeps those, and holds out nothing.

    Args:
        source: The data set.
        share: Share of each class's training images, from 0 (no validation images) to 0.5.
        prefix: What precedes ``validation_share`` in messages (see :class:`Request`).

    Raises:
        InputError: The data set is streamed, or so small that no image would be held out.
    """
    if not share or getattr(source, "validation_images", None) is not None:
        return source
    if not isinstance(source, Images):
        raise InputError(
            f"{prefix}validation_share: expected 0 for a data set that is streamed,"
            f" received {share:g}"
        )
    mask = choose_validation(source.train_labels, share)
    if not mask.any():
        raise InputError(
            f"{prefix}validation_share: expected at least one image of some class, received"
            f" {share:g} of {source.train_examples} training images"
        )
    return replace(
        source,
        train_images=chosen(source.train_images, ~mask),
        train_labels=source.train_labels[~mask],
        validation_images=chosen(source.train_images, mask),
        validation_labels=source.train_labels[mask],
    )


def choose_validation(labels: np.ndarray, share: float) -> np.ndarray:
    """Return which training examples become validation images, (examples,), bool.

    Of the n examples of each class these are ``floor(share * n)``: example i, counted from 1, is
    chosen if ``share * i`` reaches the next whole number.
    """
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        examples = np.flatnonzero(labels == label)
        # Without the small term, 0.29 * 100 would be rounded down to 28.
        reached = np.floor(share * np.arange(len(examples) + 1) + 1e-9)
        mask[examples[np.diff(reached) > 0]] = True
    return mask
