"""A network in numbers: shapes, parameters by kind, multiply-adds; counted from its Keras model."""

from collections import Counter
from typing import Any

import keras

from nac.architecture import Architecture, BranchLayer
from nac.models.cells import BranchCell, Stem
from nac.models.macro import layer_name

_KINDS = {
    "bias": "conv_bias",
    "beta": "bn_beta",
    "depthwise_kernel": "depthwise_kernel",
    "pointwise_kernel": "pointwise_kernel",
}


def variable_kind(path: str) -> str:
    """Return the kind of a trainable variable by its path, for instance ``conv_kernel``."""
    cell, *_, name = path.split("/")
    if name.startswith("gate_"):
        return "gates"
    if cell == "classifier":
        return f"dense_{name}"
    return _KINDS.get(name, "conv_kernel")


def _size(variable) -> int:
    size = 1
    for side in variable.shape:
        size *= side
    return size


def multiply_adds(layer: keras.layers.Layer) -> int:
    """Return the multiplications with weights that one image costs in a layer of the model.

    Convolutions and dense layers are counted; pooling, batch norm and activations are not.
    """
    variables = layer.trainable_variables
    kernels = [v for v in variables if "kernel" in v.name and len(v.shape) == 4]
    dense = [v for v in variables if variable_kind(v.path) == "dense_kernel"]
    return sum(_size(v) * _positions(layer, v) for v in kernels) + sum(map(_size, dense))


def _positions(layer: keras.layers.Layer, kernel) -> int:
    """Return at how many positions a kernel is applied: the pixels of what it puts out."""
    if isinstance(layer, Stem):
        height, width = layer.convolution_sizes[kernel.path]
    else:
        height, width = layer.output.shape[1:3]
    return height * width


def describe(architecture: Architecture, model: keras.Model) -> dict[str, Any]:
    """Return the numbers of a network as ``nac.describe --json`` prints them.

    Args:
        architecture: what the model was built from.
        model: see :func:`nac.models.build_model`.
    """
    kinds: Counter[str] = Counter()
    for variable in model.trainable_variables:
        kinds[variable_kind(variable.path)] += _size(variable)
    names = ["stem", *map(layer_name, range(1, len(architecture.network) + 1)), "classifier"]
    layers = [_describe_layer(architecture, model.get_layer(name)) for name in names]
    total = sum(layer["multiply_adds"] for layer in layers)
    inner = layers[1:-1]
    return {
        "notation": str(architecture.notation),
        "input_shape": list(model.input.shape[1:]),
        "classes": model.output.shape[-1],
        "trainable_params": sum(kinds.values()),
        "params_by_kind": dict(kinds),
        "gates": kinds["gates"],
        "multiply_adds": total,
        "flops": 2 * total,
        "per_layer_channels": [layer["shape"][-1] for layer in inner],
        "per_layer_shapes": [layer["shape"] for layer in inner],
        "layers": layers,
    }


def _describe_layer(architecture: Architecture, layer: keras.layers.Layer) -> dict[str, Any]:
    description: dict[str, Any] = {
        "name": layer.name,
        "shape": list(layer.output.shape[1:]),
        "params": sum(map(_size, layer.trainable_variables)),
        "multiply_adds": multiply_adds(layer),
    }
    if isinstance(layer, BranchCell):
        index = int(layer.name.removeprefix("layer"))
        entry = architecture.layer(index)
        if isinstance(entry, BranchLayer):
            sources = architecture.sources(index)
            description["branches"] = dict(entry.branches)
            description["sources"] = None if sources is None else list(sources)
    return description
