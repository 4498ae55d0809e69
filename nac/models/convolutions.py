"""Forms of convolutions that take a CPU less time in training; they compute the same.

They concern the gradients, as oneDNN computes them (TensorFlow's library of operations for CPUs),
and were measured by ``tools/benchmark``:

* The filter gradient of a 1x1 convolution takes half the time as a product of matrices.
* That of a wide depthwise convolution takes a sixth to four fifths of the time in tiles of three
  columns, for which there is a fast kernel.
* That of a kernel larger than the image takes half the time if the image is padded before.
"""

import os

import tensorflow as tf

FAST_WIDTH = 3
"""Width of depthwise filters up to which their gradients are computed fast."""


def on_fast_cpu() -> bool:
    """Return whether oneDNN computes the operations of the present strategy, on a CPU.

    Commands of nac switch oneDNN on (see :mod:`nac.cli.command`).
    """
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "1":
        return False
    strategy = tf.distribute.get_strategy()
    if not tf.distribute.has_strategy():
        return not tf.config.list_logical_devices("GPU")
    return "GPU" not in strategy.extended.worker_devices[0]


def dense(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return a convolution over all channels, of the size of its inputs.

    Args:
        inputs: Featuremaps, (batch, height, width, channels).
        kernel: Tensor of shape (height, width, channels, filters) with odd sides.
    """
    if max(kernel.shape[:2]) == 1:
        return pointwise(inputs, kernel)
    if max(kernel.shape[:2]) > min(inputs.shape[1:3]):
        return _padded(inputs, kernel)
    return tf.nn.conv2d(inputs, kernel, strides=1, padding="SAME")


def pointwise(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return a 1x1 convolution, as a product of matrices.

    Args:
        inputs: Featuremaps, (batch, height, width, channels).
        kernel: Tensor of shape (1, 1, channels, filters).
    """
    height, width, channels = inputs.shape[1:]
    product = tf.reshape(inputs, (-1, channels)) @ tf.reshape(kernel, (channels, -1))
    return tf.reshape(product, (-1, height, width, kernel.shape[-1]))


def depthwise(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return a convolution of each channel by itself, of the size of its inputs.

    Args:
        inputs: Featuremaps, (batch, height, width, channels).
        kernel: Tensor of shape (height, width, channels, 1) with odd sides.
    """
    if kernel.shape[1] > FAST_WIDTH:
        return _tiled(inputs, kernel)
    return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], "SAME")


@tf.custom_gradient
def _padded(inputs: tf.Tensor, kernel: tf.Tensor):
    """Return a dense convolution whose filter gradient is computed on padded inputs."""

    def gradients(upstream):
        options = {"out_backprop": upstream, "strides": [1, 1, 1, 1]}
        of_inputs = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(inputs), filter=kernel, padding="SAME", **options
        )
        height, width = kernel.shape[:2]
        with tf.control_dependencies([upstream]):  # a copy in the forward pass would be kept
            padded = _pad(inputs, height, width)
        of_kernel = tf.raw_ops.Conv2DBackpropFilter(
            input=padded, filter_sizes=kernel.shape, padding="VALID", **options
        )
        return of_inputs, of_kernel

    return tf.nn.conv2d(inputs, kernel, strides=1, padding="SAME"), gradients


@tf.custom_gradient
def _tiled(inputs: tf.Tensor, kernel: tf.Tensor):
    """Return a depthwise convolution whose filter gradient is computed in tiles."""

    def gradients(upstream):
        options = {"out_backprop": upstream, "strides": [1, 1, 1, 1]}
        of_inputs = tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
            input_sizes=tf.shape(inputs), filter=kernel, padding="SAME", **options
        )
        with tf.control_dependencies([upstream]):  # copies in the forward pass would be kept
            return of_inputs, _filter_gradient(inputs, kernel.shape, options)

    return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], "SAME"), gradients


def _filter_gradient(inputs: tf.Tensor, shape: tf.TensorShape, options: dict) -> tf.Tensor:
    """Return the gradient of a depthwise filter, each column of which depends on no other."""
    height, width, channels, _ = shape
    columns = -(-width // FAST_WIDTH) * FAST_WIDTH
    padded = _pad(inputs, height, width, columns - width)
    seen = inputs.shape[2] + FAST_WIDTH - 1
    tiles = [
        tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
            input=padded[:, :, first : first + seen],
            filter_sizes=[height, FAST_WIDTH, channels, 1],
            padding="VALID",
            **options,
        )
        for first in range(0, columns, FAST_WIDTH)
    ]
    return tf.concat(tiles, axis=1)[:, :width]


def _pad(inputs: tf.Tensor, height: int, width: int, further_columns: int = 0) -> tf.Tensor:
    """Return images with the zeros around them that a kernel of odd sides sees."""
    rows, columns = height // 2, width // 2
    return tf.pad(inputs, [[0, 0], [rows, rows], [columns, columns + further_columns], [0, 0]])
