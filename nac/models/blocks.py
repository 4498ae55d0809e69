"""The table of convolution blocks: what a branch may be made of.

A new kind of block is a row here, a function that makes it, and its suffix in
:data:`nac.architecture.json_form.BLOCK_KINDS`.
"""

from collections.abc import Callable

import keras

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


BLOCKS: dict[str, Callable[..., keras.layers.Layer]] = {
    "": dense_convolution,
    "sep": separable_convolution,
}
"""Suffix of a block name -> function that makes its layer."""


def make_block(name: str, filters: int, dtype) -> keras.layers.Layer:
    """Return the layer of a block, for instance ``5x5sep``.

    Raises:
        ValueError: there is no such block.
    """
    block = parse_block(name)
    if block is None:
        raise ValueError(f"Invalid block name. Expected NxM or NxMsep. Received: {name!r}")
    height, width, kind = block
    return BLOCKS[kind]((height, width), filters, dtype)
