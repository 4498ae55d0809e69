"""What a network made by hand costs: the counts of its Keras model, without building it."""

from collections.abc import Sequence

from nac.architecture.handmade import Handmade
from nac.architecture.operations import Block, Operation, Shape
from nac.construction.operation_costs import Costs


def handmade_costs(network: Handmade, image_shape: Shape) -> Costs:
    """Return what a network made by hand costs.

    Args:
        network: The network.
        image_shape: (height, width, channels) of an image.

    Example:
    >>> handmade_costs(Handmade("resnet", 1.0, classes=10), (32, 32, 3)).parameters
    272474
    """
    total, shape = Costs(), image_shape
    for block in network.blocks(image_shape):
        total += block_costs(block, shape)
        shape = block.output_shape(shape)
    return total


def block_costs(block: Block, shape: Shape) -> Costs:
    """Return what a block costs for an input of the given shape."""
    return _chain_costs((*block.main, *block.after), shape) + _chain_costs(
        block.shortcut or (), shape
    )


def _chain_costs(operations: Sequence[Operation], shape: Shape) -> Costs:
    total = Costs()
    for operation in operations:
        total += _operation_costs(operation, shape)
        shape = operation.output_shape(shape)
    return total


def _operation_costs(operation: Operation, shape: Shape) -> Costs:
    channels, (height, width, outputs) = shape[-1], operation.output_shape(shape)
    if operation.kind == "norm":
        return Costs(2 * channels, constants=2 * channels)
    if operation.kind == "dense":
        return Costs((channels + 1) * outputs, channels * outputs)
    kernels = {"conv": channels * outputs, "depthwise": channels}.get(operation.kind, 0)
    weights = operation.size**2 * kernels
    return Costs(weights, weights * height * width)
