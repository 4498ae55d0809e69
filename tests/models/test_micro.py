"""Micro networks as Keras models: each node's operation, sizes and channels, heads."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import architecture_from_dict
from nac.models import build_model
from nac.models.blocks import separable_convolution
from nac.models.description import describe
from nac.models.micro_layers import Join, NodeOperation
from nac.utils.errors import InputError
from tests.builders import stem
from tests.models.small_networks import classifier, paths, random_images

SHAPE = (8, 8, 3)
HEAD = {"node1": 0, "node2": {"node": {"type": "dense", "outputs": 3}, "input": ["node1"]}}
LAYER = {"filters": {"Branch1": "1x1"}, "inputs": [0], "outputs": 4}


def node(kind, *inputs, **options):
    return {"node": {"type": kind, **options}, "input": [f"node{number}" for number in inputs]}


def cell(*operations):
    """Return a cell: node1 the output before the last, node2 the last, then operations."""
    nodes = {f"node{number}": value for number, value in enumerate(operations, start=3)}
    return {"node1": -1, "node2": 0, **nodes}


def micro(network=("normal_cell",), channels=4, **more):
    return architecture_from_dict(
        {
            "type": "micro",
            "network": list(network),
            "init_cell": stem(channels),
            "classification_cell": classifier(),
            **more,
        }
    )


def built(*operations, **more):
    return build_model(micro(normal_cell=cell(*operations), **more), SHAPE)


def featuremap(model, index=1):
    return tuple(model.get_layer(f"layer{index:02d}").output.shape[1:])


class TestOperation:
    def call(self, layer, images):
        return np.asarray(layer(images))

    def test_average_pooling_is_the_mean_of_the_window(self):
        images = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
        outputs = self.call(NodeOperation("avgpool", (2, 2), stride=2), images)
        np.testing.assert_allclose(outputs[0, :, :, 0], [[2.5, 4.5], [10.5, 12.5]])

    def test_max_pooling_takes_the_largest(self):
        images = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
        outputs = self.call(NodeOperation("maxpool", (2, 2), stride=2), images)
        np.testing.assert_allclose(outputs[0, :, :, 0], [[5, 7], [13, 15]])

    @pytest.mark.parametrize("kind", ["", "sep", "dilated"])
    def test_a_convolution_has_its_stride(self, kind):
        layer = NodeOperation(kind, (3, 3), stride=2)
        assert self.call(layer, random_images(2, 8, 8, 3)).shape == (2, 4, 4, 3)

    def test_filters_set_the_channels(self):
        assert self.call(NodeOperation("", (1, 1), 5), random_images(1, 4, 4, 3)).shape[-1] == 5

    def test_a_dilated_convolution_reaches_two_pixels_far(self):
        layer = NodeOperation("dilated", (3, 3), rate=2)
        impulse = np.zeros((1, 7, 7, 1), "float32")
        impulse[0, 3, 3, 0] = 1.0
        layer.build(impulse.shape)
        layer.operation.kernel.assign(tf.ones((3, 3, 1, 1)))
        rows = np.flatnonzero(self.call(layer, impulse)[0, :, 3, 0])
        assert list(rows) == [1, 3, 5]

    def test_only_convolutions_are_normalized(self):
        kinds = {
            kind: NodeOperation(kind, (3, 3)).normalization is not None
            for kind in ("", "sep", "dilated", "maxpool", "avgpool")
        }
        assert kinds == {
            "": True,
            "sep": True,
            "dilated": False,
            "maxpool": False,
            "avgpool": False,
        }

    def test_a_branch_type_of_the_same_name_does_not_change_a_node(self, monkeypatch):
        monkeypatch.setitem(BRANCH_TYPES._entries, "dilated", separable_convolution)
        layer = NodeOperation("dilated", (3, 3))
        layer.build((1, 8, 8, 2))
        assert layer.normalization is None
        assert type(layer.operation) is keras.layers.Conv2D

    def test_dropout_follows_each_operation_in_training(self):
        layer = NodeOperation("maxpool", (1, 1), dropout=0.5)
        ones = np.ones((1, 32, 32, 4), "float32")
        assert set(np.unique(layer(ones, training=True))) == {0.0, 2.0}
        assert set(np.unique(layer(ones))) == {1.0}


class TestJoin:
    def test_a_concatenation_stacks_channels_in_order(self):
        first, second = np.ones((1, 2, 2, 1), "float32"), np.zeros((1, 2, 2, 2), "float32")
        outputs = np.asarray(Join("concat")([first, second]))
        np.testing.assert_array_equal(outputs[0, 0, 0], [1, 0, 0])

    def test_a_sum_adds(self):
        ones = np.ones((1, 2, 2, 3), "float32")
        np.testing.assert_array_equal(Join("add")([ones, ones]), 2 * ones)

    def test_larger_inputs_are_reduced_by_one_convolution_per_halving(self):
        join = Join("concat", name="join")
        outputs = join([random_images(1, 8, 8, 2), random_images(1, 2, 2, 3)])
        assert outputs.shape == (1, 2, 2, 5)
        assert [v.path for v in join.trainable_variables if "kernel" in v.path] == [
            "join/reduce0_0/kernel",
            "join/reduce0_1/kernel",
        ]

    def test_narrower_inputs_are_widened_to_be_added(self):
        join = Join("add", name="join")
        outputs = join([random_images(1, 4, 4, 2), random_images(1, 4, 4, 3)])
        assert outputs.shape == (1, 4, 4, 3)
        assert [tuple(v.shape) for v in join.trainable_variables] == [(1, 1, 2, 3), (3,)]


def test_the_first_cell_sees_the_stem_twice():
    model = built(node("add", 1, 2))
    twice = 2.0 * model.get_layer("stem")(random_images(1, *SHAPE))
    values = model.get_layer("layer01")([twice / 2.0, twice / 2.0])
    np.testing.assert_allclose(values, twice, rtol=1e-6)


def test_references_reach_the_last_two_cells():
    """Cell 3 takes -1: the output of cell 1."""
    cells = {
        "normal_cell": cell(node("identity", 1)),
        "reduction_cell": cell(node("3x3maxpool", 2, stride=2)),
    }
    network = ["normal_cell", "reduction_cell", "normal_cell"]
    model = build_model(micro(network, **cells), SHAPE)
    assert featuremap(model, 2)[:2] == (4, 4)
    assert featuremap(model, 3)[:2] == (8, 8)


def test_a_bottleneck_brings_the_channels_back():
    model = built(node("concat", 1, 2))
    assert featuremap(model) == (8, 8, 4)
    assert paths(model, "bottleneck") == [
        "layer01/bottleneck/kernel",
        "layer01/bottleneck/bias",
    ]


def test_without_other_channels_there_is_no_bottleneck():
    assert paths(built(node("3x3", 2)), "bottleneck") == []


class TestReductionCell:
    def build(self, *operations, **more):
        architecture = micro(["reduction_cell"], reduction_cell=cell(*operations), **more)
        return build_model(architecture, SHAPE)

    def test_it_halves_and_doubles_without_being_told(self):
        assert featuremap(self.build(node("3x3sep", 2), node("3x3sep", 3))) == (4, 4, 8)

    def test_its_own_strides_win(self):
        model = self.build(node("3x3sep", 2), node("3x3sep", 3, stride=2))
        assert featuremap(model) == (4, 4, 8)

    def test_amlas_stays_as_large_as_it_is(self):
        assert featuremap(self.build(node("3x3sep", 2), amla_compatible=True)) == (8, 8, 8)


class TestAmlaCompatible:
    def test_avg_is_an_average_pooling_by_default(self):
        assert paths(built(node("3x3avg", 2)), "layer01/node3/conv/kernel") == []

    def test_avg_is_a_convolution_in_amla(self):
        model = built(node("3x3avg", 2), amla_compatible=True)
        assert paths(model, "layer01/node3/conv/kernel")

    def test_separable_convolutions_have_a_stride_by_default_only(self):
        shapes = [
            featuremap(built(node("3x3sep", 2, stride=2), amla_compatible=compatible))[:2]
            for compatible in (False, True)
        ]
        assert shapes == [(4, 4), (8, 8)]

    def test_padding_is_read_from_its_own_key_by_default(self):
        operations = node("3x3", 2, padding="VALID", activation="SAME")
        shapes = [
            featuremap(built(operations, amla_compatible=compatible))[:2]
            for compatible in (False, True)
        ]
        assert shapes == [(6, 6), (8, 8)]


class TestAuxiliaryClassifier:
    def model(self, **more):
        network = ["normal_cell", "auxiliary_classifier", "normal_cell"]
        cells = {
            "normal_cell": cell(node("3x3", 2)),
            "auxiliary_classifier": {**HEAD, **more.pop("head", {})},
        }
        return build_model(micro(network, **cells, **more), SHAPE)

    def test_it_is_a_second_output(self):
        shapes = [tuple(output.shape) for output in self.model().outputs]
        assert shapes == [(None, 3), (None, 3)]

    def test_it_counts_for_no_reference(self):
        model = self.model()
        inputs = [value.shape for value in model.get_layer("layer03").input]
        assert [tuple(shape[1:]) for shape in inputs] == [(8, 8, 4), (8, 8, 4)]

    def test_it_sees_the_mean_over_pixels_by_default_and_all_pixels_in_amla(self):
        sizes = [
            self.model(amla_compatible=compatible)
            .get_layer("layer02")
            .trainable_variables[0]
            .shape[0]
            for compatible in (False, True)
        ]
        assert sizes == [4, 8 * 8 * 4]

    def test_other_classes_than_the_classifiers_are_an_error(self):
        head = {"node2": {"node": {"type": "dense", "outputs": 4}, "input": ["node1"]}}
        with pytest.raises(InputError, match="expected an auxiliary classifier with 3 outputs"):
            self.model(head=head)


def test_multiply_adds_count_each_kernel_at_its_own_pixels():
    """Stem 3x3x3x4 on 64 pixels; 1x1 4 -> 4 with stride 2 on 16; a 3x3 reduction on 16; dense."""
    architecture = micro(normal_cell=cell(node("1x1", 2, stride=2), node("add", 2, 3)), channels=4)
    description = describe(architecture, build_model(architecture, SHAPE))
    expected = 64 * 108 + 16 * 16 + 16 * 144 + 12
    assert description.multiply_adds == expected


class TestMacroLanguage:
    def model(self, *layers, **more):
        value = {
            "type": "macro",
            "network": list(layers),
            "init_cell": stem(4),
            "classification_cell": classifier(),
            **more,
        }
        return build_model(architecture_from_dict(value), SHAPE)

    def test_widener2_concatenates_direct_input_and_sources_then_pools(self):
        model = self.model(LAYER, LAYER, {"widener2": {}, "inputs": [1, 0]})
        assert featuremap(model, 3) == (4, 4, 12)

    def test_amlas_widener2_takes_the_gated_inputs_of_the_layer_before(self):
        """Direct input and one source of layer 2, then source 1: 4 + 4 + 4 channels."""
        model = self.model(LAYER, LAYER, {"widener2": {}, "inputs": [1]}, amla_compatible=True)
        assert featuremap(model, 3) == (4, 4, 12)

    def test_amlas_widener2_needs_a_layer_with_inputs(self):
        plain = {"filters": {"Branch1": "1x1"}, "outputs": 4}
        with pytest.raises(InputError, match=r"layer 2: .* needs an earlier layer with inputs"):
            self.model(plain, {"widener2": {}, "inputs": [0]}, amla_compatible=True)

    def test_an_auxiliary_entry_is_a_head_and_passes_its_input_on(self):
        model = self.model(LAYER, {"auxiliary": {"Branch1": "Dense"}, "outputs": 3}, LAYER)
        assert len(model.outputs) == 2
        head = model.get_layer("layer02_head").trainable_variables
        assert [tuple(variable.shape) for variable in head] == [(4, 3), (3,)]

    def test_amlas_auxiliary_entry_is_no_head(self):
        entries = (LAYER, {"auxiliary": {"Branch1": "Dense"}, "outputs": 9})
        assert len(self.model(*entries, amla_compatible=True).outputs) == 1

    def test_amlas_stem_always_has_a_bias(self):
        block = {"block": "conv2d", "kernel_size": [1, 1], "outputs": 4, "bias": False}
        counts = [
            len(paths(self.model(LAYER, init_cell={"L": {"B": block}}, **more), "stem/"))
            for more in ({}, {"amla_compatible": True})
        ]
        assert counts == [1, 2]
