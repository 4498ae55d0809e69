"""The parts of a training step of a network that people made by hand."""

import math
from collections.abc import Iterable, Iterator

from nac.architecture.handmade import Handmade
from nac.architecture.keys import layer_name
from nac.architecture.operations import Operation, Shape
from nac.construction.step_parts import (
    Part,
    convolution,
    depthwise,
    fully_connected,
    mean,
    of_layer,
    pixels,
    pooling,
    update,
)


def handmade_parts(network: Handmade, image_shape: Shape, batch: int) -> Iterator[Part]:
    """Yield the parts of all layers.

    Args:
        network: The network.
        image_shape: (height, width, channels) of an image.
        batch: Images per step.
    """
    shape, blocks = image_shape, network.blocks(image_shape)
    if network.cutout:
        yield Part("dropout", values=batch * math.prod(shape), layer=layer_name(0))
    for index, block in enumerate(blocks):
        outputs = block.output_shape(shape)
        parts = [*_chain(block.main, shape, batch, images=not index)]
        if block.shortcut is not None:
            parts += _chain(block.shortcut, shape, batch)
            parts.append(Part("join", values=2 * batch * math.prod(outputs)))
        last = index == len(blocks) - 1
        yield from of_layer("classifier" if last else layer_name(index), parts)
        shape = outputs


def _chain(
    operations: Iterable[Operation], shape: Shape, batch: int, images: bool = False
) -> Iterator[Part]:
    """Yield the parts of operations that follow each other; activations belong to batch norm.

    Args:
        operations: The operations.
        shape: Shape of the input of the first one.
        batch: Images per step.
        images: Whether the input is an image, which needs no gradient.
    """
    for operation in operations:
        outputs = operation.output_shape(shape)
        if operation.kind in ("conv", "depthwise"):
            yield from _convolution(operation, shape, outputs, batch, images)
            images = False
        elif operation.kind == "norm":
            yield Part("batch norm", values=batch * math.prod(shape))
            yield update(2, 2 * shape[-1])
        elif operation.kind == "max_pool":
            yield pooling(shape, batch)
        elif operation.kind == "mean":
            yield mean(shape, batch)
        elif operation.kind == "dense":
            yield from fully_connected(shape[-1], operation.channels, batch)
        shape = outputs


def _convolution(
    operation: Operation, inputs: Shape, outputs: Shape, batch: int, images: bool
) -> Iterator[Part]:
    positions, size = pixels(outputs, batch), (operation.size, operation.size)
    per_channel = operation.size**2 * inputs[-1]
    if operation.kind == "depthwise":
        yield depthwise(positions, inputs[-1], size)
        yield update(1, per_channel)
        return
    plain = "1x1" if operation.size == 1 else "dense"
    kind = "convolution" if operation.stride > 1 else plain
    name = "image convolution" if images else kind
    yield convolution(name, positions, inputs[-1], outputs[-1], size)
    yield update(1, per_channel * outputs[-1])
