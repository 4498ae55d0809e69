"""Which convolutions of a cell are merged, and that all forms compute the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.construction.step_parts import FEW_FILTERS
from nac.models import merging
from nac.models.branches import Branch
from nac.models.cells import BranchCell
from nac.models.merging import convolutions, groups
from tests.models.small_networks import random_images


def branches(*blocks, filters=2):
    return [Branch(block, filters, name=f"Branch{i}") for i, block in enumerate(blocks)]


def merged(*blocks, filters=2):
    """Return the blocks by group."""
    found = groups(branches(*blocks, filters=filters))
    return [" ".join(branch.block for branch in group) for group in found]


class TestGroups:
    def test_a_separable_convolution_joins_a_dense_neighbor_of_its_size(self):
        blocks = ("1x1", "3x3", "3x3sep", "5x5", "5x5sep", "7x7sep")
        assert merged(*blocks) == ["1x1", "3x3 3x3sep", "5x5 5x5sep", "7x7sep"]

    def test_dense_neighbors_join_too(self):
        assert merged("5x5", "3x3", "3x3") == ["5x5", "3x3 3x3"]

    def test_separable_ones_stay_alone_without_a_dense_one(self):
        assert merged("3x3sep", "3x3sep", "5x5") == ["3x3sep", "3x3sep", "5x5"]

    def test_only_neighbors_are_merged_so_that_the_order_stays(self):
        assert merged("3x3", "5x5", "3x3sep") == ["3x3", "5x5", "3x3sep"]

    def test_products_of_matrices_stay_alone(self):
        assert merged("1x1", "1x1") == ["1x1", "1x1"]

    @pytest.mark.parametrize(("filters", "count"), [(FEW_FILTERS, 1), (FEW_FILTERS + 1, 2)])
    def test_only_few_filters_are_merged(self, filters, count):
        assert len(merged("3x3", "3x3sep", filters=filters)) == count

    def test_other_layers_are_not_merged(self):
        pair = branches("3x3", "3x3")
        pair[1].convolution = keras.layers.Conv2D(2, 3, padding="same", dilation_rate=2)
        assert len(list(groups(pair))) == 2


def outputs_and_gradients(cell, images):
    with tf.GradientTape() as tape:
        outputs = cell([images], training=True)
        total = tf.reduce_sum(outputs * random_images(*outputs.shape, seed=2))
    variables = [variable.value for variable in cell.trainable_variables]
    return [outputs, *tape.gradient(total, variables)]


def in_both_forms(cell, images, monkeypatch):
    for fast in (True, False):
        monkeypatch.setattr(merging, "on_fast_cpu", lambda fast=fast: fast)
        yield outputs_and_gradients(cell, images)


@pytest.mark.parametrize("filters", [2, FEW_FILTERS + 1])
@pytest.mark.parametrize(
    "blocks",
    [
        ["1x1", "3x3", "3x3sep", "5x5", "5x5sep", "7x7sep"],
        ["3x5", "3x5sep"],
        ["3x3sep"],
        ["7x7"],
    ],
)
def test_in_training_a_cell_has_the_same_output_and_gradients(blocks, filters, monkeypatch):
    named = [(f"Branch{i}", block) for i, block in enumerate(blocks)]
    cell = BranchCell(named, outputs=filters * len(blocks), dropout=0.0)
    images = tf.constant(random_images(4, 4, 4, 3))
    cell.build([images.shape])
    for one, other in zip(*in_both_forms(cell, images, monkeypatch), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def called(layer, training):
    """Return whether a layer is called as it is."""
    calls = []
    layer.call = lambda inputs: calls.append(inputs) or inputs
    (branch,) = branches("3x3")
    branch.convolution = layer
    convolutions([branch], tf.ones((1, 4, 4, 2)), training)
    return bool(calls)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(2, 2, padding="same", use_bias=False),
        keras.layers.Conv2D(2, 3, padding="same"),
        keras.layers.Conv2D(2, 3, padding="same", use_bias=False, dilation_rate=2),
        keras.layers.Conv2D(2, 3, padding="same", use_bias=False, activation="relu"),
        keras.layers.Conv2D(2, 3, padding="same", use_bias=False, groups=2),
        keras.layers.DepthwiseConv2D(3, padding="same"),
    ],
)
def test_a_layer_that_is_more_than_a_convolution_is_called_as_it_is(layer):
    layer.build((None, 4, 4, 2))
    assert called(layer, training=True)


def test_outside_of_training_layers_are_called_as_they_are():
    layer = keras.layers.Conv2D(2, 3, padding="same", use_bias=False)
    layer.build((None, 4, 4, 2))
    assert called(layer, training=False)
