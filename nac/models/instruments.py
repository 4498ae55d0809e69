"""What a branch measures while it trains; :data:`nac.config.rankings.RANKINGS` rank it."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from nac.models.layers import Shape, register


@register
class FeaturemapMetric(keras.layers.Layer):
    """Accumulates measurements of a branch's featuremap over all training batches.

    The paper's metric (section 2) is the squared l2 norm of a featuremap, normalized by its size
    and averaged over training: the mean of x² over images, height, width and channels. AMLA logs
    it as ``MeanSSS`` (stubs/tf/cell_main.py), multiplied by the batch size. The other measured
    values are for comparison.

    The layer keeps running sums instead of the latest batch's value, because one batch says too
    little: in the paper's figure 2 it takes about ten epochs until the metrics of branches can be
    told apart. The sums are weights, so checkpoints save them. In each step the parts of all
    replicas are added (``aggregation="sum"``), so the result is that of a single device.

    The featuremap also has a constant gate of one. The gradient of the loss with respect to this
    gate is the first-order term of how much the loss would change without the featuremap
    (Molchanov et al., arXiv 1611.06440). A training step takes it from its tape and passes it to
    :func:`count_gradients`.
    """

    def build(self, input_shape: Shape) -> None:
        """Create the accumulators and the gate.

        ``sums`` has five elements: the sums over images of the mean of x², of x, of x != 0, and of
        the convolution's squared outputs, then the number of images. ``sensitivity`` has two: the
        sum of the gate's absolute gradients, and the number of steps.
        """
        options = {"trainable": False, "dtype": "float32", "autocast": False}
        self.sums = self.add_weight(
            name="sums", shape=(5,), initializer="zeros", aggregation="sum", **options
        )
        self.sensitivity = self.add_weight(
            name="sensitivity",
            shape=(2,),
            initializer="zeros",
            aggregation="only_first_replica",
            **options,
        )
        self.unit_gate = self.add_weight(name="unit_gate", shape=(), initializer="ones", **options)

    def result(self) -> dict[str, float]:
        """Return what was measured so far, by its name in ``statistics.json``; zeros at first."""
        *sums, images = map(float, self.sums.numpy())
        square, mean, nonzero, before_norm = (value / max(1.0, images) for value in sums)
        gradients, steps = map(float, self.sensitivity.numpy())
        return {
            "mean_square": square,
            "mean": mean,
            "variance": max(0.0, square - mean * mean),
            "images": int(images),
            "nonzero": nonzero,
            "mean_square_before_norm": before_norm,
            "taylor": gradients / max(1.0, steps),
        }


def count_featuremaps(
    metrics: Sequence[FeaturemapMetric], featuremaps: tf.Tensor, squares_before_norm: tf.Tensor
) -> None:
    """Let metrics count the featuremaps of a training batch.

    Args:
        metrics: The metric of each branch of a cell.
        featuremaps: The branches' featuremaps side by side, of equal numbers of channels, after
            ReLU: (batch, height, width, channels).
        squares_before_norm: Mean square of each channel of the convolutions' outputs, (channels,).
    """
    height, width, channels = featuremaps.shape[1:]
    images = tf.cast(tf.shape(featuremaps)[0], tf.float32)
    values = tf.reshape(tf.cast(featuremaps, tf.float32), (-1, channels))
    per_channel = [
        tf.reduce_sum(tf.square(values), axis=0),
        tf.reduce_sum(values, axis=0),
        tf.reduce_sum(tf.sign(values), axis=0),
        squares_before_norm * (images * height * width),
    ]
    filters = channels // len(metrics)
    sums = tf.reduce_sum(tf.reshape(tf.stack(per_channel), (4, len(metrics), filters)), axis=2)
    counts = tf.fill((1, len(metrics)), images)
    rows = tf.concat([sums / (height * width * filters), counts], axis=0)
    for metric, row in zip(metrics, tf.unstack(rows, axis=1), strict=True):
        # Keras' assign_add assigns the sum over replicas of (old value + part), which would count
        # the old value once per replica. TensorFlow's own sums the parts alone.
        metric.sums.value.assign_add(row)


def count_gradients(
    metrics: Sequence[FeaturemapMetric], gradients: tf.Tensor, counts: tf.Tensor
) -> None:
    """Let metrics count the gradients of their gates in a training step. Each replica calls this.

    Args:
        metrics: The metrics.
        gradients: Gradient of the loss with respect to each gate, summed over all replicas.
        counts: 1.0, or 0.0 for a step that is skipped.
    """
    sizes = tf.math.multiply_no_nan(tf.abs(gradients), counts)
    rows = tf.stack([sizes, tf.fill(tf.shape(sizes), counts)], axis=1)
    for metric, row in zip(metrics, tf.unstack(rows, num=len(metrics)), strict=True):
        metric.sensitivity.value.assign_add(row)
