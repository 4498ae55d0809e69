"""How the convolutions of a cell are computed: each by itself, or several as one.

The results are the same within rounding, so this is about time alone. A small convolution takes
longer to start than to compute. It then pays to compute few large ones, even if many of their
multiplications are by zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import keras
import tensorflow as tf

SMALL_SIDE = 3
"""Kernels of at most this side are merged with each other, and larger ones with each other."""

FAST_WIDTH = 3
"""Width of depthwise filters up to which the CPU computes their gradients fast (oneDNN)."""

Parts = list[tuple[tf.Tensor, int]]
"""Featuremaps, and of how many layers each holds the outputs side by side."""


@dataclass(frozen=True)
class Plan:
    """How to compute the convolutions of a cell.

    Attributes:
        merged: Whether neighbors with kernels of similar size become one dense convolution.
        tiled: Whether gradients of wide depthwise filters are put together from narrow tiles.
    """

    merged: bool = False
    tiled: bool = False


PLAIN = Plan()
"""Each convolution by itself, as its Keras layer computes it."""


class HasConvolution(Protocol):
    """What has a convolution of its own, such as a branch of a cell."""

    name: str
    convolution: keras.layers.Layer


def convolutions(
    branches: Sequence[HasConvolution], inputs: tf.Tensor, plan: Plan = PLAIN
) -> Parts:
    """Return the outputs of all convolutions, in order.

    Args:
        branches: The branches of a cell; their convolutions may be of any type of layer.
        inputs: Their common input, (batch, height, width, channels).
        plan: How to compute them.
    """
    if not plan.merged:
        return [(_alone(branch, inputs, plan), 1) for branch in branches]
    parts: Parts = []
    for small, run in groupby(branches, key=lambda branch: _small(branch.convolution)):
        group = list(run)
        if small is None or len(group) == 1:
            parts += [(_alone(branch, inputs, plan), 1) for branch in group]
        else:
            kernel = _joint_kernel([branch.convolution for branch in group], inputs.dtype)
            parts.append((_dense_convolution(inputs, kernel), len(group)))
    return parts


def _small(layer: keras.layers.Layer) -> bool | None:
    """Return whether a layer's kernel is small, None if it cannot be merged."""
    plain = type(layer) in (keras.layers.Conv2D, keras.layers.SeparableConv2D) and (
        layer.strides == layer.dilation_rate == (1, 1)
        and layer.padding == "same"
        and layer.activation is keras.activations.linear
        and not layer.use_bias
        and all(side % 2 for side in layer.kernel_size)
    )
    return max(layer.kernel_size) <= SMALL_SIDE if plain else None


def _joint_kernel(layers: Sequence[keras.layers.Layer], dtype: tf.DType) -> tf.Tensor:
    """Return the kernel of all layers together, (height, width, channels, sum of filters)."""
    height, width = (max(layer.kernel_size[axis] for layer in layers) for axis in (0, 1))
    return tf.concat([_padded(_dense(layer, dtype), height, width) for layer in layers], axis=-1)


def _dense(layer: keras.layers.Layer, dtype: tf.DType) -> tf.Tensor:
    """Return the kernel of a dense convolution that computes the same as the layer."""
    if isinstance(layer, keras.layers.Conv2D):
        return _weights(layer.kernel, dtype)
    depthwise, pointwise = _separable_kernels(layer, dtype)
    return depthwise * pointwise  # (h, w, c, 1) * (1, 1, c, f)


def _padded(kernel: tf.Tensor, height: int, width: int) -> tf.Tensor:
    sides = [(full - side) // 2 for full, side in zip((height, width), kernel.shape, strict=False)]
    return tf.pad(kernel, [[side, side] for side in sides] + [[0, 0], [0, 0]])


def _alone(branch: HasConvolution, inputs: tf.Tensor, plan: Plan) -> tf.Tensor:
    """Return the output of one convolution; its operations are named after the branch."""
    layer = branch.convolution
    with tf.name_scope(branch.name):
        if not plan.tiled or _small(layer) is None:
            return layer(inputs)
        if isinstance(layer, keras.layers.Conv2D):
            return _dense_convolution(inputs, _weights(layer.kernel, inputs.dtype))
        depthwise, pointwise = _separable_kernels(layer, inputs.dtype)
        return _same_size(_depthwise_convolution(inputs, depthwise), pointwise)


def _same_size(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(inputs, kernel, strides=1, padding="SAME")


def _separable_kernels(layer, dtype: tf.DType) -> tuple[tf.Tensor, tf.Tensor]:
    return _weights(layer.depthwise_kernel, dtype), _weights(layer.pointwise_kernel, dtype)


def _weights(variable: keras.Variable, dtype: tf.DType) -> tf.Tensor:
    return tf.cast(tf.convert_to_tensor(variable), dtype)


def _dense_convolution(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    if max(kernel.shape[:2]) <= min(inputs.shape[1:3]):
        return _same_size(inputs, kernel)
    return _padded_gradient_convolution(inputs, kernel)


@tf.custom_gradient
def _padded_gradient_convolution(inputs: tf.Tensor, kernel: tf.Tensor):
    """Return a convolution whose filter gradient is computed on padded inputs."""

    def gradients(upstream):
        options = {"out_backprop": upstream, "strides": [1, 1, 1, 1]}
        of_inputs = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(inputs), filter=kernel, padding="SAME", **options
        )
        height, width, *_ = kernel.shape
        of_kernel = tf.raw_ops.Conv2DBackpropFilter(
            input=_pad(inputs, height, width),
            filter_sizes=kernel.shape,
            padding="VALID",
            **options,
        )
        return of_inputs, of_kernel

    return _same_size(inputs, kernel), gradients


def _depthwise_convolution(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    if kernel.shape[1] <= FAST_WIDTH:
        return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], "SAME")
    return _tiled_gradient_depthwise(inputs, kernel)


@tf.custom_gradient
def _tiled_gradient_depthwise(inputs: tf.Tensor, kernel: tf.Tensor):
    """Return a depthwise convolution whose filter gradient is computed in narrow tiles."""

    def gradients(upstream):
        options = {"out_backprop": upstream, "strides": [1, 1, 1, 1]}
        of_inputs = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
            input_sizes=tf.shape(inputs), filter=kernel, padding="SAME", **options
        )
        return of_inputs, _tiled_filter_gradient(inputs, kernel.shape, options)

    return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], "SAME"), gradients


def _tiled_filter_gradient(inputs, shape: tf.TensorShape, options: dict) -> tf.Tensor:
    """Return the gradient of a filter, each of whose columns depends on no other column."""
    height, width, channels, _ = shape
    columns = -(-width // FAST_WIDTH) * FAST_WIDTH
    padded = _pad(inputs, height, width, columns - width)
    seen = inputs.shape[2] + FAST_WIDTH - 1
    gradients = [
        tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
            input=padded[:, :, first : first + seen],
            filter_sizes=[height, FAST_WIDTH, channels, 1],
            padding="VALID",
            **options,
        )
        for first in range(0, columns, FAST_WIDTH)
    ]
    return tf.concat(gradients, axis=1)[:, :width]


def _pad(inputs: tf.Tensor, height: int, width: int, further_columns: int = 0) -> tf.Tensor:
    """Return images with the zeros around them that a kernel of odd sides sees."""
    rows, columns = height // 2, width // 2
    return tf.pad(inputs, [[0, 0], [rows, rows], [columns, columns + further_columns], [0, 0]])
