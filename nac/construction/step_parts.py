"""The parts of a training step: the operations of blocks, and how large they are.

The time of a step is a sum over its parts (:mod:`nac.construction.step_time`). They follow what
:mod:`nac.models` computes in training, so where a layer changes there, its parts change here.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from nac.architecture.json_form import parse_block
from nac.architecture.network import BranchLayer
from nac.construction.operation_costs import Shape, positions_of, reduced

LANES = 8
"""Channels that take the time of one: a register of AVX2 has eight numbers."""

FEW_FILTERS = 4
"""Largest number of filters of a convolution that is merged; see :mod:`nac.models.merging`."""

KINDS = {
    "image convolution": "the first convolution, whose inputs need no gradient",
    "convolution": "another convolution with a stride, or of a stem",
    "dense": "a convolution over all channels, larger than 1x1",
    "1x1": "a 1x1 convolution: a branch, the second half of a separable one, an input of a layer",
    "depthwise": "a convolution of each channel by itself, the first half of a separable one",
    "normalization": "batch norm, ReLU, metrics and dropout of all branches of a layer",
    "batch norm": "batch norm and activation of a network made by hand",
    "join": "the sum over the inputs of a layer, with bias and ReLU",
    "pooling": "a max-pool",
    "lrn": "local response normalization",
    "dropout": "dropout or cutout of a stem",
    "mean": "the mean over all pixels",
    "fully connected": "a fully connected layer",
    "update": "gradients, optimizer and average of the weights",
    "step": "what each step does once",
}
"""Kind of a part -> what it is."""

Block = tuple[int, int, str]
"""Height and width of a branch's kernel, and its type."""


@dataclass(frozen=True)
class Part:
    """A part of a training step, forward and backward, for a whole batch.

    Attributes:
        kind: A key of :data:`KINDS`.
        operations: How many operations start; for an update the number of variables.
        values: Numbers that go in and out; for an update the number of parameters.
        multiply_adds: Multiplications with weights in the forward pass.
        layer: Keras name of the layer that the part belongs to; empty for the step itself.
    """

    kind: str
    operations: float = 1.0
    values: float = 0.0
    multiply_adds: float = 0.0
    layer: str = ""


def of_layer(layer: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield parts as those of a layer."""
    return (replace(part, layer=layer) for part in parts)


def pixels(shape: Shape, batch: int) -> int:
    """Return the number of pixels of a batch of featuremaps."""
    return batch * positions_of(shape)


def update(variables: int, parameters: int) -> Part:
    """Return the update of variables that have so many parameters together."""
    return Part("update", variables, parameters)


def convolution(
    kind: str, positions: int, inputs: int, outputs: int, size: Sequence[int] = (1, 1)
) -> Part:
    """Return a convolution over all channels.

    Args:
        kind: Its kind.
        positions: Pixels of the output, of the whole batch.
        inputs: Channels of the input.
        outputs: Channels of the output.
        size: Height and width of the kernel.

    Example:
    >>> convolution("dense", positions=10, inputs=8, outputs=3, size=(3, 3))
    Part(kind='dense', operations=1.0, values=160, multiply_adds=5760, layer='')
    """
    wide_in, wide_out = _full_lanes(inputs), _full_lanes(outputs)
    products = positions * math.prod(size) * wide_in * wide_out
    return Part(kind, values=positions * (wide_in + wide_out), multiply_adds=products)


def depthwise(positions: int, channels: int, size: Sequence[int]) -> Part:
    """Return a convolution of each channel by itself; see :func:`convolution`."""
    values = positions * _full_lanes(channels)
    return Part("depthwise", values=2 * values, multiply_adds=values * math.prod(size))


def _full_lanes(channels: int) -> int:
    return math.ceil(channels / LANES) * LANES


def pooling(shape: Shape, batch: int) -> Part:
    """Return a max-pool that halves featuremaps of the given shape."""
    values = math.prod(shape) + math.prod(reduced(shape, 2))
    return Part("pooling", values=batch * values)


def mean(shape: Shape, batch: int) -> Part:
    """Return the mean over all pixels of featuremaps."""
    return Part("mean", values=batch * math.prod(shape))


def fully_connected(inputs: int, outputs: int, batch: int) -> list[Part]:
    """Return a fully connected layer with bias, and its update."""
    products = batch * inputs * outputs
    layer = Part("fully connected", values=batch * (inputs + outputs), multiply_adds=products)
    return [layer, update(2, inputs * outputs + outputs)]


def branches(layer: BranchLayer, inputs: Shape, batch: int, merged: bool) -> Iterator[Part]:
    """Yield the parts of the branches of a layer, without what joins its inputs.

    A branch whose type is from a plugin counts as a dense one of its size.

    Args:
        layer: The layer.
        inputs: Shape of what its branches get.
        batch: Images per step.
        merged: Whether narrow convolutions of one size become one, as on CPUs.
    """
    positions, filters = pixels(inputs, batch), layer.channels // len(layer.branches)
    blocks = [_parsed(block) for _, block in layer.branches]
    for group in groups(blocks, filters) if merged else [[block] for block in blocks]:
        yield from _convolutions(group, positions, inputs[-1], filters)
    yield Part("normalization", values=positions * layer.channels)
    for height, width, kind in blocks:
        per_input = height * width + filters if kind == "sep" else height * width * filters
        yield update(3 if kind == "sep" else 2, inputs[-1] * per_input + filters)


def _parsed(block: str) -> Block:
    parsed = parse_block(block)
    assert parsed is not None  # reading an architecture checks its blocks
    return parsed


def groups(blocks: Iterable[Block], filters: int) -> Iterator[list[Block]]:
    """Yield neighbors whose convolutions are merged into one, and all other blocks alone.

    Example:
    >>> list(groups([(3, 3, ""), (3, 3, "sep"), (5, 5, "sep")], filters=2))
    [[(3, 3, ''), (3, 3, 'sep')], [(5, 5, 'sep')]]
    """

    def size(numbered: tuple[int, Block]) -> tuple[int, ...]:
        number, (height, width, kind) = numbered
        plain = kind in ("", "sep") and height * width > 1 and filters <= FEW_FILTERS
        return (height, width) if plain and height % 2 and width % 2 else (number,)

    for _, neighbors in groupby(enumerate(blocks), key=size):
        group = [block for _, block in neighbors]
        if any(kind == "" for *_, kind in group):
            yield group
        else:
            yield from ([block] for block in group)


def _convolutions(
    group: Sequence[Block], positions: int, inputs: int, filters: int
) -> Iterator[Part]:
    height, width, kind = group[0]
    if len(group) == 1 and kind == "sep":
        yield depthwise(positions, inputs, (height, width))
        yield convolution("1x1", positions, inputs, filters)
    else:
        name = "1x1" if height * width == 1 else "dense"
        yield convolution(name, positions, inputs, filters * len(group), (height, width))
