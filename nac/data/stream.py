"""A data set that is read while it trains, because it does not fit into memory."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import tensorflow as tf

from nac.config.splits import TEST
from nac.config.training import Augmentation
from nac.data.pipeline import PADDING_LABEL, as_graph, split_for_replicas
from nac.data.preparation import Preparation
from nac.data.source import TRAIN
from nac.utils.errors import InputError
from nac.utils.text import plain_reason

SHUFFLE_BUFFER = 2048
"""Records that are permuted together, in addition to the shuffled order of files."""

OPEN_FILES = 16
"""Files that are read in turn."""

LAST_EPOCH = 2**62
"""The number of steps ends a training, not the number of epochs."""


class Examples(Protocol):
    """The encoded examples of one split."""

    def ordered(self) -> tf.data.Dataset:
        """Return all examples, always in the same order."""

    def shuffled(self, seed: int, epoch: tf.Tensor) -> tf.data.Dataset:
        """Return all examples in an order that depends on seed and epoch (int64) alone."""


@dataclass(frozen=True)
class Records:
    """The records of TFRecord files.

    An epoch takes the files in a different order, reads several of them in turn, and permutes the
    records that are read together. (``tf.data``'s own shuffling also depends on TensorFlow's
    global seed.)

    Attributes:
        files: Paths of the files.
    """

    files: tuple[str, ...]

    def ordered(self) -> tf.data.Dataset:
        """Return the records, file after file."""
        return tf.data.TFRecordDataset(list(self.files))

    def shuffled(self, seed: int, epoch: tf.Tensor) -> tf.data.Dataset:
        """Return the records of an epoch (see :class:`Examples`)."""
        seeds = tf.stack([tf.constant(seed, tf.int64), epoch])
        files = tf.random.experimental.stateless_shuffle(tf.constant(self.files), seeds)
        records = tf.data.Dataset.from_tensor_slices(files).interleave(
            tf.data.TFRecordDataset,
            cycle_length=min(OPEN_FILES, len(self.files)),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )

        @as_graph
        def permuted(number, chunk):
            chunk_seeds = tf.random.experimental.stateless_fold_in(seeds, number)
            chunk = tf.random.experimental.stateless_shuffle(chunk, chunk_seeds)
            return tf.data.Dataset.from_tensor_slices(chunk)

        return records.batch(SHUFFLE_BUFFER).enumerate().flat_map(permuted)


def check_records(records: Records, decode: Callable, classes: int) -> None:
    """Decode the first record of some files, so that other content is noticed before training.

    Args:
        records: The records of a split. Of many files, :data:`OPEN_FILES` from all over are read.
        decode: See :class:`Stream`.
        classes: Number of classes.

    Raises:
        InputError: A record is not an image with a class.
    """
    for file in records.files[:: math.ceil(len(records.files) / OPEN_FILES)]:
        try:
            labels = [int(decode(record)[-1]) for record in tf.data.TFRecordDataset(file).take(1)]
        except tf.errors.OpError as error:
            raise InputError(
                f"{file}: expected records of images with a class each, received others:"
                f" {plain_reason(error)}"
            ) from None
        if labels and not 0 <= labels[0] < classes:
            raise InputError(
                f"{file}: expected one of {classes} classes, received number {labels[0]} (from 0)"
            )


@dataclass(frozen=True)
class Stream:
    """A streamed data set (see :class:`nac.data.source.Source`). It has no validation images.

    As in memory, a batch depends on seed and step alone, so a resumed job continues exactly. To
    start in the middle of an epoch, the examples before that are read again, but not decoded.
    Records are shuffled within a buffer instead of over the whole set, so an epoch is mixed less
    thoroughly than in memory.

    Attributes:
        image_shape: (height, width, channels) of a prepared image.
        classes: Number of classes.
        train_examples: Number of training images.
        train: Examples of the training split.
        test: Examples of the test split.
        decode: Maps an encoded example to (image uint8, boxes (1, number, 4), label int32).
        preparation: What is done with decoded images.
        notes: Lines for the user about the files, such as those that were skipped.
        class_names: Name of each class, empty where the data set does not name them.
    """

    image_shape: tuple[int, int, int]
    classes: int
    train_examples: int
    train: Examples
    test: Examples
    decode: Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]]
    preparation: Preparation
    notes: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()

    def training_batches(
        self,
        steps: range,
        batch_size: int,
        augmentation: Augmentation,
        seed: int = 0,
        replicas: int = 1,
        own: range | None = None,
    ) -> tf.data.Dataset:
        """Return one batch per step (see :class:`nac.data.source.Source`).

        Images of other processes are not decoded.
        """
        first = steps.start * batch_size
        own = own or range(replicas)
        images = batch_size // replicas
        epoch, done = divmod(first, self.train_examples)

        @as_graph
        def prepare(position, example):
            image, boxes, label = self.decode(example)
            seeds = tf.stack([tf.constant(seed, tf.int64), position])
            image = self.preparation.train(image, boxes, augmentation, seeds)
            return tf.ensure_shape(image, self.image_shape), label

        @as_graph
        def is_own(position, _):
            replica = position % batch_size // images
            return tf.logical_and(replica >= own.start, replica < own.stop)

        examples = tf.data.Dataset.range(epoch, LAST_EPOCH).flat_map(
            lambda number: self.train.shuffled(seed, number)
        )
        examples = examples.skip(done).take(len(steps) * batch_size).enumerate(first)
        if len(own) < replicas:
            examples = examples.filter(is_own)
        examples = examples.map(prepare, tf.data.AUTOTUNE, deterministic=True)
        batches = examples.batch(len(own) * images, drop_remainder=True)
        return split_for_replicas(batches, len(own)).prefetch(tf.data.AUTOTUNE)

    def evaluation_batches(
        self,
        split: str,
        batch_size: int,
        standardize: bool = True,
        replicas: int = 1,
        own: range | None = None,
    ) -> tf.data.Dataset:
        """Return all images of a split (see :class:`nac.data.source.Source`)."""

        @as_graph
        def prepare(example):
            image, _, label = self.decode(example)
            return tf.ensure_shape(
                self.preparation.test(image, standardize), self.image_shape
            ), label

        examples = self._ordered(split)
        examples = examples.map(prepare, tf.data.AUTOTUNE, deterministic=True)
        batches = examples.batch(batch_size).map(lambda *batch: _padded(*batch, batch_size))
        return split_for_replicas(batches, replicas, own).prefetch(tf.data.AUTOTUNE)

    def pixels(self, split: str, positions: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (position, pixels) of some images (see :class:`nac.data.source.Source`).

        All examples up to the last one are read, but only these are decoded.
        """
        wanted = tf.constant(list(positions), tf.int64)

        @as_graph
        def is_wanted(position, _):
            return tf.reduce_any(position == wanted)

        @as_graph
        def decoded(position, example):
            return position, self.decode(example)[0]

        last = max(positions, default=-1)
        examples = self._ordered(split).take(last + 1).enumerate().filter(is_wanted).map(decoded)
        return ((int(position), image.numpy()) for position, image in examples)

    def _ordered(self, split: str) -> tf.data.Dataset:
        return {TRAIN: self.train, TEST: self.test}[split].ordered()


def _padded(images, labels, batch_size: int):
    """Return the batch filled up with black images of no class."""
    missing = batch_size - tf.shape(labels)[0]
    images = tf.pad(images, [[0, missing], [0, 0], [0, 0], [0, 0]])
    labels = tf.pad(labels, [[0, missing]], constant_values=PADDING_LABEL)
    images = tf.ensure_shape(images, (batch_size, *images.shape[1:]))
    return images, tf.ensure_shape(labels, (batch_size,))
