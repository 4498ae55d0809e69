"""Cells in parts of the batch, and computed again: outputs and gradients are those of the batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.operations import Block, Operation
from nac.models.cell import Cell, cells_in_parts
from nac.models.cells import BranchCell, WidenerCell
from nac.models.handmade import HandmadeBlock
from nac.models.micro_layers import NodeOperation
from nac.models.stem_and_classifier import Stem
from nac.utils.records import to_json
from tests.models.small_networks import random_images

BATCH = 6
BRANCHES = [("Branch1", "1x1"), ("Branch2", "3x3"), ("Branch3", "5x5sep")]
STEM = {
    "Layer0": {"B": {"block": "cutout", "size": 3}},
    "Layer1": {
        "A": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 4},
        "B": {"block": "conv2d", "kernel_size": [1, 1], "outputs": 4},
    },
    "Layer2": {"B": {"block": "lrn"}},
    "Layer3": {"B": {"block": "dropout", "keep_prob": 0.7}},
}
MAIN = (
    Operation("conv", 6, size=1),
    Operation("norm"),
    Operation("relu6"),
    Operation("depthwise", size=3),
    Operation("norm"),
)
SHORTCUT = (Operation("conv", 6, size=1), Operation("norm"))
CELLS = {
    "a cell of branches": lambda: BranchCell(BRANCHES, 6, dropout=0.4, branch_gates=True),
    "a scaled one with skips": lambda: BranchCell(BRANCHES, 6, [0, 1], batch_norm_scale=True),
    "one that returns inputs": lambda: BranchCell(BRANCHES, 6, [0, 1], return_joined=True),
    "a widener": lambda: WidenerCell(4),
    "a stem": lambda: Stem(STEM),
    "a node": lambda: NodeOperation("sep", (3, 3), filters=4),
    "a node that pools": lambda: NodeOperation("maxpool", (2, 2), stride=2),
    "a block of three norms": lambda: HandmadeBlock(
        to_json(Block(MAIN, SHORTCUT, (Operation("relu"),)))
    ),
}


def inputs_of(cell: Cell):
    images = [tf.constant(random_images(BATCH, 6, 6, 3, seed=seed)) for seed in range(2)]
    if not isinstance(cell, BranchCell):
        return images[0]
    # A source may be the direct input once more.
    return [images[0]] if cell.skip is None else [images[0], images[0], images[1]]


def computed(make, parts, compiled=False):
    """Return outputs, gradients and state of a cell after a training step."""
    keras.utils.set_random_seed(0)
    cell = make()
    inputs = inputs_of(cell)
    cell.build(tf.nest.map_structure(lambda tensor: tuple(tensor.shape), inputs))
    weights = [variable.value for variable in cell.trainable_variables]
    if cell.featuremap_metrics is not None:
        weights.append(cell.featuremap_metrics.unit_gates.value)

    def step():
        with tf.GradientTape() as tape:
            tape.watch([inputs, weights])
            with cells_in_parts(parts):
                outputs = tf.nest.flatten(cell(inputs, training=True))
            total = sum(tf.reduce_sum(random_images(*x.shape) * x) for x in outputs)
        sources = [*tf.nest.flatten(inputs), *weights]
        return outputs, tape.gradient(total, sources, unconnected_gradients="zero")

    for norm in cell.normalizations:
        norm.tracking = False
    outputs, gradients = (tf.function(step, autograph=False) if compiled else step)()
    return outputs, gradients, [variable.value for variable in cell.variables]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("name", CELLS)
def test_outputs_gradients_and_state_are_those_of_the_batch(name, parts, compiled):
    expected = computed(CELLS[name], None)
    for ours, theirs in zip(computed(CELLS[name], parts, compiled), expected, strict=True):
        largest = max(float(np.abs(tensor).max()) for tensor in theirs)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * max(1.0, largest))


def test_inside_of_training_steps_only():
    cell = BranchCell(BRANCHES, 6)
    inputs = [tf.zeros((BATCH, 4, 4, 3))]
    cell(inputs)
    with cells_in_parts(3):
        cell(inputs, training=False)
        assert cell.dropout.calls.numpy() == 0
        cell(inputs, training=True)
    assert cell.dropout.calls.numpy() == 1
    assert cell.featuremap_metrics.results()[0]["images"] == BATCH
