"""The two interfaces of this package: what training needs of a data set, and what loaders get.

Nothing here imports TensorFlow, so that names of data sets can be checked quickly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nac.config.training import Augmentation
from nac.utils.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

TRAIN = "train"
"""The training images; the other two splits are named in :mod:`nac.config.splits`."""

MEMORY_LIMIT = 2**31
"""Bytes of pixels up to which a data set is held in memory. Larger ones are streamed."""


class Source(Protocol):
    """A data set as training sees it: a few facts, and batches as functions of the step.

    Attributes:
        image_shape: (height, width, channels) of an image in a batch.
        classes: Number of classes.
        train_examples: Number of training images.
        notes: Lines for the user about the files, such as those that were skipped.
        class_names: Name of each class, empty where the data set does not name them.
    """

    @property
    def image_shape(self) -> tuple[int, int, int]: ...  # noqa: D102

    @property
    def classes(self) -> int: ...  # noqa: D102

    @property
    def train_examples(self) -> int: ...  # noqa: D102

    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def class_names(self) -> tuple[str, ...]: ...  # noqa: D102

    def training_batches(
        self,
        steps: range,
        batch_size: int,
        augmentation: Augmentation,
        seed: int = 0,
        replicas: int = 1,
        own: range | None = None,
    ) -> "tf.data.Dataset":
        """Return shuffled and augmented (images, labels), one batch per step.

        With several replicas each batch is cut into equal parts, one element per replica in turn.

        Args:
            steps: The steps to return batches for, a range with stride 1.
            batch_size: Images per step on all replicas together, divisible by ``replicas``.
            augmentation: What is done with the images.
            seed: Seed of the order and of the augmentation.
            replicas: Number of replicas that share each batch.
            own: The replicas of this process, by default all of them; the parts of others are left
                out.
        """

    def evaluation_batches(
        self,
        split: str,
        batch_size: int,
        standardize: bool = True,
        replicas: int = 1,
        own: range | None = None,
    ) -> "tf.data.Dataset":
        """Return all images of a split once, in order; the last batch is padded with label -1.

        Args:
            split: "test", "train" or, if images were held out, "validation".
            batch_size: Images per batch on all replicas together.
            standardize: Whether training images are standardized (``augmentation.standardize``).
            replicas: Number of replicas that share each batch.
            own: The replicas of this process, by default all of them; the parts of others are left
                out.
        """

    def pixels(self, split: str, positions: Sequence[int]) -> "Iterator[tuple[int, np.ndarray]]":
        """Yield (position, pixels) of some images, to be looked at; nothing is standardized.

        Pixels are uint8 of shape (height, width, channels). Where images vary in size, so does
        their shape.

        Args:
            split: As for :meth:`evaluation_batches`.
            positions: Positions of the images in its batches, from 0, rising.
        """


def names_of_classes(source: Source) -> tuple[str, ...]:
    """Return the name of each class of a data set, its number where it has no name."""
    return source.class_names or tuple(map(str, range(source.classes)))


@dataclass(frozen=True)
class ImageFacts:
    """What can be known about the images of a data set before they are decoded.

    Attributes:
        shape: (height, width, channels) of an image in a batch.
        classes: Number of classes, None if only the files say it.
        train_examples: Number of training images, None likewise.
        files: The files of the data set, none where they are not known or cannot change.
    """

    shape: tuple[int, int, int]
    classes: int | None
    train_examples: int | None = None
    files: tuple[Path, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Request:
    """What a loader of a data set is given.

    Attributes:
        name: The data set's name, ``parameters.dataset``.
        argument: What follows the colon in the name, such as PATH in ``folder:PATH``.
        data_dir: Directory of the files. None means the data set's own default.
        image_size: ``parameters.image_size`` in pixels, None if it is not given.
        prefix: What precedes the name of a key in messages: the experiment's file and section,
            or ``--`` where the values come from flags.
        room: Directory for pixels that do not fit into memory, None for temporary files.
    """

    name: str
    argument: str = ""
    data_dir: str | None = None
    image_size: int | None = None
    prefix: str = "parameters."
    room: Path | None = None

    def required_image_size(self) -> int:
        """Return ``image_size`` for a data set whose images vary in size.

        Raises:
            InputError: It is missing.
        """
        if self.image_size is None:
            raise InputError(
                f"{self.prefix}image_size: missing; the images of {self.name!r} vary in size:"
                " expected the side in pixels to which they are resized"
            )
        return self.image_size

    def need_no_directory(self, reason: str) -> None:
        """Check that there is no ``data_dir``.

        Args:
            reason: Why this data set takes none.

        Raises:
            InputError: There is one.
        """
        if self.data_dir is not None:
            raise InputError(
                f"{self.prefix}data_dir: expected none, as {self.name!r} {reason},"
                f" received {self.data_dir!r}"
            )
