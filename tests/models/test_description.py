"""Shapes, parameters and FLOPs of a network, compared with values computed by hand."""

import pytest

from nac.models import build_model
from nac.models.description import LayerDescription, describe
from tests.builders import WIDENER, layer
from tests.models.small_networks import small


def described(*layers, shape=(4, 4, 1), **cells):
    architecture = small(*layers, **cells)
    return describe(architecture, build_model(architecture, shape))


@pytest.fixture(scope="module")
def description():
    """Return the description of a network with one of everything; images of 4x4 pixels."""
    return described(
        layer("1x1", "3x3sep", inputs=[], outputs=4),
        WIDENER,
        layer("5x5", inputs=[1], outputs=4),
    )


def test_parameters_by_kind(description):
    assert description.params_by_kind == {
        # stem 3x3x1x4; bottleneck 4x4; 1x1 4x2; widener 3x3x4x4; join (8 + 4)x8; 5x5x8x4
        "conv_kernel": 36 + 16 + 8 + 144 + 96 + 800,
        "conv_bias": 4 + 4 + 4 + 8,
        "depthwise_kernel": 9 * 4,
        "pointwise_kernel": 4 * 2,
        "bn_beta": 2 + 2 + 4,
        "gates": 1,
        "dense_kernel": 4 * 3,
        "dense_bias": 3,
    }


def test_all_parameters_together(description):
    assert description.trainable_params == 1100 + 20 + 36 + 8 + 8 + 1 + 12 + 3


def test_parameters_of_each_layer(description):
    assert [entry.params for entry in description.layers] == [
        36 + 4,
        (16 + 4) + (8 + 2) + (36 + 8 + 2),
        144 + 4,
        (96 + 8 + 1) + (800 + 4),
        12 + 3,
    ]


def test_multiply_adds_of_each_layer(description):
    assert [entry.multiply_adds for entry in description.layers] == [
        16 * 36,
        16 * (16 + 8 + 36 + 8),
        4 * 144,
        4 * (96 + 800),
        12,
    ]


def test_multiply_adds_together(description):
    assert description.multiply_adds == 576 + 1088 + 576 + 3584 + 12


def test_flops_are_two_per_multiply_add(description):
    assert description.flops == 2 * 5836


def test_gates_are_counted(description):
    assert description.gates == 1


def test_shapes_and_channels_are_of_the_layers_between_stem_and_classifier(description):
    assert description.per_layer_shapes == ((4, 4, 4), (2, 2, 8), (2, 2, 4))
    assert description.per_layer_channels == (4, 8, 4)


def test_shapes_of_all_layers(description):
    shapes = {entry.name: entry.shape for entry in description.layers}
    assert shapes == {
        "stem": (4, 4, 4),
        "layer01": (4, 4, 4),
        "layer02": (2, 2, 8),
        "layer03": (2, 2, 4),
        "classifier": (3,),
    }


def test_branches_and_sources_are_those_of_the_architecture(description):
    entries = {entry.name: entry for entry in description.layers}
    assert entries["layer01"].branches == {"Branch1": "1x1", "Branch2": "3x3sep"}
    assert entries["layer01"].sources == ()
    assert entries["layer03"].sources == (1,)
    assert entries["layer02"].branches == {}


def test_a_layer_without_skip_machinery_has_no_sources():
    assert described(layer("1x1")).layers[1].sources is None


def test_notation_images_and_classes(description):
    assert description.notation == "4/1-1/2"
    assert (description.input_shape, description.classes) == ((4, 4, 1), 3)


def test_metrics_and_moving_statistics_are_no_parameters(description):
    kinds = set(description.params_by_kind)
    assert not kinds & {"sums", "moving_mean", "moving_variance", "calls"}


def test_a_hidden_dense_layer_counts_as_dense():
    cell = {
        "Layer0": {"Branch0": {"block": "reduce_mean"}},
        "Layer1": {"Branch0": {"block": "fc", "outputs": 5}},
        "Layer2": {"Branch0": {"block": "fc-final", "inputs": 5, "outputs": 3}},
    }
    description = described(layer("1x1", outputs=4), classification_cell=cell)
    assert description.params_by_kind["dense_kernel"] == 4 * 5 + 5 * 3
    assert description.params_by_kind["dense_bias"] == 5 + 3
    assert description.layers[-1].multiply_adds == 35


def conv(outputs, **options):
    return {"block": "conv2d", "kernel_size": [3, 3], "outputs": outputs, **options}


def test_a_stem_convolution_counts_at_the_pixels_it_puts_out():
    cell = {"Layer0": {"Branch0": conv(4, stride=2)}}
    description = described(layer("1x1"), init_cell=cell)
    assert description.layers[0].multiply_adds == 4 * 36


def test_parallel_stem_convolutions_count_one_by_one():
    cell = {"Layer0": {"Branch0": conv(2), "Branch1": conv(3)}}
    description = described(layer("1x1"), init_cell=cell)
    assert description.layers[0].multiply_adds == 16 * (18 + 27)


def test_each_stem_convolution_counts_at_its_own_pixels():
    cell = {"Layer0": {"Branch0": conv(2)}, "Layer1": {"Branch0": conv(4, stride=2)}}
    description = described(layer("1x1"), init_cell=cell)
    assert description.layers[0].multiply_adds == 16 * 18 + 4 * 72


def test_branch_gates_are_a_kind_of_their_own():
    architecture = small(layer("1x1", "3x3", inputs=[0]))
    gated = describe(architecture, build_model(architecture, (4, 4, 1), branch_gates=True))
    plain = describe(architecture, build_model(architecture, (4, 4, 1)))
    assert gated.params_by_kind == {**plain.params_by_kind, "branch_gates": 2}
    assert gated.gates == plain.gates == 1
    assert gated.multiply_adds == plain.multiply_adds


def test_scales_of_batch_norm_are_a_kind_of_their_own():
    architecture = small(layer("1x1", "3x3", inputs=[0]))
    scaled = describe(architecture, build_model(architecture, (4, 4, 1), batch_norm_scale=True))
    plain = describe(architecture, build_model(architecture, (4, 4, 1)))
    # One for each of the four channels of both branches.
    assert scaled.params_by_kind == {**plain.params_by_kind, "bn_gamma": 8}
    assert scaled.multiply_adds == plain.multiply_adds


def test_the_json_of_a_layer_has_only_the_keys_that_apply_to_it(description):
    stem, first, *_ = description.to_json()["layers"]
    assert stem == {"name": "stem", "shape": [4, 4, 4], "params": 40, "multiply_adds": 576}
    assert (first["branches"], first["sources"]) == ({"Branch1": "1x1", "Branch2": "3x3sep"}, [])
    assert "cell" not in first


def test_the_json_of_a_layer_without_skip_machinery_has_null_sources():
    assert described(layer("1x1")).to_json()["layers"][1]["sources"] is None


def test_the_json_of_an_auxiliary_cell_says_that_it_is_one():
    aside = LayerDescription("layer02", (4, 4, 8), 7, 9, cell="auxiliary_classifier", aside=True)
    value = aside.to_json()
    assert (value["cell"], value["aside"]) == ("auxiliary_classifier", True)
    assert "branches" not in value
