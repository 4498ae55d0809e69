"""What a branch measures of itself while it trains; see :data:`nac.config.rankings.RANKINGS`."""

import tensorflow as tf

from nac.models.layers import SameShape, register


@tf.custom_gradient
def times_one(values, unit_gate):
    """Return ``values``, as if multiplied by a gate of one, which then has a gradient.

    The gradient of the gate costs one product; there is none on the way forward.

    Args:
        values: a featuremap.
        unit_gate: a scalar, float32, that is one.
    """

    def gradients(upstream):
        product = tf.cast(values, tf.float32) * tf.cast(upstream, tf.float32)
        return upstream, tf.reduce_sum(product)

    return tf.identity(values), gradients


@register
class FeaturemapMetric(SameShape):
    """Passes a featuremap through and accumulates what it carries over training batches.

    The metric of the paper (section 2) is the running mean squared l2 norm of a featuremap,
    normalized by its size: the mean over images, height, width and channels of x². AMLA logs it
    as ``MeanSSS`` (stubs/tf/cell_main.py), there times the batch size. The others are for
    comparison. The accumulators count from the first step, are not trainable, and are exact on
    any number of replicas.

    A constant gate of one stands on the featuremap. The loss's gradient by it is the first term of
    what the loss would lose without the featuremap (Molchanov et al., arXiv 1611.06440). A
    training step takes it from its tape and hands it to :meth:`count_gradient`.

    Input shape:
        (batch, height, width, channels). The output is the input.
    """

    def build(self, input_shape):
        """Create accumulators and gate.

        ``sums`` are those of x², x, x != 0 and of the convolution's outputs squared, each a mean
        per image, and the number of images; ``sensitivity`` is the sum of the absolute gradients
        of the gate, and the number of steps.
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

    def call(self, inputs, before_norm, training=False):
        """Return ``inputs``; in training, count them.

        Args:
            inputs: the featuremap after ReLU.
            before_norm: the output of the convolution that it was made from, same shape.
            training: whether this is a training step.
        """
        if not training:
            return inputs
        # Keras' own assign_add would count several times under a mirrored strategy.
        self.sums.value.assign_add(_batch_sums(inputs, before_norm))
        return times_one(inputs, tf.convert_to_tensor(self.unit_gate))

    def count_gradient(self, gradient, counts) -> None:
        """Count a step, on each replica.

        Args:
            gradient: of the loss by the gate, summed over all replicas.
            counts: 1.0, or 0.0 for a step that is skipped.
        """
        size = tf.math.multiply_no_nan(tf.abs(gradient), counts)
        self.sensitivity.value.assign_add(tf.stack([size, counts]))

    def result(self) -> dict[str, float]:
        """Return what was measured so far by its name in ``statistics.json``; zeros at first."""
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


def _batch_sums(values, before_norm):
    values, before_norm = (tf.cast(tensor, tf.float32) for tensor in (values, before_norm))
    images = tf.cast(tf.shape(values)[0], tf.float32)
    size = tf.cast(tf.size(values), tf.float32) / images
    sums = [
        _square_sum(values),
        tf.reduce_sum(values),
        tf.reduce_sum(tf.abs(tf.sign(values))),
        _square_sum(before_norm),
    ]
    return tf.concat([tf.stack(sums) / size, [images]], axis=0)


def _square_sum(values):
    return 2.0 * tf.nn.l2_loss(values)  # one pass, where square and sum are two
