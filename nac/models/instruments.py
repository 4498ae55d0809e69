"""What a branch measures while it trains; :data:`nac.config.rankings.RANKINGS` rank it."""

import tensorflow as tf

from nac.models.layers import SameShape, Shape, register


@tf.custom_gradient
def times_one(values: tf.Tensor, unit_gate: tf.Tensor):
    """Return ``values`` as if they were multiplied by a gate of one, which then has a gradient.

    The forward pass computes nothing, and the gradient of the gate costs one product.

    Args:
        values: A featuremap.
        unit_gate: The gate, a float32 scalar that is one.
    """

    def gradients(upstream):
        product = tf.cast(values, tf.float32) * tf.cast(upstream, tf.float32)
        return upstream, tf.reduce_sum(product)

    return tf.identity(values), gradients


@register
class FeaturemapMetric(SameShape):
    """Passes a featuremap through, and measures it over all training batches.

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
    :meth:`count_gradient`.

    Input shape:
        (batch, height, width, channels). The output is the input.
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

    def call(self, inputs: tf.Tensor, before_norm: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return ``inputs``, and measure them in training.

        Args:
            inputs: The featuremap after ReLU.
            before_norm: The output of the convolution that it was made from, of the same shape.
            training: Whether this is a training step.
        """
        if not training:
            return inputs
        # Keras' assign_add assigns the sum over replicas of (old value + part), which would count
        # the old value once per replica. TensorFlow's own sums the parts alone.
        self.sums.value.assign_add(_batch_sums(inputs, before_norm))
        return times_one(inputs, tf.convert_to_tensor(self.unit_gate))

    def count_gradient(self, gradient: tf.Tensor, counts: tf.Tensor) -> None:
        """Add the gate's gradient in a training step. Each replica calls this.

        Args:
            gradient: Gradient of the loss with respect to the gate, summed over all replicas.
            counts: 1.0, or 0.0 for a step that is skipped.
        """
        size = tf.math.multiply_no_nan(tf.abs(gradient), counts)
        self.sensitivity.value.assign_add(tf.stack([size, counts]))

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
    return 2.0 * tf.nn.l2_loss(values)  # a single pass, where square and sum are two
