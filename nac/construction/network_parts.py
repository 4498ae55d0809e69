"""The parts of a training step of a whole network, from the image to the update of its weights."""

import math
from collections.abc import Iterable, Iterator

from nac.architecture.fixed_cells import Block, FixedCell
from nac.architecture.keys import layer_name
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, Widener2
from nac.construction.handmade_parts import handmade_parts
from nac.construction.operation_costs import Shape, reduced
from nac.construction.step_parts import (
    Part,
    branches,
    convolution,
    fully_connected,
    mean,
    of_layer,
    pixels,
    pooling,
    update,
)
from nac.utils.errors import InputError


def step_parts(
    architecture: Architecture, image_shape: Shape, batch_size: int, merged: bool = True
) -> list[Part]:
    """Return the parts of a training step.

    Args:
        architecture: A macro network with stem and classifier, or one made by hand.
        image_shape: (height, width, channels) of an image.
        batch_size: Images per step.
        merged: Whether narrow convolutions of one size become one, as on CPUs.

    Raises:
        InputError: It is a micro network, or has no stem or classifier.

    Example:
    >>> from nac.config import load_experiment
    >>> from nac.construction.prior import prior
    >>> file = load_experiment("experiments/digits/construct.yaml")
    >>> network = prior(file.envelopenet, file.stem, file.classifier)
    >>> [part.kind for part in step_parts(network, (8, 8, 1), 32)][:3]
    ['image convolution', 'update', 'lrn']
    """
    architecture.need_cells()
    if architecture.type == "micro":
        raise InputError(
            "architecture: type: expected macro or handmade, as the time of a step is estimated for"
            " no other network, received micro"
        )
    height, width, channels = image_shape
    if architecture.handmade:
        parts = handmade_parts(architecture.handmade, (height, width, channels), batch_size)
    else:
        parts = _Network(architecture, batch_size, merged).parts((height, width, channels))
    return [*parts, Part("step")]


class _Network:
    """Goes through a macro network with the shapes of all featuremaps so far."""

    def __init__(self, architecture: Architecture, batch: int, merged: bool):
        self.architecture, self.batch, self.merged = architecture, batch, merged
        self.shapes: list[Shape] = []
        self.joined: Shape = ()
        self.pooled: set[tuple[int, int]] = set()
        self.width = 0

    def parts(self, image_shape: Shape) -> Iterator[Part]:
        stem = _Stem(image_shape, self.batch, self.architecture.amla_compatible)
        yield from of_layer("stem", stem.parts(self.architecture.stem or ()))
        self.shapes, self.width = [stem.shape], stem.shape[-1]
        for index in range(1, len(self.architecture.network) + 1):
            yield from self._layer(index)
        cell = self.architecture.classifier or ()
        yield from of_layer("classifier", _classifier(cell, self.shapes[-1], self.batch))

    def _layer(self, index: int) -> Iterator[Part]:
        """Yield the parts of a layer, and remember the shape of its output."""
        layer, direct, name = self.architecture.layer(index), self.shapes[-1], layer_name(index)
        if isinstance(layer, BranchLayer):
            yield from self._inputs(index)
            yield from of_layer(name, branches(layer, direct, self.batch, self.merged))
            self.shapes.append((*direct[:-1], layer.channels))
        elif isinstance(layer, Auxiliary):
            yield from of_layer(name, self._head(layer))
            self.shapes.append(direct)
        else:
            inputs = layer.inputs if isinstance(layer, Widener2) else None
            if inputs is not None:
                yield from self._pooled(inputs)
            parts = self._widener() if inputs is None else self._widener2(inputs)
            yield from of_layer(name, parts)
            self.width *= 2

    def _inputs(self, index: int) -> Iterator[Part]:
        """Yield what joins the inputs of a layer of branches, if anything does."""
        sources, direct = self.architecture.sources(index), self.shapes[-1]
        if sources is None:
            return
        yield from self._pooled(sources)
        channels = [direct[-1], *(self.shapes[source][-1] for source in sources)]
        positions, outputs = pixels(direct, self.batch), direct[-1]
        parts = [convolution("1x1", positions, count, outputs) for count in channels]
        parts.append(Part("join", values=positions * outputs * len(channels)))
        parts.append(update(2 + len(sources), outputs * (sum(channels) + 1) + len(sources)))
        yield from of_layer(layer_name(index), parts)
        self.joined = (*direct[:-1], sum(channels))

    def _pooled(self, sources: Iterable[int]) -> Iterator[Part]:
        """Yield the max-pools of sources that are larger than the direct input, each made once."""
        for source in sources:
            shape, times = self.shapes[source], 0
            while shape[0] > self.shapes[-1][0]:
                times += 1
                if (source, times) not in self.pooled:
                    self.pooled.add((source, times))
                    yield from of_layer(layer_name(source), [pooling(shape, self.batch)])
                shape = reduced(shape, 2)

    def _widener(self) -> Iterator[Part]:
        direct, added = self.shapes[-1], self.width
        shape = reduced(direct, 2)
        yield pooling(direct, self.batch)
        yield convolution("convolution", pixels(shape, self.batch), direct[-1], added, (3, 3))
        yield update(2, 9 * direct[-1] * added + added)
        self.shapes.append((*shape[:-1], direct[-1] + added))

    def _widener2(self, sources: tuple[int, ...]) -> Iterator[Part]:
        direct = self.joined if self.architecture.amla_compatible else self.shapes[-1]
        channels = direct[-1] + sum(self.shapes[source][-1] for source in sources)
        shape = (*direct[:-1], channels)
        yield pooling(shape, self.batch)
        self.shapes.append(reduced(shape, 2))

    def _head(self, layer: Auxiliary) -> Iterator[Part]:
        """Yield the parts of an auxiliary classifier, of which AMLA builds none here."""
        if not self.architecture.amla_compatible:
            yield mean(self.shapes[-1], self.batch)
            yield from fully_connected(self.shapes[-1][-1], layer.outputs, self.batch)


