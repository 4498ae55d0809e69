"""A part of a batch, and what makes layers compute for it what they would for the whole batch.

While a cell is computed in parts (:mod:`nac.models.recomputation`), batch norms take statistics of
the whole batch, random layers draw the numbers of these images in the whole batch, and what metrics
measure is handed on instead of being added to a variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import tensorflow as tf

Statistics = tuple[tf.Tensor, tf.Tensor]
"""Mean and (biased) variance of each channel, float32."""


@dataclass
class Part:
    """One of the equal parts of the batch of a replica.

    Attributes:
        number: Which one, from 0; a tensor in loops.
        count: Number of parts. If there is one, batch norms compute their statistics themselves.
        seeds: Seed of each random layer, by the id of the layer.
        statistics: Those of the whole batch for the first batch norms of a cell. To others, the
            part is the batch.
        own: The statistics of this part, (2, channels), for each batch norm so far.
        measured: What metrics have measured so far.
    """

    number: tf.Tensor | int
    count: int
    seeds: Mapping[int, tf.Tensor]
    statistics: Sequence[Statistics] = ()
    own: list[tf.Tensor] = field(default_factory=list)
    measured: list[tf.Tensor] = field(default_factory=list)

    def batch_statistics(self, values: tf.Tensor) -> Statistics:
        """Return the statistics for the next batch norm.

        Args:
            values: What it normalizes, (images of this part, height, width, channels) float32.
        """
        own = moments(values)
        self.own.append(tf.stack(own))
        place = len(self.own) - 1
        return self.statistics[place] if place < len(self.statistics) else own


@tf.custom_gradient
def moments(values: tf.Tensor) -> Statistics:
    """Return mean and variance of each channel. The gradient takes half of autodiff's operations.

    Args:
        values: (images, height, width, channels) float32.
    """
    mean, variance = tf.nn.moments(values, axes=(0, 1, 2))

    def gradient(of_mean, of_variance):
        count = tf.cast(tf.size(values) / tf.size(mean), tf.float32)
        slope = 2.0 * of_variance / count
        return values * slope + (of_mean / count - slope * mean)

    return (mean, variance), gradient


_present: ContextVar[Part | None] = ContextVar("part", default=None)


def present_part() -> Part | None:
    """Return the part that is computed, None outside of :func:`only` blocks."""
    return _present.get()


@contextmanager
def only(part: Part) -> Iterator[None]:
    """Let layers compute a part of a batch within a ``with`` block."""
    before = _present.set(part)
    try:
        yield
    finally:
        _present.reset(before)


class BatchStatistics:
    """The statistics of a whole batch on all replicas, from those of its parts.

    Args:
        parts: Means and variances of all parts of this replica, (parts, 2, channels).

    Attributes:
        values: Mean and variance of the batch.
    """

    def __init__(self, parts: tf.Tensor):
        self._parts = parts
        with tf.GradientTape() as self._tape:
            self._tape.watch(parts)
            self.values = together(*tf.unstack(parts, axis=1))

    def gradients(self, upstream: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the gradients of the parts.

        Args:
            upstream: Those of mean and variance by way of the images of this replica.
        """
        return self._tape.gradient(self.values, self._parts, upstream)


def together(means: tf.Tensor, variances: tf.Tensor) -> Statistics:
    """Return mean and variance of the batch on all replicas, from those of equal parts of it.

    Args:
        means: Those of the parts of this replica, (parts, channels).
        variances: Likewise.
    """
    mean = _over_replicas(tf.reduce_mean(means, axis=0))
    # Not as a difference of two squares, which would cancel each other.
    spread = tf.reduce_mean(variances + tf.square(means - mean), axis=0)
    return mean, _over_replicas(spread)


def _over_replicas(value: tf.Tensor) -> tf.Tensor:
    """Return the mean over all replicas."""
    if tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return value
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, value)
