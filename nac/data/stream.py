"""A data set that is read while it trains, because it does not fit into memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import tensorflow as tf

from nac.config.splits import TEST
from nac.config.values import Augmentation, Recipe
from nac.data.pipeline import PADDING_LABEL, split_for_replicas

SHUFFLE_BUFFER = 2048
"""Records that are permuted together, beside the shuffled order of files."""

OPEN_FILES = 16
"""Files that are read in turn."""

FOR_EVER = 2**62


class Examples(Protocol):
    """Encoded examples of one split, in an order."""

    def ordered(self) -> tf.data.Dataset:
        """Return all examples, always in the same order."""

    def shuffled(self, seed: int, epoch: Any) -> tf.data.Dataset:
        """Return all examples in an order that depends on seed and epoch (a tensor) alone."""


@dataclass(frozen=True)
class Records:
    """The records of TFRecord files.

    An epoch takes the files in another order, some of them in turn, and permutes the records that
    come together. (``tf.data``'s own shuffling depends on TensorFlow's global seed too.)
    """

    files: tuple[str, ...]

    def ordered(self) -> tf.data.Dataset:
        """Return the records, file after file."""
        return tf.data.TFRecordDataset(list(self.files))

    def shuffled(self, seed: int, epoch: Any) -> tf.data.Dataset:
        """Return the records of an epoch, see :class:`Examples`."""
        seeds = tf.stack([tf.constant(seed, tf.int64), epoch])
        files = tf.random.experimental.stateless_shuffle(tf.constant(self.files), seeds)
        records = tf.data.Dataset.from_tensor_slices(files).interleave(
            tf.data.TFRecordDataset,
            cycle_length=min(OPEN_FILES, len(self.files)),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

        def permuted(number, chunk):
            order = tf.random.experimental.stateless_fold_in(seeds, number)
            chunk = tf.random.experimental.stateless_shuffle(chunk, order)
            return tf.data.Dataset.from_tensor_slices(chunk)

        return records.batch(SHUFFLE_BUFFER).enumerate().flat_map(permuted)


class Files:
    """Image files with their labels. An epoch is a permutation of them.

    Args:
        paths: of the files.
        labels: as many.
    """

    def __init__(self, paths: Sequence[str], labels: Sequence[int]):
        with tf.device("CPU"):
            self._pairs = tf.constant(paths), tf.constant(labels, tf.int32)

    def ordered(self) -> tf.data.Dataset:
        """Return (path, label) pairs."""
        return tf.data.Dataset.from_tensor_slices(self._pairs)

    def shuffled(self, seed: int, epoch: Any) -> tf.data.Dataset:
        """Return the pairs of an epoch, see :class:`Examples`."""
        seeds = tf.stack([tf.constant(seed, tf.int64), epoch])
        places = tf.range(tf.shape(self._pairs[1])[0])
        order = tf.random.experimental.stateless_shuffle(places, seeds)
        return tf.data.Dataset.from_tensor_slices(
            tuple(tf.gather(part, order) for part in self._pairs)
        )


@dataclass(frozen=True)
class Preparation:
    """What is done with a decoded image.

    Attributes:
        train: (image uint8, boxes (1, n, 4), augmentation, seed of two) -> float32 image.
        test: (image uint8, augmentation) -> float32 image.
    """

    train: Callable[[Any, Any, Augmentation, Any], Any]
    test: Callable[[Any, Augmentation], Any]


@dataclass(frozen=True)
class Stream:
    """A streamed data set (see :class:`nac.data.splits.Source`).

    As in memory, a batch depends on seed and step alone, so a resumed job goes on exactly; but to
    begin within an epoch, its examples before that are read again, undecoded. Examples are
    shuffled within a buffer, not over the whole set, so an epoch is less thoroughly mixed.

    Attributes:
        image_shape: (height, width, channels) after preparation.
        classes: number of classes.
        train_examples: number of training images.
        train: of the training split.
        test: of the test split.
        decode: encoded example -> (image uint8, boxes (1, n, 4), label int32).
        preparation: of decoded images.
        notes: see :class:`nac.data.splits.Source`.
    """

    image_shape: tuple[int, int, int]
    classes: int
    train_examples: int
    train: Examples
    test: Examples
    decode: Callable[..., tuple[Any, Any, Any]]
    preparation: Preparation
    notes: tuple[str, ...] = ()

    def training_batches(self, recipe: Recipe, steps: range, replicas: int = 1) -> tf.data.Dataset:
        """Return the batches of some steps, see :class:`nac.data.splits.Source`."""
        size, seed = recipe.parameters.global_batch_size, recipe.parameters.seed
        first = steps.start * size
        epoch, done = divmod(first, self.train_examples)

        def prepare(position, example):
            image, boxes, label = self.decode(*example)
            seeds = tf.stack([tf.constant(seed, tf.int64), position])
            image = self.preparation.train(image, boxes, recipe.augmentation, seeds)
            return tf.ensure_shape(image, self.image_shape), label

        examples = tf.data.Dataset.range(epoch, FOR_EVER).flat_map(
            lambda number: _tuples(self.train.shuffled(seed, number))
        )
        examples = examples.skip(done).take(len(steps) * size)
        examples = examples.enumerate(first).map(prepare, tf.data.AUTOTUNE, deterministic=True)
        batches = examples.batch(size, drop_remainder=True)
        return split_for_replicas(batches, replicas).prefetch(tf.data.AUTOTUNE)

    def evaluation_batches(
        self, recipe: Recipe, replicas: int = 1, split: str = TEST
    ) -> tf.data.Dataset:
        """Return all test images, see :class:`nac.data.splits.Source`; no others are held out."""
        assert split == TEST
        size = recipe.parameters.global_batch_size

        def prepare(*example):
            image, _, label = self.decode(*example)
            image = self.preparation.test(image, recipe.augmentation)
            return tf.ensure_shape(image, self.image_shape), label

        examples = _tuples(self.test.ordered())
        examples = examples.map(prepare, tf.data.AUTOTUNE, deterministic=True)
        batches = examples.batch(size).map(lambda *batch: _filled_up(*batch, size))
        return split_for_replicas(batches, replicas).prefetch(tf.data.AUTOTUNE)


def _tuples(examples: tf.data.Dataset) -> tf.data.Dataset:
    """Return the data set with each element a tuple, be it of one part only."""
    if isinstance(examples.element_spec, tuple):
        return examples
    return examples.map(lambda example: (example,))


def _filled_up(images, labels, size: int):
    """Return the batch with black images of no class up to its whole size."""
    missing = size - tf.shape(labels)[0]
    images = tf.pad(images, [[0, missing], [0, 0], [0, 0], [0, 0]])
    labels = tf.pad(labels, [[0, missing]], constant_values=PADDING_LABEL)
    return tf.ensure_shape(images, (size, *images.shape[1:])), tf.ensure_shape(labels, (size,))
