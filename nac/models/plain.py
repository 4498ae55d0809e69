"""A trained network rebuilt from Keras' own layers, as it answers outside training.

Nothing that only training needs is left: no dropout, no measurements, no gates of skip connections
(a gate becomes part of the 1x1 convolution behind it). Such a network loads without nac.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from nac.models.branches import Branch
from nac.models.cells import BranchCell, PoolingCell, WidenerCell
from nac.models.handmade import HandmadeBlock
from nac.models.layers import Cutout, Dropout, GatedSkip, LocalResponseNormalization
from nac.models.micro import GraphCell
from nac.models.micro_layers import Join, NodeOperation
from nac.models.normalization import BatchNormalization
from nac.models.stem_and_classifier import Classifier, Stem

Tensor = keras.KerasTensor


class NoPlainFormError(Exception):
    """A layer that is neither Keras' own nor known here, such as one of a user's branch type."""


def plain_network(model: keras.Model) -> keras.Model:
    """Return a network with the same answers that consists of Keras' own layers, in float32.

    Args:
        model: A trained functional network of any type, images to logits.

    Raises:
        NoPlainFormError: A layer has no such form.
    """
    return keras.models.clone_model(
        model, clone_function=lambda layer: layer, call_function=_outputs
    )


def _outputs(layer: keras.layers.Layer, inputs: Any, **_: Any) -> Any:
    """Return what a layer of a network makes of its inputs, by layers of Keras' own."""
    return _CELLS.get(type(layer), _copied)(layer, inputs, layer.name)


def _copied(layer: keras.layers.Layer, inputs: Any, name: str) -> Tensor:
    """Apply a copy of a simple layer, with its weights."""
    if isinstance(layer, Dropout | Cutout):
        return inputs
    if isinstance(layer, LocalResponseNormalization):
        return _local_response_normalization(layer, inputs, name)
    kind, config = type(layer), layer.get_config()
    if kind is BatchNormalization:
        kind, config["synchronized"] = keras.layers.BatchNormalization, False
    if not kind.__module__.startswith("keras."):
        raise NoPlainFormError(f"{layer.name} ({kind.__name__})")
    copy = kind.from_config({**config, "name": name, "dtype": "float32"})
    outputs = copy(inputs)
    copy.set_weights(layer.get_weights())
    return outputs


def _chain(layers: Sequence[keras.layers.Layer], inputs: Tensor, name: str) -> Tensor:
    for layer in layers:
        inputs = _copied(layer, inputs, f"{name}_{layer.name}")
    return inputs


def _joined(values: Sequence[Tensor], name: str) -> Tensor:
    return values[0] if len(values) == 1 else keras.layers.Concatenate(name=name)(values)


def _relu(inputs: Tensor, name: str) -> Tensor:
    return keras.layers.ReLU(name=f"{name}_relu")(inputs)


def _local_response_normalization(
    layer: LocalResponseNormalization, inputs: Tensor, name: str
) -> Tensor:
    """Sum the squares of neighboring channels by a 1x1 convolution with constant weights."""
    channels = np.arange(inputs.shape[-1])
    near = np.abs(channels[:, np.newaxis] - channels) <= layer.RADIUS
    convolution = keras.layers.Conv2D(len(channels), 1, trainable=False, name=f"{name}_base")
    base = convolution(ops.square(inputs))
    convolution.set_weights([layer.ALPHA * near[np.newaxis, np.newaxis], np.ones(len(channels))])
    return inputs * ops.rsqrt(base * ops.sqrt(base))  # to the power of -3/4


def _stem(stem: Stem, inputs: Tensor, name: str) -> Tensor:
    for number, branches in enumerate(stem.steps):
        outputs = [_chain([branch], inputs, name) for branch in branches]
        inputs = _joined(outputs, f"{name}_concat{number}")
    return inputs


def _classifier(classifier: Classifier, inputs: Tensor, name: str) -> Tensor:
    return _chain(classifier.steps, inputs, name)


def _branch_cell(cell: BranchCell, inputs: Sequence[Tensor], name: str) -> Any:
    direct = inputs[0] if cell.skip is None else _skip(cell.skip, inputs, f"{name}_skip")
    outputs = [_branch(branch, direct, f"{name}_{branch.name}") for branch in cell.branches]
    outputs = _joined(outputs, f"{name}_concat")
    return (outputs, _gated(cell.skip, inputs, name)) if cell.return_joined else outputs


