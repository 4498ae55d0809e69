"""What a network costs, compared with values computed by hand.

tests/models/test_costs.py compares the counts with those of Keras models.
"""

from dataclasses import replace

import pytest

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import architecture_from_dict
from nac.construction.costs import Costs, count, featuremap_values
from tests.builders import WIDENER, assert_says, input_error, layer, network, stem

IMAGES = (4, 4, 1)


def classifier(*blocks):
    named = {f"Layer{i}": {"Branch0": block} for i, block in enumerate(blocks)}
    return {**named, "Layer9": {"Branch0": {"block": "fc-final", "inputs": 4, "outputs": 3}}}


def built(*layers, **more):
    """Return a network with a 3x3 stem of 4 channels and 3 classes after a mean over pixels."""
    cells = {"init_cell": stem(4), "classification_cell": classifier({"block": "reduce_mean"})}
    return architecture_from_dict(network(*layers, **{**cells, **more}))


def costs(*layers, **more):
    return count(built(*layers, **more), IMAGES)


def beyond(base, *layers, **more):
    """Return what a network costs more than one of other layers."""
    other = costs(*base)
    mine = costs(*layers, **more)
    return Costs(
        mine.parameters - other.parameters,
        mine.multiply_adds - other.multiply_adds,
        mine.constants - other.constants,
    )


ONE = layer("1x1", outputs=4)


def test_stem_branch_and_classifier():
    # stem 3x3x1x4 with bias; 1x1x4x4 with center and two moving statistics; 4x3 with bias
    assert costs(ONE) == Costs((36 + 4) + (16 + 4) + (12 + 3), 16 * 36 + 16 * 16 + 12, 8)


def test_flops_are_two_per_multiply_add():
    assert costs(ONE).flops == 2 * (576 + 256 + 12)


def test_size_counts_four_bytes_per_weight_moving_statistics_included():
    assert costs(ONE).size_kib == 4 * (75 + 8) / 1024


def test_branches_share_the_channels_of_their_layer():
    # 9x4x2 and 4x2, each with a center of 2
    assert beyond([ONE], ONE, layer("3x3", "1x1", outputs=5)).parameters == (72 + 2) + (8 + 2)


def test_a_separable_convolution_is_a_depthwise_and_a_pointwise_one():
    assert beyond([ONE], ONE, layer("5x5sep", outputs=4)) == Costs(
        25 * 4 + 16 + 4, 16 * (100 + 16), 8
    )


def test_skip_machinery_has_a_kernel_a_bias_and_a_gate_per_source():
    # the kernel takes 4 channels of each of the inputs 1 and 0 and of the layer before
    skip = layer("1x1", outputs=4, inputs=[1, 0])
    assert beyond([ONE] * 3, ONE, ONE, skip) == Costs(12 * 4 + 4 + 2, 16 * 48)


def test_skip_machinery_without_sources_is_a_pointwise_convolution():
    assert beyond([ONE], layer("1x1", outputs=4, inputs=[])) == Costs(16 + 4, 16 * 16)


def test_a_widener_convolves_at_half_the_size_and_adds_the_channels_of_the_stem():
    # 3x3x4x4 with bias at 2x2 pixels; the classifier then takes 8 channels
    assert beyond([ONE], ONE, WIDENER) == Costs(144 + 4 + 12, 4 * 144 + 12)


def test_each_widener_adds_twice_as_many_channels_as_the_one_before():
    # 3x3x8x8 with bias at one pixel; the classifier then takes 16 channels
    assert beyond([ONE, WIDENER], ONE, WIDENER, WIDENER) == Costs(576 + 8 + 24, 576 + 24)


def test_sides_are_rounded_up_when_they_are_halved():
    odd = count(built(ONE, WIDENER), (5, 5, 1)).multiply_adds
    assert odd == 25 * (36 + 16) + 9 * 144 + 24


@pytest.mark.parametrize("shape", [(1, 4, 1), (4, 1, 1)])
def test_a_single_pixel_cannot_be_halved(shape):
    text = input_error(count, built(ONE, WIDENER), shape)
    assert_says(
        text, f"layer 2: a widener cannot halve featuremaps of {shape[0]}x{shape[1]} pixels"
    )


def test_featuremaps_are_those_of_image_stem_and_layers():
    # 4x4x1, 4x4x4 of the stem, 4x4x4 of the layer, 2x2x(4 + 4) of the widener
    assert featuremap_values(built(ONE, WIDENER), IMAGES) == 16 + 64 + 64 + 32


def test_a_widener2_concatenates_without_weights():
    # the classifier takes 4 + 4 channels
    assert beyond([ONE], ONE, {"widener2": {}, "inputs": [0]}) == Costs(12, 12)