class _Stem:
    """Goes through a stem from an image on; in the end ``shape`` is that of its output."""

    def __init__(self, shape: Shape, batch: int, always_bias: bool):
        self.shape, self.batch, self.always_bias = shape, batch, always_bias
        self.trained = False

    def parts(self, stem: FixedCell) -> Iterator[Part]:
        for layer in stem:
            outputs = [self._output(block) for block in layer.blocks]
            for block, shape in zip(layer.blocks, outputs, strict=True):
                yield from self._block(block, shape)
            self.trained |= any(block.kind == "conv2d" for block in layer.blocks)
            self.shape = (*outputs[0][:-1], sum(shape[-1] for shape in outputs))

    def _output(self, block: Block) -> Shape:
        stride = 2 if block.kind == "max_pool" else block.option("stride", 1)
        return (*reduced(self.shape, stride)[:-1], block.option("outputs", self.shape[-1]))

    def _block(self, block: Block, outputs: Shape) -> Iterator[Part]:
        values, channels = self.batch * math.prod(self.shape), self.shape[-1]
        if block.kind == "conv2d":
            kind = "convolution" if self.trained else "image convolution"
            size, bias = block.option("kernel_size"), self.always_bias or block.option("bias", True)
            yield convolution(kind, pixels(outputs, self.batch), channels, outputs[-1], size)
            yield update(1 + bias, (math.prod(size) * channels + bias) * outputs[-1])
        elif block.kind == "max_pool":
            yield pooling(self.shape, self.batch)
        elif block.kind == "lrn":
            yield Part("lrn", values=values, multiply_adds=values * channels)
        else:
            yield Part("dropout", values=values)


def _classifier(classifier: FixedCell, shape: Shape, batch: int) -> Iterator[Part]:
    """Yield the parts of a classifier; dropout of its vectors costs next to nothing."""
    inputs = math.prod(shape)
    for block in (layer.blocks[0] for layer in classifier):
        if block.kind == "reduce_mean":
            yield mean(shape, batch)
            inputs = shape[-1]
        elif block.kind in ("fc", "fc-final"):
            yield from fully_connected(inputs, block.option("outputs"), batch)
            inputs = block.option("outputs")
