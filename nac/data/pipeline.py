"""Batches as functions of the step: what a step sees depends on nothing that came before.

So a job resumed at step n goes on exactly, and one device sees what two see together.
"""

import numpy as np
import tensorflow as tf

from nac.config.values import Augmentation
from nac.data.augmentation import augment, standardize
from nac.data.splits import Images

PADDING_LABEL = -1
"""Label of the images that fill up the last evaluation batch; they count for nothing."""


def training_batches(
    images: Images,
    augmentation: Augmentation,
    image_size: int | None,
    batch_size: int,
    steps: range,
    seed: int = 0,
    replicas: int = 1,
) -> tf.data.Dataset:
    """Return a batch per step; with several replicas, an element per replica and step in turn.

    Each epoch is a permutation of the training images; batches run on over its end.

    Args:
        images: the data set.
        augmentation: see :func:`nac.data.augmentation.augment`.
        image_size: see there.
        batch_size: images per step on all replicas together, divisible by ``replicas``.
        steps: which steps, a range with stride 1.
        seed: of order and augmentation.
        replicas: number of replicas that share each batch.
    """
    with tf.device("CPU"):
        pixels = tf.constant(images.train_images)
        labels = tf.constant(images.train_labels)

    def batch(step):
        chosen = shuffled_indices(step, batch_size, len(images.train_labels), seed)
        step_seed = tf.stack([tf.constant(seed, tf.int64), step])
        chosen_pixels = tf.ensure_shape(
            tf.gather(pixels, chosen), (batch_size, *images.image_shape)
        )
        return (
            augment(chosen_pixels, augmentation, image_size, step_seed),
            tf.gather(labels, chosen),
        )

    batches = tf.data.Dataset.range(steps.start, steps.stop)
    batches = batches.map(batch, tf.data.AUTOTUNE, deterministic=True)
    return split_for_replicas(batches, replicas).prefetch(tf.data.AUTOTUNE)


def shuffled_indices(step, batch_size: int, examples: int, seed: int):
    """Return the indices of the images of a step, (batch_size,), int64."""
    positions = step * batch_size + tf.range(batch_size, dtype=tf.int64)
    epochs, places = positions // examples, positions % examples
    constant = tf.fill([batch_size], tf.constant(seed, tf.int64))
    seeds = tf.stack([constant, epochs, tf.zeros_like(epochs)], axis=1)
    # The public index_shuffle takes one seed for all; a batch may span two epochs.
    return tf.raw_ops.RandomIndexShuffle(
        index=places, seed=seeds, max_index=tf.constant(examples - 1, tf.int64), rounds=4
    )


def split_for_replicas(batches: tf.data.Dataset, replicas: int) -> tf.data.Dataset:
    """Return the batches cut into equal parts, one element per replica in turn."""
    if replicas == 1:
        return batches

    def cut(*batch):
        return tuple(
            tf.reshape(part, (replicas, part.shape[0] // replicas, *part.shape[1:]))
            for part in batch
        )

    return batches.map(cut).unbatch()


def evaluation_batches(
    images: np.ndarray,
    labels: np.ndarray,
    augmentation: Augmentation,
    batch_size: int,
    replicas: int = 1,
) -> tf.data.Dataset:
    """Return all images in order, standardized if training images are, the last batch filled up.

    Args:
        images: (examples, height, width, channels), uint8.
        labels: (examples,).
        augmentation: only its ``standardize`` matters.
        batch_size: images per step on all replicas together.
        replicas: number of replicas that share each batch.
    """
    missing = -len(labels) % batch_size
    images = np.concatenate([images, np.zeros((missing, *images.shape[1:]), images.dtype)])
    labels = np.concatenate([labels, np.full(missing, PADDING_LABEL, np.int32)])

    def prepare(images, labels):
        whole = tf.cast(images, tf.float32)
        return (standardize(whole) if augmentation.standardize else whole), labels

    with tf.device("CPU"):
        batches = tf.data.Dataset.from_tensor_slices((images, labels.astype(np.int32)))
    batches = batches.batch(batch_size, drop_remainder=True).map(prepare, tf.data.AUTOTUNE)
    return split_for_replicas(batches, replicas).prefetch(tf.data.AUTOTUNE)