def test_with_amla_compatible_a_widener2_takes_the_gated_inputs_instead():
    skip, widener = layer("1x1", outputs=8, inputs=[0]), {"widener2": {}, "inputs": []}
    # 8 gated channels as with the 8 of the layer itself; a bias in the stem in either case
    compatible = costs(ONE, skip, ONE, widener, amla_compatible=True)
    assert compatible.parameters - costs(ONE, skip, ONE).parameters == 12


def test_an_auxiliary_classifier_is_a_dense_layer():
    head = {"auxiliary": {"Branch1": "Dense"}, "outputs": 3}
    assert beyond([ONE], ONE, head) == Costs(4 * 3 + 3, 12)
    assert beyond([ONE], ONE, head, amla_compatible=True) == Costs()


def conv(outputs, **options):
    return {"block": "conv2d", "kernel_size": [3, 3], "outputs": outputs, **options}


def test_a_stem_convolution_counts_at_the_pixels_that_it_puts_out():
    cell = {"Layer0": {"Branch0": conv(4, stride=2)}}
    assert costs(ONE, init_cell=cell).multiply_adds == 4 * (36 + 16) + 12


@pytest.mark.parametrize(("compatible", "biases"), [(False, 0), (True, 4)])
def test_a_stem_convolution_may_lack_a_bias_but_not_in_amla(compatible, biases):
    cell = {"Layer0": {"Branch0": conv(4, bias=False)}}
    cost = costs(ONE, init_cell=cell, amla_compatible=compatible)
    assert cost.parameters == 36 + biases + 20 + 15


def test_parallel_branches_of_a_stem_are_concatenated():
    cell = {"Layer0": {"Branch0": conv(2), "Branch1": conv(3)}, "Layer1": {"Branch0": conv(4)}}
    assert costs(ONE, init_cell=cell).parameters == 20 + 30 + (9 * 5 * 4 + 4) + 20 + 15


def test_a_pooling_of_the_stem_halves_the_pixels_and_other_blocks_change_nothing():
    cell = {
        "Layer0": {"Branch0": conv(4)},
        "Layer1": {"Branch0": {"block": "max_pool", "kernel_size": [3, 3]}},
        "Layer2": {"Branch0": {"block": "lrn"}},
    }
    assert costs(ONE, init_cell=cell) == Costs(75, 16 * 36 + 4 * 16 + 12, 8)


def test_a_flattened_featuremap_has_all_its_values_as_inputs():
    flat = classifier({"block": "flatten"}, {"block": "dropout", "keep_prob": 0.5})
    assert costs(ONE, classification_cell=flat).parameters == 40 + 20 + (64 * 3 + 3)


def test_a_hidden_dense_layer_counts():
    hidden = classifier({"block": "reduce_mean"}, {"block": "fc", "outputs": 5})
    assert costs(ONE, classification_cell=hidden).parameters == 40 + 20 + 25 + 18


def test_a_branch_gate_is_one_parameter_per_branch():
    two = built(layer("1x1", "3x3", outputs=4))
    gated, plain = (count(two, IMAGES, branch_gates=gates) for gates in (True, False))
    assert gated.parameters - plain.parameters == 2


def test_a_batch_norm_scale_is_one_parameter_per_channel():
    scaled = count(built(ONE), IMAGES, batch_norm_scale=True)
    assert scaled.parameters - costs(ONE).parameters == 4


class Layer:
    """Stands for a Keras layer: a 3x3 kernel, a bias and a constant per filter."""

    def __init__(self, filters):
        self.filters = filters

    def build(self, shape):
        kernel, bias, constant = Shaped((3, 3, shape[-1], self.filters)), Shaped((2,)), Shaped((7,))
        self.trainable_variables = [kernel, bias]
        self.variables = [kernel, bias, constant]


class Shaped:
    def __init__(self, shape):
        self.shape = shape


def test_the_layer_of_another_branch_type_is_made_and_counted():
    BRANCH_TYPES.register("own", lambda size, filters, dtype: Layer(filters))
    try:
        assert beyond([ONE], ONE, layer("3x3own", outputs=4)) == Costs(144 + 2 + 4, 16 * 144, 7 + 8)
    finally:
        BRANCH_TYPES.unregister("own")


def test_a_network_without_a_classifier_is_an_error():
    bare = architecture_from_dict(network(ONE, init_cell=stem(4)))
    assert_says(input_error(count, bare, IMAGES), "classification_cell", "missing")


def test_other_classes_than_those_of_the_images_are_an_error():
    text = input_error(count, built(ONE), IMAGES, 10)
    assert_says(text, "classification_cell", "expected 10 outputs", "received 3")


def test_a_micro_network_is_an_error():
    micro = replace(built(ONE), type="micro")
    assert_says(input_error(count, micro, IMAGES), "type: expected macro", "received micro")
