"""Custom Keras layers. Each is registered, has a config, and loads with nothing but nac there."""

import keras
import tensorflow as tf

register = keras.saving.register_keras_serializable("nac")


def build_chain(layers, shape):
    """Build layers that follow each other; return the shape after the last."""
    for layer in layers:
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
    return shape


class SameShape(keras.layers.Layer):
    """A layer whose output has the shape of its input."""

    def compute_output_shape(self, input_shape):
        """Return the shape of the input."""
        return input_shape


@register
class GatedSkip(keras.layers.Layer):
    """Joins the direct input with gated skip inputs and brings the channels back by a 1x1 conv.

    Computes relu(conv1x1(concat([direct, gate_1 * skip_1, ...]))) with bias, to as many channels
    as the direct input has. The gates are multiplied into the rows of the kernel instead of into
    the featuremaps: the same result for half the time.

    Args:
        sources: index of the source of each skip input, in order; names the gates.
        return_joined: whether to return the gated concatenation too, which AMLA's widener2 takes.

    Input shape:
        a list: the direct input (batch, height, width, channels), then one per source with the
        same height and width.
    """

    def __init__(self, sources=(), return_joined=False, **kwargs):
        super().__init__(**kwargs)
        self.sources = tuple(sources)
        self.return_joined = return_joined

    def build(self, input_shape):
        """Create the kernel, its bias and one scalar gate per source."""
        self.input_channels = [int(shape[-1]) for shape in input_shape]
        outputs = self.input_channels[0]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(1, 1, sum(self.input_channels), outputs),
            initializer="glorot_uniform",
        )
        self.bias = self.add_weight(name="bias", shape=(outputs,), initializer="zeros")
        self.gates = [
            self.add_weight(
                name=f"gate_{source}",
                shape=(),
                initializer=keras.initializers.RandomNormal(0.5, 0.01),
            )
            for source in self.sources
        ]

    def call(self, inputs):
        """Return the joined featuremap, shape of the direct input."""
        if self.return_joined:
            return self._plain(inputs)
        joined = tf.concat(inputs, axis=-1) if self.sources else inputs[0]
        kernel = tf.convert_to_tensor(self.kernel)
        if self.sources:
            gates = [tf.ones((), kernel.dtype), *map(tf.convert_to_tensor, self.gates)]
            rows = tf.repeat(tf.stack(gates), self.input_channels)
            kernel = kernel * rows[:, tf.newaxis]
        return tf.nn.relu(tf.nn.conv2d(joined, kernel, 1, "SAME") + self.bias)

    def _plain(self, inputs):
        gates = [tf.convert_to_tensor(gate) for gate in self.gates]
        gated = [gate * value for gate, value in zip(gates, inputs[1:], strict=True)]
        joined = tf.concat([inputs[0], *gated], axis=-1)
        kernel = tf.convert_to_tensor(self.kernel)
        return tf.nn.relu(tf.nn.conv2d(joined, kernel, 1, "SAME") + self.bias), joined

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {
            **super().get_config(),
            "sources": list(self.sources),
            "return_joined": self.return_joined,
        }


@register
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch norm as in AMLA (center, no scale), synchronized over replicas.

    While ``calibrating`` is set, it normalizes by batch statistics and updates its moving averages
    even outside training: so the averages can be re-estimated without dropout and without metrics.
    With a single replica it runs as one fused operation instead of a dozen.
    """

    def __init__(self, **kwargs):
        super().__init__(
            **{
                "scale": False,
                "epsilon": 1e-3,
                "momentum": 0.999,
                "synchronized": True,
                **kwargs,
            }
        )
        self.calibrating = False

    def call(self, inputs, training=False, mask=None):
        """Return the normalized featuremap."""
        training = training or self.calibrating
        if tf.distribute.get_strategy().num_replicas_in_sync > 1 or not training:
            return super().call(inputs, training=training, mask=mask)
        return self._fused(inputs)

    def _fused(self, inputs):
        beta = tf.cast(tf.convert_to_tensor(self.beta), tf.float32)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, tf.ones_like(beta), beta, epsilon=self.epsilon, is_training=True
        )
        # The fused operation returns the unbiased variance; the moving one is of the batch.
        values = tf.cast(tf.size(inputs) // tf.size(mean), variance.dtype)
        variance *= (values - 1.0) / values
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return outputs


class _RandomLayer(SameShape):
    """A layer that draws random numbers by (seed, number of training calls, replica).

    The call counter is a weight, so a checkpoint resumes the same sequence, and replicas draw
    different numbers; neither holds for Keras' own Dropout.
    """

    def __init__(self, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.seed = int(seed)

    def build(self, input_shape):
        self.calls = self.add_weight(
            name="calls",
            shape=(),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            aggregation="only_first_replica",
            autocast=False,
        )

    def next_seed(self):
        """Return a seed of shape (2,) for this call and count the call."""
        call = tf.convert_to_tensor(self.calls.value)
        self.calls.value.assign_add(1)
        context = tf.distribute.get_replica_context()
        replica = context.replica_id_in_sync_group if context else 0
        seed = tf.stack([tf.cast(self.seed, tf.int64), call])
        return tf.random.experimental.stateless_fold_in(seed, replica)

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}


@register
class Dropout(_RandomLayer):
    """Dropout with a sequence that survives a resume and differs between replicas.

    Args:
        rate: share of values set to zero in training; the others are scaled up.
        seed: of the sequence.
    """

    def __init__(self, rate=0.0, seed=0, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.rate = float(rate)

    def call(self, inputs, training=False):
        """Return the input, thinned in training."""
        if not training or not self.rate:
            return inputs
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, self.next_seed())

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "rate": self.rate}


@register
class Cutout(_RandomLayer):
    """Sets one square of the images to zero in training (AMLA, stubs/tf/cell_init.py).

    One square per batch, at the same place in all images and channels; its top left corner is
    uniform over the image, so at the lower and right border it is cut off.

    Args:
        size: side of the square in pixels.
        seed: of the sequence.
    """

    def __init__(self, size=16, seed=0, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.size = int(size)

    def call(self, inputs, training=False):
        """Return the images, in training with a hole."""
        if not training:
            return inputs
        sides = inputs.shape[1:3]
        corner = tf.random.stateless_uniform((2,), self.next_seed())
        inside = [self._covered(side, corner[axis]) for axis, side in enumerate(sides)]
        hole = inside[0][:, tf.newaxis] & inside[1][tf.newaxis, :]
        return tf.where(hole[tf.newaxis, :, :, tf.newaxis], tf.zeros_like(inputs), inputs)

    def _covered(self, side, uniform):
        start = tf.cast(uniform * side, tf.int32)
        positions = tf.range(side)
        return (positions >= start) & (positions < start + self.size)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "size": self.size}


@register
class LocalResponseNormalization(SameShape):
    """Normalizes each value by its neighbors in depth, with AMLA's constants."""

    def call(self, inputs):
        """Return the normalized featuremap, same shape."""
        return tf.nn.local_response_normalization(
            inputs, depth_radius=4, bias=1.0, alpha=0.001 / 9.0, beta=0.75
        )
