"""Random numbers for a batch that replicas share: together they draw what one device would draw."""

from math import prod

import tensorflow as tf

from nac.models.part import present_part

PHILOX = 1
"""Number of the generator of random numbers in TensorFlow's operations."""

GROUP = 4
"""Numbers that the generator makes of one count."""


def uniform_for_batch(values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return a number from 0 to below 1 for each value of a featuremap.

    On several replicas, each of which has an equal part of a batch, these are the numbers that one
    device would draw for the part. The same holds where a replica computes its images in parts (see
    :mod:`nac.models.part`). The generator is a function of a count, so each part begins at a count
    of its own, and the numbers of others are not drawn.

    Args:
        values: The featuremap, (batch, ...), float.
        seed: Seed of shape (2,), the same on all replicas.
    """
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context else 1
    part = present_part()
    shares, share = (part.count, part.number) if part else (1, 0)
    if replicas > 1:
        share += context.replica_id_in_sync_group * shares
    shares *= replicas
    if shares == 1:
        return tf.random.stateless_uniform(tf.shape(values), seed, dtype=values.dtype)
    size = prod(values.shape) if values.shape.is_fully_defined() else None
    if size is None or size % GROUP or values.dtype == tf.float64:
        return _share(values, seed, share, shares)
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    skipped = tf.cast([share, 0], tf.uint64) * (size // GROUP)
    return tf.raw_ops.StatelessRandomUniformV2(
        shape=tf.shape(values), key=key, counter=counter + skipped, alg=PHILOX, dtype=values.dtype
    )


def _share(values: tf.Tensor, seed: tf.Tensor, share: int | tf.Tensor, shares: int) -> tf.Tensor:
    """Return the same by drawing for the whole batch."""
    batch, *others = tf.unstack(tf.shape(values))
    whole = tf.random.stateless_uniform([batch * shares, *others], seed, dtype=values.dtype)
    return whole[share * batch : (share + 1) * batch]
