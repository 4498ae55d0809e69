"""Batches of images as functions of the step, whatever came before it.

A job that resumes at step n therefore continues exactly, and several replicas together see what
one device sees.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from nac.config.training import Augmentation
from nac.data.augmentation import augment, standardize_if
from nac.data.rows import Rows, in_memory

as_graph = tf.autograph.experimental.do_not_convert
"""Decorator of functions without Python loops over tensors, which need not be rewritten as graphs.

To rewrite one takes a second.
"""

PADDING_LABEL = -1
"""Label of the images that fill up the last evaluation batch. They are not scored."""


def training_batches(
    images: Rows,
    labels: np.ndarray,
    steps: range,
    batch_size: int,
    augmentation: Augmentation,
    padded_side: int | None = None,
    seed: int = 0,
    replicas: int = 1,
    own: range | None = None,
) -> tf.data.Dataset:
    """Return one batch per step; see :meth:`nac.data.source.Source.training_batches`.

    Each epoch is a permutation of the images, and a batch may span two epochs.
    """
    images_of, labels_of = reader(images), held(labels)

    @as_graph
    def batch(step):
        indices = shuffled_indices(step, batch_size, len(labels), seed)
        chosen = tf.ensure_shape(images_of(indices), (batch_size, *images.shape[1:]))
        step_seed = tf.stack([tf.constant(seed, tf.int64), step])
        return augment(chosen, augmentation, padded_side, step_seed), labels_of(indices)

    batches = tf.data.Dataset.range(steps.start, steps.stop)
    batches = batches.map(batch, tf.data.AUTOTUNE, deterministic=True)
    return split_for_replicas(batches, replicas, own).prefetch(tf.data.AUTOTUNE)


def reader(images: Rows) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the function from indices, (n,) int64, to these images.

    What does not fit into memory, such as an array that is mapped from a large file, is read when
    it is needed.
    """
    if in_memory(images):
        return held(images)

    def read(indices: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(images[indices])

    return lambda indices: tf.numpy_function(read, [indices], tf.uint8, stateful=False)


def held(values: np.ndarray) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the function from indices, (n,) int64, to these values, which are held in memory."""
    with tf.device("CPU"):  # on a GPU the whole data set would take its memory
        constant = tf.constant(values)
    return lambda indices: tf.gather(constant, indices)


def shuffled_indices(step: tf.Tensor, batch_size: int, examples: int, seed: int) -> tf.Tensor:
    """Return the indices of the images of a step, (batch_size,), int64."""
    positions = step * batch_size + tf.range(batch_size, dtype=tf.int64)
    epochs, positions_in_epoch = positions // examples, positions % examples
    constant = tf.fill([batch_size], tf.constant(seed, tf.int64))
    seeds = tf.stack([constant, epochs, tf.zeros_like(epochs)], axis=1)
    # The public index_shuffle takes a single seed, but a batch may span two epochs.
    return tf.raw_ops.RandomIndexShuffle(
        index=positions_in_epoch,
        seed=seeds,
        max_index=tf.constant(examples - 1, tf.int64),
        rounds=4,
    )


def split_for_replicas(
    batches: tf.data.Dataset, replicas: int, own: range | None = None
) -> tf.data.Dataset:
    """Return the batches cut into equal parts, one element per replica in turn.

    Args:
        batches: Whole batches.
        replicas: Number of replicas that share each batch.
        own: The replicas whose parts are returned, by default all of them.
    """
    if replicas == 1:
        return batches
    first, last = (own.start, own.stop) if own else (0, replicas)

    @as_graph
    def cut(*batch):
        return tuple(
            tf.reshape(part, (replicas, part.shape[0] // replicas, *part.shape[1:]))[first:last]
            for part in batch
        )

    return batches.map(cut).unbatch()


def evaluation_batches(
    images: Rows,
    labels: np.ndarray,
    batch_size: int,
    standardize: bool = True,
    replicas: int = 1,
    own: range | None = None,
) -> tf.data.Dataset:
    """Return all images once, in order; see :meth:`nac.data.source.Source.evaluation_batches`."""
    images_of, labels_of, count = reader(images), held(labels), len(labels)

    @as_graph
    def batch(first):
        indices = first + tf.range(batch_size, dtype=tf.int64)
        exist, indices = indices < count, tf.minimum(indices, count - 1)
        chosen = tf.ensure_shape(images_of(indices), (batch_size, *images.shape[1:]))
        chosen = tf.where(exist[:, tf.newaxis, tf.newaxis, tf.newaxis], chosen, 0)
        known = tf.where(exist, labels_of(indices), PADDING_LABEL)
        return standardize_if(standardize, chosen), known

    batches = tf.data.Dataset.range(0, count, batch_size).map(batch, tf.data.AUTOTUNE)
    return split_for_replicas(batches, replicas, own).prefetch(tf.data.AUTOTUNE)
