"""Batch normalization with AMLA's settings, of one featuremap or of several side by side."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from nac.models.layers import register
from nac.models.part import Statistics, moments, present_part, together


@register
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization with AMLA's settings: a center but no scale, momentum 0.999.

    ``scale=True`` adds a learnable scale.

    In addition to what Keras' layer does:

    * Batch statistics are those of all replicas together.
    * While ``calibrating`` is true, the layer also normalizes by batch statistics and updates its
      moving averages outside of training. They can thus be re-estimated with dropout and
      featuremap metrics off (see :func:`nac.training.evaluation.calibrate`).
    * While ``tracking`` is false, moving averages stay as they are. A job re-estimates them before
      each evaluation, so to update them in each of its steps would be work for nothing.
    * With a single replica, training uses one fused operation instead of a dozen.
    * Where a cell is computed in parts of the batch, statistics are those of the whole batch, and
      moving averages stay as they are (see :mod:`nac.models.recomputation`).

    Args:
        **kwargs: Arguments of ``keras.layers.BatchNormalization``.
    """

    def __init__(self, **kwargs):
        defaults = {"scale": False, "epsilon": 1e-3, "momentum": 0.999, "synchronized": True}
        super().__init__(**{**defaults, **kwargs})
        self.calibrating, self.tracking = False, True

    def call(
        self, inputs: tf.Tensor, training: bool = False, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Return the normalized featuremap."""
        if training or self.calibrating:
            return normalized_by_batch([self], inputs)[0]
        return super().call(inputs, training=False, mask=mask)


def normalized_by_batch(
    layers: Sequence[BatchNormalization], values: tf.Tensor, gates: tf.Variable | None = None
) -> tuple[tf.Tensor, Statistics]:
    """Return featuremaps normalized by the statistics of their batch, and these statistics.

    One operation normalizes the featuremaps of all layers, because channels do not depend on each
    other. The moving averages of layers that track them are updated.

    Args:
        layers: The layers whose featuremaps they are, each with an equal share of the channels; all
            of them have a scale or none has.
        values: The featuremaps side by side, (batch, height, width, channels).
        gates: A factor of each channel of the output, None for 1. That it belongs to scale and
            center of batch norm, and not to the output, makes its gradient a by-product of theirs.
    """
    center = tf.concat([tf.convert_to_tensor(layer.beta) for layer in layers], axis=0)
    scale = _scale(layers, center)
    if gates is not None:
        factors = tf.convert_to_tensor(gates)
        center, scale = center * factors, scale * factors
    outputs, statistics = _normalized(values, scale, center, layers[0].epsilon)
    if layers[0].tracking and present_part() is None:
        _track(layers, statistics)
    return outputs, statistics


def _scale(layers: Sequence[BatchNormalization], center: tf.Tensor) -> tf.Tensor:
    if not layers[0].scale:
        return tf.ones_like(center)
    return tf.concat([tf.convert_to_tensor(layer.gamma) for layer in layers], axis=0)


def _normalized(values, scale, center, epsilon: float) -> tuple[tf.Tensor, Statistics]:
    part = present_part()
    if part is not None and part.count > 1:
        return _by(part.batch_statistics, values, scale, center, epsilon)
    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        return _by(_of_all_replicas, values, scale, center, epsilon)
    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        values, scale, center, epsilon=epsilon, is_training=True
    )
    # The fused operation returns the unbiased variance, but Keras averages the biased one.
    count = tf.cast(tf.size(values) // tf.size(mean), variance.dtype)
    return outputs, (mean, variance * ((count - 1.0) / count))


def _of_all_replicas(values: tf.Tensor) -> Statistics:
    """Return the statistics of the whole batch, of which each replica has an equal part.

    Keras' function takes the variance as a difference of two squares, which is off, and even
    negative, where the mean is much larger than the deviation.
    """
    mean, variance = moments(values)
    return together(mean[tf.newaxis], variance[tf.newaxis])


def _by(statistics_of: Callable, values, scale, center, epsilon) -> tuple[tf.Tensor, Statistics]:
    """Normalize by what a function returns for the values in float32."""
    precise = tf.cast(values, tf.float32)
    mean, variance = statistics_of(precise)
    outputs = tf.nn.batch_normalization(precise, mean, variance, center, scale, epsilon)
    return tf.cast(outputs, values.dtype), (mean, variance)


def _track(layers: Sequence[BatchNormalization], statistics: Statistics) -> None:
    mean, variance = (tf.split(part, _shares(layers)) for part in statistics)
    for layer, new_mean, new_variance in zip(layers, mean, variance, strict=True):
        for moving, value in ((layer.moving_mean, new_mean), (layer.moving_variance, new_variance)):
            moving.assign(moving * layer.momentum + value * (1.0 - layer.momentum))


def _shares(layers: Sequence[BatchNormalization]) -> list[int]:
    return [int(layer.beta.shape[0]) for layer in layers]
