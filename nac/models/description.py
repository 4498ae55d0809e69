"""A network in numbers: shapes, parameters by kind, multiply-adds; counted from its Keras model."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from nac.architecture.keys import head_name, layer_name
from nac.architecture.micro_cells import AUXILIARY
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, MicroCell
from nac.config.rankings import BRANCH_GATE
from nac.models.handmade import handmade_blocks
from nac.utils.records import to_json

Shape = tuple[int, ...]
"""Shape of a featuremap or of an image, without the batch."""


@dataclass(frozen=True)
class LayerDescription:
    """A layer in numbers.

    Attributes:
        name: Its Keras name, such as ``layer03``.
        shape: Shape of its output.
        params: Number of trainable parameters.
        multiply_adds: Multiplications with weights per image.
        cell: Name of the cell in a micro network, the operations in a network made by hand.
        aside: Whether the layer is an auxiliary classifier, whose output goes no further.
        branches: Name of a branch -> its convolution block.
        sources: Indices of the skip inputs, None without skip machinery.
    """

    name: str
    shape: Shape
    params: int
    multiply_adds: int
    cell: str = ""
    aside: bool = False
    branches: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[int, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the layer as in ``nac describe --json``, without keys that do not apply to it."""
        applies = {"cell": self.cell, "aside": self.aside, "branches": self.branches}
        value = to_json(self)
        for key in (key for key, content in applies.items() if not content):
            del value[key]
        return value | ({"sources": value.get("sources")} if self.branches else {})


@dataclass(frozen=True)
class NetworkDescription:
    """A network in numbers.

    Attributes:
        notation: ``C/n1-n2/M``, or name and width of a network made by hand.
        input_shape: Shape of an image.
        classes: Number of classes.
        trainable_params: Number of trainable parameters.
        params_by_kind: Kind of a variable, see :func:`variable_kind` -> number of parameters.
        gates: Number of gates of skip connections.
        multiply_adds: Multiplications with weights per image.
        flops: Twice as many.
        per_layer_channels: Channels of each layer between stem and classifier.
        per_layer_shapes: Output shapes of these layers.
        layers: All layers from stem to classifier.
    """

    notation: str
    input_shape: Shape
    classes: int
    trainable_params: int
    params_by_kind: Mapping[str, int]
    gates: int
    multiply_adds: int
    flops: int
    per_layer_channels: tuple[int, ...]
    per_layer_shapes: tuple[Shape, ...]
    layers: tuple[LayerDescription, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the description as ``nac describe --json`` prints it."""
        return to_json(self) | {"layers": [layer.to_json() for layer in self.layers]}


_KINDS = {
    "bias": "conv_bias",
    "beta": "bn_beta",
    "gamma": "bn_gamma",
    "depthwise_kernel": "depthwise_kernel",
    "pointwise_kernel": "pointwise_kernel",
}


def variable_kind(path: str) -> str:
    """Return the kind of a trainable variable by its path, for instance ``conv_kernel``."""
    cell, *_, owner, name = path.split("/")
    if name.startswith("gate_"):
        return "gates"
    if name == BRANCH_GATE:
        return "branch_gates"
    if cell == "classifier" or owner == "dense":
        return f"dense_{name}"
    if owner.startswith("depthwise"):
        return "depthwise_kernel"
    return _KINDS.get(name, "conv_kernel")


def _size(variable) -> int:
    return math.prod(variable.shape)


def featuremap_shape(layer: keras.layers.Layer) -> Shape:
    """Return the shape of a layer's output, without the batch."""
    output = layer.output
    return tuple((output[0] if isinstance(output, list | tuple) else output).shape[1:])


def multiply_adds(layer: keras.layers.Layer) -> int:
    """Return the multiplications with weights that one image costs in a layer of the model.

    Convolutions and dense layers are counted; pooling, batch norm and activations are not.
    """
    sizes = getattr(layer, "convolution_sizes", {})
    total = 0
    for variable in layer.trainable_variables:
        if variable_kind(variable.path) == "dense_kernel":
            total += _size(variable)
        elif len(variable.shape) == 4:
            height, width = sizes.get(variable.path) or featuremap_shape(layer)[:2]
            total += _size(variable) * height * width
    return total


def describe(architecture: Architecture, model: keras.Model) -> NetworkDescription:
    """Return the numbers of a network.

    Args:
        architecture: The architecture that the model was built from.
        model: The model, see :func:`nac.models.build_model`.
    """
    kinds: Counter[str] = Counter()
    for variable in model.trainable_variables:
        kinds[variable_kind(variable.path)] += _size(variable)
    layers = _describe_layers(architecture, model)
    inner = [layer for layer in layers[1:-1] if not layer.aside]
    total = sum(layer.multiply_adds for layer in layers)
    return NetworkDescription(
        notation=str(architecture.notation),
        input_shape=tuple(model.input.shape[1:]),
        classes=model.outputs[0].shape[-1],
        trainable_params=sum(kinds.values()),
        params_by_kind=dict(kinds),
        gates=kinds["gates"],
        multiply_adds=total,
        flops=2 * total,
        per_layer_channels=tuple(layer.shape[-1] for layer in inner),
        per_layer_shapes=tuple(layer.shape for layer in inner),
        layers=tuple(layers),
    )


def _describe_layers(architecture: Architecture, model: keras.Model) -> list[LayerDescription]:
    """Describe all layers from stem to classifier."""
    if architecture.handmade:
        return [_describe_layer(block, cell=block.block.label) for block in handmade_blocks(model)]
    layers = [_describe_layer(model.get_layer("stem"))]
    for index in range(1, len(architecture.network) + 1):
        layers.append(_describe_entry(architecture, index, model, layers[-1].shape))
    return [*layers, _describe_layer(model.get_layer("classifier"))]


def _describe_layer(layer: keras.layers.Layer, **more: Any) -> LayerDescription:
    return LayerDescription(
        name=layer.name,
        shape=featuremap_shape(layer),
        params=sum(map(_size, layer.trainable_variables)),
        multiply_adds=multiply_adds(layer),
        **more,
    )


def _describe_entry(
    architecture: Architecture, index: int, model: keras.Model, shape: Shape
) -> LayerDescription:
    """Describe an entry of the network; an auxiliary one passes on the ``shape`` before it."""
    entry = architecture.layer(index)
    if isinstance(entry, Auxiliary):
        if head_name(index) not in [layer.name for layer in model.layers]:
            return LayerDescription(layer_name(index), shape, params=0, multiply_adds=0)
        return replace(_describe_layer(model.get_layer(head_name(index))), shape=shape)
    layer = model.get_layer(layer_name(index))
    if isinstance(entry, MicroCell) and entry.name == AUXILIARY:
        return replace(_describe_layer(layer, cell=entry.name, aside=True), shape=shape)
    if isinstance(entry, MicroCell):
        return _describe_layer(layer, cell=entry.name)
    if isinstance(entry, BranchLayer):
        sources = architecture.sources(index)
        return _describe_layer(layer, branches=dict(entry.branches), sources=sources)
    return _describe_layer(layer)
