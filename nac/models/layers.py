"""Custom Keras layers. Models that contain them load in any process that has imported nac."""

from collections.abc import Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf

from nac.models.convolutions import on_fast_cpu, pointwise
from nac.models.part import present_part
from nac.models.random_numbers import uniform_for_batch

register = keras.saving.register_keras_serializable("nac")

Shape = tuple[int | None, ...]


def build_chain(layers: Iterable[keras.layers.Layer], shape: Shape) -> Shape:
    """Build layers that follow each other, and return the shape after the last one.

    Args:
        layers: The layers in the order in which data passes them.
        shape: Input shape of the first one, with the batch.
    """
    for layer in layers:
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
    return shape


class SameShape(keras.layers.Layer):
    """A layer whose output has the shape of its input."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the input."""
        return input_shape


@register
class GatedSkip(keras.layers.Layer):
    """Joins a layer's direct input with its gated skip connections.

    The layer concatenates the direct input with each skip input times its gate, and a 1x1
    convolution with bias and ReLU brings the result back to the channels of the direct input:
    ``relu(conv1x1(concat([direct, gate_1 * skip_1, ...])))``.

    The gates are the weights of skip connections in section 2 of the paper: they start at random
    and are trained along with the network, and after each truncated training the connections with
    the smallest ones are pruned.

    Args:
        sources: Index of the source layer of each skip input, in order. Names the gates.
        return_joined: Whether to also return the gated concatenation, which AMLA's widener2 takes.

    Input shape:
        A list: the direct input, (batch, height, width, channels), then one featuremap per source
        with the same height and width.

    Example:
    >>> direct, skip = tf.ones((2, 8, 8, 16)), tf.ones((2, 8, 8, 4))
    >>> GatedSkip(sources=[0])([direct, skip]).shape
    TensorShape([2, 8, 8, 16])
    """

    def __init__(self, sources: Sequence[int] = (), return_joined: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.sources = tuple(sources)
        self.return_joined = return_joined

    def build(self, input_shape: Sequence[Shape]) -> None:
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

    def call(
        self, inputs: Sequence[tf.Tensor], training: bool = False
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        """Return the joined featuremap, which has the shape of the direct input."""
        fast = training and on_fast_cpu()
        gates = [tf.convert_to_tensor(gate) for gate in self.gates]
        if self.return_joined:
            gated = [gate * skip for gate, skip in zip(gates, inputs[1:], strict=True)]
            joined = tf.concat([inputs[0], *gated], axis=-1)
            return self._activated(_convolved(joined, self.kernel, fast)), joined
        # A 1x1 convolution is linear, so a gate may scale the kernel's rows for its channels
        # instead of the featuremap: the same result and gradients, in half the time, because
        # a kernel is far smaller than a batch of featuremaps.
        factors = tf.stack([tf.ones((), self.compute_dtype), *gates])
        owners = np.repeat(np.arange(1 + len(gates)), self.input_channels)
        kernel = self.kernel * tf.gather(factors, owners)[:, tf.newaxis]
        if fast:
            return self._activated(self._sum_of_products(inputs, kernel))
        return self._activated(_convolved(tf.concat(inputs, axis=-1), kernel, fast))

    def _sum_of_products(self, inputs: Sequence[tf.Tensor], kernel: tf.Tensor) -> tf.Tensor:
        """Convolve each input by itself, which needs no copies of inputs and of their gradients."""
        kernels = tf.split(kernel, self.input_channels, axis=2)
        return tf.add_n([pointwise(*pair) for pair in zip(inputs, kernels, strict=True)])

    def _activated(self, outputs: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(outputs + self.bias)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {
            **super().get_config(),
            "sources": list(self.sources),
            "return_joined": self.return_joined,
        }


def _convolved(inputs: tf.Tensor, kernel: tf.Tensor, fast: bool) -> tf.Tensor:
    kernel = tf.convert_to_tensor(kernel)
    return pointwise(inputs, kernel) if fast else tf.nn.conv2d(inputs, kernel, 1, "SAME")


class RandomLayer(SameShape):
    """A layer whose random numbers are a function of (seed, training calls so far).

    The number of calls is a weight, so checkpoints save it and a resumed job draws the numbers that
    it would have drawn. Several replicas together draw the numbers of one device.
    """

    def __init__(self, seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.seed = int(seed)

    def build(self, input_shape: Shape) -> None:
        """Create the counter of calls."""
        self.calls = self.add_weight(
            name="calls",
            shape=(),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            aggregation="only_first_replica",
            autocast=False,
        )

    @property
    def draws(self) -> bool:
        """Whether the layer draws any numbers in training."""
        return True

    def next_seed(self) -> tf.Tensor:
        """Return a seed of shape (2,) for this call, the same on all replicas, and count it.

        Where a part of a batch is computed, this is the seed of the whole batch.
        """
        part = present_part()
        return self._counted_seed() if part is None else part.seeds[id(self)]

    def _counted_seed(self) -> tf.Tensor:
        call = tf.convert_to_tensor(self.calls.value)
        self.calls.value.assign_add(1)
        seed = tf.stack([tf.cast(self.seed, tf.int64), call])
        return tf.random.experimental.stateless_fold_in(seed, 0)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "seed": self.seed}


@register
class Dropout(RandomLayer):
    """Sets a random share of its inputs to zero in training, and scales up the others.

    The others are scaled by ``1 / (1 - rate)``, so that the expected sum stays the same. Outside
    of training the inputs pass unchanged.

    Unlike with Keras' Dropout, whose state is the same on each replica, several replicas drop what
    one device would drop, and not the same positions in each of their parts of the batch.

    Args:
        rate: Share of the inputs to set to zero, from 0 to below 1.
        seed: Seed of the random numbers.

    Example:
    >>> Dropout(0.5)(tf.ones((1, 4)), training=False).numpy()
    array([[1., 1., 1., 1.]], dtype=float32)
    """

    def __init__(self, rate: float = 0.0, seed: int = 0, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.rate = float(rate)

    @property
    def draws(self) -> bool:
        """Whether the layer draws any numbers in training."""
        return self.rate > 0.0

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the inputs, in training with dropout applied."""
        if not training or not self.draws:
            return inputs
        dtype, numbers = inputs.dtype, uniform_for_batch(inputs, self.next_seed())
        # The same as TensorFlow's stateless dropout, with half of its operations.
        return inputs * (tf.cast(numbers >= self.rate, dtype) / (1.0 - self.rate))

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "rate": self.rate}


@register
class Cutout(RandomLayer):
    """Sets one square of the images to zero in training (AMLA, stubs/tf/cell_init.py).

    All images and channels of a batch have the square at the same position. Its top left corner is
    uniform over the image, so the lower and right borders may cut it off.

    Args:
        size: Side of the square in pixels.
        seed: Seed of the random numbers.
    """

    def __init__(self, size: int = 16, seed: int = 0, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.size = int(size)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the images, in training with the square set to zero."""
        if not training:
            return inputs
        corner = tf.random.stateless_uniform((2,), self.next_seed())
        rows, columns = (
            self._covered(side, corner[axis]) for axis, side in enumerate(inputs.shape[1:3])
        )
        square = rows[:, tf.newaxis] & columns[tf.newaxis, :]
        return tf.where(square[tf.newaxis, :, :, tf.newaxis], tf.zeros_like(inputs), inputs)

    def _covered(self, side: int, uniform: tf.Tensor) -> tf.Tensor:
        start = tf.cast(uniform * side, tf.int32)
        positions = tf.range(side)
        return (positions >= start) & (positions < start + self.size)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "size": self.size}


@register
class LocalResponseNormalization(SameShape):
    """Divides each value by a measure of its neighboring channels, with AMLA's constants.

    With the sum s of the squares of a value and of its neighbors, at most four channels away on
    each side, the divisor is (1 + 0.001 / 9 * s)^0.75. See ``tf.nn.local_response_normalization``.
    """

    RADIUS, ALPHA = 4, 0.001 / 9.0

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the normalized featuremap, which has the same shape."""
        if training:
            return self._normalized(inputs)
        # There is a kernel for float32 everywhere, on GPUs for no other type.
        outputs = tf.nn.local_response_normalization(
            tf.cast(inputs, tf.float32),
            depth_radius=self.RADIUS,
            bias=1.0,
            alpha=self.ALPHA,
            beta=0.75,
        )
        return tf.cast(outputs, inputs.dtype)

    def _normalized(self, inputs: tf.Tensor) -> tf.Tensor:
        """Compute the same from operations whose gradients take a quarter of the time."""
        channels = inputs.shape[-1]
        near = tf.linalg.band_part(tf.ones((channels, channels)), self.RADIUS, self.RADIUS)
        values = tf.reshape(tf.cast(inputs, tf.float32), (-1, channels))
        base = 1.0 + self.ALPHA * (tf.square(values) @ near)
        outputs = values * tf.math.rsqrt(base * tf.sqrt(base))
        return tf.cast(tf.reshape(outputs, tf.shape(inputs)), inputs.dtype)
