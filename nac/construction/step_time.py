"""How long a training step of a network takes, estimated from what its parts cost on a device.

FLOPs mislead: a convolution of two filters takes about as long as one of eight, and each operation
takes time to start. So the cost of a part is a time to start, a time per number that goes in or
out, and a time per multiply-add. :mod:`nac.training.block_times` measures these three for each kind
of part.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nac.architecture.fixed_cells import stem_channels, stem_stride
from nac.architecture.network import Architecture
from nac.construction.network_parts import step_parts
from nac.construction.operation_costs import Shape
from nac.construction.step_parts import KINDS, Part
from nac.utils.errors import InputError
from nac.utils.least_squares import nonnegative_least_squares

MANY_VALUES = 300_000
"""Values of the first featuremap of a batch above which all cores compute one operation together.

Up to it, each core computes an operation of its own: to start and join threads would take longer
than the work of an operation. Measured on two cores by ``tools/benchmark``; see
docs/performance.md.
"""


@dataclass(frozen=True)
class KindCost:
    """What a kind of parts costs, forward and backward.

    Attributes:
        start: Milliseconds per operation.
        value: Milliseconds per million numbers that go in or out.
        multiply_add: Milliseconds per million multiply-adds of the forward pass.
    """

    start: float = 0.0
    value: float = 0.0
    multiply_add: float = 0.0

    def ms(self, part: Part) -> float:
        """Return the milliseconds that a part of this kind takes."""
        size = part.values * self.value + part.multiply_adds * self.multiply_add
        return part.operations * self.start + size / 1e6


@dataclass(frozen=True)
class BlockTimes:
    """What the kinds of parts of a training step cost on one device.

    Attributes:
        device: Name of the device.
        tensorflow: Version of TensorFlow.
        threads: Number of CPU cores.
        dtype_policy: Keras' dtype policy of the networks.
        merged: Whether narrow convolutions are merged, as on CPUs.
        together: Cost of each kind if all cores compute one operation together.
        apart: The same if each core computes an operation of its own, None on a GPU.
    """

    VERSION: ClassVar[int] = 1

    device: str
    tensorflow: str
    threads: int
    dtype_policy: str
    merged: bool
    together: Mapping[str, KindCost]
    apart: Mapping[str, KindCost] | None = None

    def check(self, source: str) -> None:
        """Raise InputError, which begins with ``source``, unless all costs are there and >= 0."""
        for costs in (self.together, *([self.apart] if self.apart else [])):
            missing = [kind for kind in KINDS if kind not in costs]
            if missing:
                raise InputError(f"{source}: no cost of {', '.join(missing)}")
            for kind, cost in costs.items():
                if min(cost.start, cost.value, cost.multiply_add) < 0:
                    raise InputError(f"{source}: {kind}: expected costs >= 0, received {cost}")


def step_ms(
    architecture: Architecture, image_shape: Shape, batch_size: int, times: BlockTimes
) -> float:
    """Return the estimated milliseconds of a training step.

    A network whose layers are wider never takes less time, as long as no cell has a block twice.

    Args:
        architecture: A macro network with stem and classifier.
        image_shape: (height, width, channels) of an image.
        batch_size: Images per step on the device.
        times: What the kinds of parts cost.

    Raises:
        InputError: It is no macro network, or has no stem or classifier.
    """
    return sum(layer_ms(architecture, image_shape, batch_size, times).values())


def layer_ms(
    architecture: Architecture, image_shape: Shape, batch_size: int, times: BlockTimes
) -> dict[str, float]:
    """Return the milliseconds of each layer by its Keras name; see :func:`step_ms`.

    What the step itself takes has an empty name.
    """
    parts = step_parts(architecture, image_shape, batch_size, times.merged)
    together, apart = by_layer(parts, times.together), times.apart
    if apart is None or first_values(architecture, image_shape, batch_size) > MANY_VALUES:
        return together
    # Cores work apart where that is faster. So a wider network, whose cores work together, is not
    # estimated to take less time than a narrower one that this was not measured well for.
    return min(by_layer(parts, apart), together, key=lambda layers: sum(layers.values()))


def by_layer(parts: Iterable[Part], costs: Mapping[str, KindCost]) -> dict[str, float]:
    """Return the milliseconds of the parts of each layer."""
    layers: dict[str, float] = {}
    for part in parts:
        layers[part.layer] = layers.get(part.layer, 0.0) + costs[part.kind].ms(part)
    return layers


def first_values(architecture: Architecture, image_shape: Shape, batch_size: int) -> int:
    """Return the number of values that the stem, or the first block, puts out per batch."""
    height, width, channels = image_shape
    if architecture.handmade:
        first, *_ = architecture.handmade.blocks((height, width, channels))
        return batch_size * math.prod(first.output_shape((height, width, channels)))
    stem = architecture.stem or ()
    height, width = (-(-side // stem_stride(stem)) for side in (height, width))
    return batch_size * height * width * stem_channels(stem)


def fitted(measured: Sequence[tuple[Sequence[Part], float]]) -> dict[str, KindCost]:
    """Return the costs that explain measured times best, by their relative errors.

    Args:
        measured: Parts that were measured together, and the milliseconds that they took.

    Example:
    >>> pool = Part("pooling", values=1e6)
    >>> round(fitted([([pool], 2.0), ([pool, pool], 4.0)])["pooling"].ms(pool), 6)
    2.0
    """
    kinds = list(KINDS)
    sizes = np.zeros((len(measured), len(kinds), 3))
    for row, (parts, _) in zip(sizes, measured, strict=True):
        for part in parts:
            size = part.operations, part.values / 1e6, part.multiply_adds / 1e6
            row[kinds.index(part.kind)] += size
    relative = sizes.reshape(len(measured), -1) / np.array([[ms] for _, ms in measured])
    largest = relative.max(axis=0, initial=1e-12)
    found = nonnegative_least_squares(relative / largest, np.ones(len(measured))) / largest
    costs = found.reshape(len(kinds), 3)
    return {kind: KindCost(*map(float, cost)) for kind, cost in zip(kinds, costs, strict=True)}
