"""A network in numbers: shapes, parameters by kind, multiply-adds; counted from its Keras model."""

import math
from collections import Counter
from typing import Any

import keras

from nac.architecture.keys import head_name, layer_name
from nac.architecture.micro_cells import AUXILIARY
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, MicroCell
from nac.config.rankings import BRANCH_GATE

_KINDS = {
    "bias": "conv_bias",
    "beta": "bn_beta",
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
    return _KINDS.get(name, "conv_kernel")


def _size(variable) -> int:
    return math.prod(variable.shape)


def featuremap_shape(layer: keras.layers.Layer) -> list[int]:
    """Return the shape of what a layer hands on, without the batch."""
    output = layer.output
    return list((output[0] if isinstance(output, list | tuple) else output).shape[1:])


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


def describe(architecture: Architecture, model: keras.Model) -> dict[str, Any]:
    """Return the numbers of a network as ``nac.describe --json`` prints them.

    Args:
        architecture: what the model was built from.
        model: see :func:`nac.models.build_model`.
    """
    kinds: Counter[str] = Counter()
    for variable in model.trainable_variables:
        kinds[variable_kind(variable.path)] += _size(variable)
    layers = [_describe_layer(model.get_layer("stem"))]
    for index in range(1, len(architecture.network) + 1):
        layers.append(_describe_entry(architecture, index, model, layers[-1]["shape"]))
    inner = [layer for layer in layers[1:] if not layer.get("aside")]
    layers.append(_describe_layer(model.get_layer("classifier")))
    total = sum(layer["multiply_adds"] for layer in layers)
    return {
        "notation": str(architecture.notation),
        "input_shape": list(model.input.shape[1:]),
        "classes": model.outputs[0].shape[-1],
        "trainable_params": sum(kinds.values()),
        "params_by_kind": dict(kinds),
        "gates": kinds["gates"],
        "multiply_adds": total,
        "flops": 2 * total,
        "per_layer_channels": [layer["shape"][-1] for layer in inner],
        "per_layer_shapes": [layer["shape"] for layer in inner],
        "layers": layers,
    }


def _describe_layer(layer: keras.layers.Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "shape": featuremap_shape(layer),
        "params": sum(map(_size, layer.trainable_variables)),
        "multiply_adds": multiply_adds(layer),
    }


def _describe_entry(
    architecture: Architecture, index: int, model: keras.Model, shape: list[int]
) -> dict[str, Any]:
    """Describe an entry of the network; an auxiliary one hands on the ``shape`` before it."""
    entry = architecture.layer(index)
    if isinstance(entry, Auxiliary):
        passing = {"name": layer_name(index), "shape": shape, "params": 0, "multiply_adds": 0}
        names = [layer.name for layer in model.layers]
        if head_name(index) in names:
            passing = _describe_layer(model.get_layer(head_name(index))) | {"shape": shape}
        return passing
    description = _describe_layer(model.get_layer(layer_name(index)))
    if isinstance(entry, MicroCell):
        description["cell"] = entry.name
        if entry.name == AUXILIARY:
            description |= {"shape": shape, "aside": True}
    if isinstance(entry, BranchLayer):
        sources = architecture.sources(index)
        description["branches"] = dict(entry.branches)
        description["sources"] = None if sources is None else list(sources)
    return description
