"""The convolutions that branches are made of; :data:`BRANCH_TYPES` names them."""

import keras

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import parse_block


def dense_convolution(
    size: tuple[int, int], filters: int, dtype, strides: int = 1, padding: str = "same"
) -> keras.layers.Layer:
    """Return a convolution over all input channels, without bias."""
    return keras.layers.Conv2D(
        filters, size, strides, padding, use_bias=False, name="conv", dtype=dtype
    )


def separable_convolution(
    size: tuple[int, int], filters: int, dtype, strides: int = 1, padding: str = "same"
) -> keras.layers.Layer:
    """Return a depthwise convolution followed at once by a pointwise one, without bias."""
    return keras.layers.SeparableConv2D(
        filters, size, strides, padding, use_bias=False, name="conv", dtype=dtype
    )


def make_block(name: str, filters: int, dtype) -> keras.layers.Layer:
    """Return a new Keras layer for a block.

    Args:
        name: Kernel size and type of the branch, such as ``5x5sep``.
        filters: Number of channels that the layer puts out.
        dtype: The dtype policy of the layer.

    Raises:
        ValueError: The name is not that of a block.
    """
    block = parse_block(name)
    if block is None:
        raise ValueError(f"Invalid block name. Expected NxM or NxMsep. Received: {name!r}")
    height, width, kind = block
    return BRANCH_TYPES[kind]((height, width), filters, dtype)
