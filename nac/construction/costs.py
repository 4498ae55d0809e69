"""What a macro network costs: parameters, multiply-adds and bytes, counted from its architecture.

The numbers are those of the Keras model that :func:`nac.models.build_model` makes, but no model is
built. So a search for the width that meets a budget can count hundreds of networks in no time, and
in a process without TensorFlow.
"""

import math
from collections.abc import Iterable

from nac.architecture.fixed_cells import Block, FixedCell
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, Widener2
from nac.construction.operation_costs import (
    Costs,
    CountingOptions,
    Shape,
    convolution,
    dense,
    parallel_branches,
    positions_of,
    reduced,
)
from nac.utils.errors import InputError

__all__ = ["Costs", "count"]


def count(
    architecture: Architecture,
    image_shape: Shape,
    classes: int | None = None,
    *,
    branch_gates: bool = False,
    batch_norm_scale: bool = False,
) -> Costs:
    """Return what a macro network costs.

    A branch of a type that a plugin added has no formula. Its Keras layer is made and counted.

    Args:
        architecture: The network, with stem and classifier.
        image_shape: (height, width, channels) of an image.
        classes: Number of classes of the data; None takes what the classifier says.
        branch_gates: See :class:`CountingOptions`.
        batch_norm_scale: See :class:`CountingOptions`.

    Raises:
        InputError: It is a micro network, it has no stem or classifier, or the classifier has
            another number of classes.

    Example:
    >>> from nac.config import load_experiment
    >>> from nac.construction.prior import prior
    >>> file = load_experiment("experiments/digits/construct.yaml")
    >>> count(prior(file.envelopenet, file.stem, file.classifier), (8, 8, 1)).parameters
    67335
    """
    _check(architecture, classes)
    counter = _Counter(architecture, CountingOptions(branch_gates, batch_norm_scale))
    return counter.total(tuple(image_shape))


def featuremap_values(architecture: Architecture, image_shape: Shape) -> int:
    """Return how many values the image, stem and layers of a macro network put out, per image.

    Example:
    >>> from nac.config import load_experiment
    >>> from nac.construction.prior import prior
    >>> file = load_experiment("experiments/digits/construct.yaml")
    >>> featuremap_values(prior(file.envelopenet, file.stem, file.classifier), (8, 8, 1))
    6976
    """
    _check(architecture, None)
    counter = _Counter(architecture, CountingOptions())
    counter.total(tuple(image_shape))
    return sum(map(math.prod, [image_shape, *counter.shapes]))


def _check(architecture: Architecture, classes: int | None) -> None:
    architecture.need_cells()
    if architecture.type != "macro":
        raise InputError(
            "architecture: type: expected macro, as costs and budgets are for networks of branches,"
            f" received {architecture.type}"
        )
    architecture.need_classes(classes)


class _Counter:
    """Goes through a network from the image on, with the shapes of all featuremaps so far."""

    def __init__(self, architecture: Architecture, options: CountingOptions):
        self.architecture, self.options = architecture, options
        self.shapes: list[Shape] = []
        self.joined: Shape = ()
        self.width = 0

    def total(self, image_shape: Shape) -> Costs:
        """Return the costs of the whole network."""
        costs, shape = _stem(self.architecture, image_shape)
        self.shapes, self.width = [shape], shape[-1]
        for index in range(1, len(self.architecture.network) + 1):
            more, shape = self.layer(index)
            costs += more
            self.shapes.append(shape)
        return costs + _classifier(self.architecture.classifier or (), shape)

    def layer(self, index: int) -> tuple[Costs, Shape]:
        """Return the costs of a layer and the shape of its output."""
        layer, direct = self.architecture.layer(index), self.shapes[-1]
        if isinstance(layer, BranchLayer):
            return self.branch_cell(index, layer)
        if isinstance(layer, Auxiliary):
            # AMLA builds no auxiliary classifier in a macro network.
            compatible = self.architecture.amla_compatible
            return Costs() if compatible else dense(direct[-1], layer.outputs), direct
        self.check_can_be_halved(index)
        added, self.width = self.width, 2 * self.width
        if isinstance(layer, Widener2):
            return Costs(), self.pooled(layer)
        shape = reduced(direct, 2)
        costs = convolution((3, 3), direct[-1], added, positions_of(shape), bias=True)
        return costs, (*shape[:-1], direct[-1] + added)

    def check_can_be_halved(self, index: int) -> None:
        """Check that the input of a widener has at least two pixels in height and width."""
        height, width = self.shapes[-1][:2]
        if height < 2 or width < 2:
            raise InputError(
                f"architecture: layer {index}: a widener cannot halve featuremaps of"
                f" {height}x{width} pixels; expected fewer stages or larger images"
            )

    def branch_cell(self, index: int, layer: BranchLayer) -> tuple[Costs, Shape]:
        """Return the costs of a layer of branches, and the shape of its output."""
        direct, costs = self.shapes[-1], Costs()
        sources = self.architecture.sources(index)
        if sources is not None:
            channels = direct[-1] + self.channels(sources)
            self.joined = (*direct[:-1], channels)
            costs = convolution((1, 1), channels, direct[-1], positions_of(direct), bias=True)
            costs += Costs(len(sources))  # the gates
        filters = layer.outputs // len(layer.branches)
        blocks = tuple(block for _, block in layer.branches)
        costs += parallel_branches(blocks, direct, filters, self.options)
        return costs, (*direct[:-1], len(layer.branches) * filters)

    def pooled(self, layer: Widener2) -> Shape:
        """Return the shape of the output of a ``widener2``, which has no weights."""
        direct = self.joined if self.architecture.amla_compatible else self.shapes[-1]
        return reduced((*direct[:-1], direct[-1] + self.channels(layer.inputs)), 2)

    def channels(self, sources: Iterable[int]) -> int:
        """Return the channels of all sources together."""
        return sum(self.shapes[source][-1] for source in sources)


def _stem(architecture: Architecture, image_shape: Shape) -> tuple[Costs, Shape]:
    costs, shape = Costs(), image_shape
    for layer in architecture.stem or ():
        parts = [_stem_block(block, shape, architecture.amla_compatible) for block in layer.blocks]
        costs = sum((part for part, _ in parts), costs)
        shape = (*parts[0][1][:-1], sum(output[-1] for _, output in parts))
    return costs, shape


def _stem_block(block: Block, shape: Shape, always_bias: bool) -> tuple[Costs, Shape]:
    if block.kind == "max_pool":
        return Costs(), reduced(shape, 2)
    if block.kind != "conv2d":
        return Costs(), shape
    outputs: int = block.option("outputs")
    bias = always_bias or block.option("bias", True)
    size, stride = block.option("kernel_size"), block.option("stride", 1)
    output = (*reduced(shape, stride)[:-1], outputs)
    return convolution(size, shape[-1], outputs, positions_of(output), bias), output


def _classifier(classifier: FixedCell, shape: Shape) -> Costs:
    costs = Costs()
    for block in (layer.blocks[0] for layer in classifier):
        if block.kind == "reduce_mean":
            shape = shape[-1:]
        elif block.kind == "flatten":
            shape = (math.prod(shape),)
        elif block.kind != "dropout":
            outputs: int = block.option("outputs")
            costs += dense(shape[-1], outputs)
            shape = (*shape[:-1], outputs)
    return costs
