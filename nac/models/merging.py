"""The convolutions of a cell: which form each one has in training, and which ones are merged.

A dense convolution of few filters hardly takes longer if it has a few more, because a CPU computes
eight at a time. So a separable convolution of few filters and of the same size beside it becomes
part of it, although it then multiplies more. The results are the same within rounding.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

import keras
import tensorflow as tf

from nac.construction.step_parts import FEW_FILTERS
from nac.models.convolutions import dense, depthwise, on_fast_cpu, pointwise


class HasConvolution(Protocol):
    """What has a convolution of its own, such as a branch of a cell."""

    name: str
    convolution: keras.layers.Layer


def convolutions(
    branches: Sequence[HasConvolution], inputs: tf.Tensor, training: bool
) -> list[tf.Tensor]:
    """Return the outputs of all convolutions of a cell, in order.

    Each tensor has the output of one branch or, side by side, those of neighbors.

    Args:
        branches: The branches, with Keras layers of any kind; plain ones have faster forms.
        inputs: Their common input, (batch, height, width, channels).
        training: Whether gradients are going to be computed.
    """
    fast = training and on_fast_cpu()
    outputs = []
    for group in groups(branches) if fast else [[branch] for branch in branches]:
        with tf.name_scope("_".join(branch.name for branch in group)):
            layers = [branch.convolution for branch in group]
            outputs.append(_fast(layers, inputs) if fast else layers[0](inputs))
    return outputs


def groups(branches: Sequence[HasConvolution]) -> Iterator[list[HasConvolution]]:
    """Yield neighbors whose convolutions are merged into one, and all other branches alone."""
    for _, neighbors in groupby(branches, key=_merges_with):
        group = list(neighbors)
        dense_ones = [isinstance(branch.convolution, keras.layers.Conv2D) for branch in group]
        if any(dense_ones):
            yield group
        else:
            yield from ([branch] for branch in group)


def _merges_with(branch: HasConvolution) -> tuple[int, int] | str:
    """Return what is equal for neighbors that may be merged: the size of their kernels."""
    layer = branch.convolution
    if _is_plain(layer) and layer.filters <= FEW_FILTERS and max(layer.kernel_size) > 1:
        return layer.kernel_size
    return branch.name


def _is_plain(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is nothing but a convolution of stride 1 with odd sides."""
    return type(layer) in (keras.layers.Conv2D, keras.layers.SeparableConv2D) and (
        layer.strides == layer.dilation_rate == (1, 1)
        and layer.padding == "same"
        and layer.activation is keras.activations.linear
        and not layer.use_bias
        and getattr(layer, "groups", 1) == 1
        and all(side % 2 for side in layer.kernel_size)
    )


def _fast(layers: Sequence[keras.layers.Layer], inputs: tf.Tensor) -> tf.Tensor:
    """Return the output of one layer, or of plain layers of one size side by side."""
    first, *others = layers
    if not _is_plain(first):
        return first(inputs)
    if others or isinstance(first, keras.layers.Conv2D):
        kernels = [_dense_kernel(layer, inputs.dtype) for layer in layers]
        return dense(inputs, tf.concat(kernels, axis=-1) if others else kernels[0])
    filtered = depthwise(inputs, _weights(first.depthwise_kernel, inputs.dtype))
    return pointwise(filtered, _weights(first.pointwise_kernel, inputs.dtype))


def _dense_kernel(layer: keras.layers.Layer, dtype: tf.DType) -> tf.Tensor:
    """Return the kernel of a dense convolution that computes the same as the layer."""
    if isinstance(layer, keras.layers.Conv2D):
        return _weights(layer.kernel, dtype)
    per_channel = _weights(layer.depthwise_kernel, dtype)  # (height, width, channels, 1)
    return per_channel * _weights(layer.pointwise_kernel, dtype)  # (1, 1, channels, filters)


def _weights(variable: keras.Variable, dtype: tf.DType) -> tf.Tensor:
    return tf.cast(tf.convert_to_tensor(variable), dtype)
