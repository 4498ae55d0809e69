"""Random numbers for a batch that replicas share: together they draw what one device would draw."""

from math import prod

import tensorflow as tf

PHILOX = 1
"""Number of the generator of random numbers in TensorFlow's operations."""

GROUP = 4
"""Numbers that the generator makes of one count."""


def uniform_for_batch(values: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return a number from 0 to below 1 for each value of a featuremap.

    On several replicas, each of which has an equal part of a batch, these are the numbers that one
    device would draw for the part. The generator is a function of a count, so a replica begins at
    the count of its part, and does not draw the others' numbers.

    Args:
        values: The featuremap, (batch, ...), float.
        seed: Seed of shape (2,), the same on all replicas.
    """
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context else 1
    if replicas == 1:
        return tf.random.stateless_uniform(tf.shape(values), seed, dtype=values.dtype)
    replica = context.replica_id_in_sync_group
    size = prod(values.shape) if values.shape.is_fully_defined() else None
    if size is None or size % GROUP or values.dtype == tf.float64:
        return _part(values, seed, replica, replicas)
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    skipped = tf.cast([replica, 0], tf.uint64) * (size // GROUP)
    return tf.raw_ops.StatelessRandomUniformV2(
        shape=tf.shape(values), key=key, counter=counter + skipped, alg=PHILOX, dtype=values.dtype
    )


def _part(values: tf.Tensor, seed: tf.Tensor, replica: int | tf.Tensor, replicas: int) -> tf.Tensor:
    """Return the same by drawing for the whole batch."""
    batch, *others = tf.unstack(tf.shape(values))
    whole = tf.random.stateless_uniform([batch * replicas, *others], seed, dtype=values.dtype)
    return whole[replica * batch : (replica + 1) * batch]
