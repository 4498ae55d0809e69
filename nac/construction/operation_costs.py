"""What single operations cost: convolutions, dense layers and whole branches."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import parse_block
from nac.utils.processes import quietly

Shape = tuple[int, ...]
"""Shape of an image or a featuremap, (height, width, channels), or of a vector, (length,)."""

BYTES_PER_WEIGHT = 4
"""Bytes of a float32 number."""


@dataclass(frozen=True)
class Costs:
    """What a network, or a part of it, costs.

    Attributes:
        parameters: Number of trainable parameters.
        multiply_adds: Multiplications with weights of convolutions and dense layers, per image.
        constants: Number of weights that are not trained: the moving statistics of batch norm.

    Example:
    >>> (Costs(40, 360) + Costs(8, 0, constants=16)).size_kib
    0.25
    """

    parameters: int = 0
    multiply_adds: int = 0
    constants: int = 0

    def __add__(self, other: "Costs") -> "Costs":
        """Return the costs of both together."""
        return Costs(
            self.parameters + other.parameters,
            self.multiply_adds + other.multiply_adds,
            self.constants + other.constants,
        )

    @property
    def flops(self) -> int:
        """Floating-point operations per image: two for each multiply-add."""
        return 2 * self.multiply_adds

    @property
    def size_kib(self) -> float:
        """Size of all weights of the trained network as float32 numbers, in KiB."""
        return (self.parameters + self.constants) * BYTES_PER_WEIGHT / 1024


@dataclass(frozen=True)
class CountingOptions:
    """What a network is built with in addition to its architecture, as far as it has weights.

    Attributes:
        branch_gates: Whether each branch has a learnable gate (``parameters.branch_gates``).
        batch_norm_scale: Whether batch norm has a trainable scale beside its center.
    """

    branch_gates: bool = False
    batch_norm_scale: bool = False


def reduced(shape: Shape, stride: int) -> Shape:
    """Return a shape after a reduction with SAME padding, which rounds up."""
    return (*(math.ceil(side / stride) for side in shape[:-1]), shape[-1])


def positions_of(shape: Shape) -> int:
    """Return the number of positions, height times width, of a featuremap."""
    return math.prod(shape[:-1])


def dense(inputs: int, outputs: int) -> Costs:
    """Return the costs of a fully connected layer, which has a bias."""
    return Costs(inputs * outputs + outputs, inputs * outputs)


def convolution(
    size: tuple[int, ...], inputs: int, outputs: int, positions: int, bias: bool = False
) -> Costs:
    """Return the costs of a convolution over all input channels.

    Args:
        size: (height, width) of the kernel.
        inputs: Channels of the input.
        outputs: Channels of the output.
        positions: Positions of the output, height times width.
        bias: Whether it has a bias.
    """
    kernel = math.prod(size) * inputs * outputs
    return Costs(kernel + (outputs if bias else 0), kernel * positions)


@lru_cache(maxsize=1 << 14)
def parallel_branches(
    blocks: tuple[str, ...], shape: Shape, filters: int, options: CountingOptions
) -> Costs:
    """Return the costs of the branches of a layer.

    Each is a convolution and its batch norm, with a gate if there are any. The convolution of a
    type that a plugin added has no formula here. Its Keras layer is made and counted.

    Args:
        blocks: Their convolution blocks, such as ``3x3sep``.
        shape: Shape of their common input.
        filters: Channels that each of them puts out.
        options: Their further weights.
    """
    trained = filters * (2 if options.batch_norm_scale else 1) + int(options.branch_gates)
    costs = Costs(len(blocks) * trained, constants=len(blocks) * 2 * filters)
    return sum((_branch_convolution(block, shape, filters) for block in blocks), costs)


def _branch_convolution(block: str, shape: Shape, filters: int) -> Costs:
    parsed = parse_block(block)
    assert parsed is not None  # reading an architecture checks its blocks
    height, width, kind = parsed
    size, positions = (height, width), positions_of(shape)
    if kind == "":
        return convolution(size, shape[-1], filters, positions)
    if kind == "sep":
        depthwise = convolution(size, shape[-1], 1, positions)
        return depthwise + convolution((1, 1), shape[-1], filters, positions)
    return _made(kind, size, shape, filters)


def _made(kind: str, size: tuple[int, int], shape: Shape, filters: int) -> Costs:
    """Return the costs of a branch's convolution by making its Keras layer."""
    with quietly():  # a plugin that imports Keras only now
        layer: Any = BRANCH_TYPES[kind](size, filters, "float32")
        layer.build((None, *shape))
    parameters = sum(math.prod(variable.shape) for variable in layer.trainable_variables)
    weights = sum(math.prod(variable.shape) for variable in layer.variables)
    kernels = sum(math.prod(v.shape) for v in layer.trainable_variables if len(v.shape) == 4)
    return Costs(parameters, kernels * positions_of(shape), weights - parameters)