def _branch(branch: Branch, inputs: Tensor, name: str) -> Tensor:
    outputs = _copied(branch.convolution, inputs, f"{name}_conv")
    outputs = _relu(_copied(branch.normalization, outputs, f"{name}_batch_norm"), name)
    if branch.gate is None:
        return outputs
    return keras.layers.Rescaling(float(branch.gate.numpy()), name=f"{name}_gate")(outputs)


def _skip(skip: GatedSkip, inputs: Sequence[Tensor], name: str) -> Tensor:
    """Return the joined inputs of a cell, with the gates as factors of the kernel's rows."""
    kernel, bias = skip.kernel.numpy(), skip.bias.numpy()
    factors = np.repeat([1.0, *_gates(skip)], skip.input_channels)
    convolution = keras.layers.Conv2D(len(bias), 1, activation="relu", name=f"{name}_conv")
    outputs = convolution(_joined(inputs, f"{name}_concat"))
    convolution.set_weights([kernel * factors[:, np.newaxis], bias])
    return outputs


def _gated(skip: GatedSkip, inputs: Sequence[Tensor], name: str) -> Tensor:
    """Return the gated inputs side by side, which AMLA's widener2 takes."""
    gated = [
        keras.layers.Rescaling(gate, name=f"{name}_gate{source}")(value)
        for gate, source, value in zip(_gates(skip), skip.sources, inputs[1:], strict=True)
    ]
    return _joined([inputs[0], *gated], f"{name}_gated")


def _gates(skip: GatedSkip) -> list[float]:
    return [float(gate.numpy()) for gate in skip.gates]


def _widener(cell: WidenerCell, inputs: Tensor, name: str) -> Tensor:
    parts = [_halved(inputs, name), _copied(cell.convolution, inputs, f"{name}_conv")]
    return _joined(parts, f"{name}_concat")


def _pooling_cell(cell: PoolingCell, inputs: Sequence[Tensor], name: str) -> Tensor:
    return _halved(_joined(inputs[cell.skip_first :], f"{name}_concat"), name)


def _halved(inputs: Tensor, name: str) -> Tensor:
    return keras.layers.MaxPooling2D(2, 2, padding="same", name=f"{name}_pool")(inputs)


def _handmade_block(block: HandmadeBlock, inputs: Tensor, name: str) -> Tensor:
    outputs = _chain(block.main, inputs, name)
    if block.block.shortcut is not None:
        shortcut = _chain(block.shortcut, inputs, name)
        outputs = keras.layers.Add(name=f"{name}_add")([outputs, shortcut])
    return _chain(block.after, outputs, name)


def _graph_cell(cell: GraphCell, inputs: Sequence[Tensor], name: str) -> Tensor:
    def visit(layer: keras.layers.Layer, values: Any) -> Tensor:
        kind = _join if isinstance(layer, Join) else _node
        return kind(layer, values, f"{name}_{layer.name}")

    output = cell.walk(inputs, visit)
    return output if cell.bottleneck is None else _chain([cell.bottleneck], output, name)


def _node(node: NodeOperation, inputs: Tensor, name: str) -> Tensor:
    layers = [node.operation, node.normalization]
    outputs = _chain([layer for layer in layers if layer is not None], inputs, name)
    return _relu(outputs, name) if node.activated else outputs


def _join(join: Join, inputs: Sequence[Tensor], name: str) -> Tensor:
    values = [
        _chain([*reductions, *([widening] if widening else [])], value, name)
        for reductions, widening, value in zip(join.reductions, join.widenings, inputs, strict=True)
    ]
    if join.kind == "concat":
        return _joined(values, f"{name}_concat")
    return values[0] if len(values) == 1 else keras.layers.Add(name=f"{name}_add")(values)


_CELLS: dict[type, Callable[[Any, Any, str], Any]] = {
    Stem: _stem,
    BranchCell: _branch_cell,
    WidenerCell: _widener,
    PoolingCell: _pooling_cell,
    HandmadeBlock: _handmade_block,
    GraphCell: _graph_cell,
    Classifier: _classifier,
}
"""Kind of a cell -> a function of the cell, its inputs and its name that returns its outputs."""
