"""Stem and classifier: their JSON, their order, their channels and classes."""

import pytest

from nac.architecture import fixed_cells
from nac.architecture.fixed_cells import (
    classes,
    parse_classifier,
    parse_stem,
    stem_channels,
    stem_stride,
    with_stem_channels,
)
from nac.utils.schema import Section
from nac.utils.text import natural_order
from tests.builders import CLASSIFIER, assert_says, input_error, stem

CONV = {"block": "conv2d", "kernel_size": [3, 3], "outputs": 64}


def parsed_stem(value):
    return parse_stem(Section(value, "net.yaml", "init_cell"))


def parsed_classifier(value):
    return parse_classifier(Section(value, "net.yaml", "classification_cell"))


def stem_with(**block):
    return {"Layer0": {"Branch0": CONV}, "Layer1": {"Branch0": block}}


def stem_error(**block):
    return input_error(parsed_stem, stem_with(**block))


def test_natural_order_compares_numbers_as_numbers():
    names = ["Branch10", "Branch2", "Branch1"]
    assert sorted(names, key=natural_order) == ["Branch1", "Branch2", "Branch10"]


def test_natural_order_is_defined_between_numbers_and_letters():
    assert sorted(["a", "1", "a1", "1a"], key=natural_order) == ["1", "1a", "a", "a1"]


def test_natural_order_takes_any_text():
    assert sorted(["b", "²"], key=natural_order) == ["b", "²"]


def test_layers_are_taken_in_natural_order():
    cell = parsed_stem({"Layer10": {"Branch0": {"block": "lrn"}}, "Layer2": {"Branch0": CONV}})
    assert [layer.name for layer in cell] == ["Layer2", "Layer10"]


def test_branches_of_a_layer_are_taken_in_natural_order():
    cell = parsed_stem({"Layer0": {"Branch10": CONV, "Branch9": CONV}})
    assert [block.branch for block in cell[0].blocks] == ["Branch9", "Branch10"]


def test_an_option_that_was_given_is_returned():
    cell = parsed_stem({"Layer0": {"Branch0": {**CONV, "stride": 2}}})
    assert cell[0].blocks[0].option("stride", 1) == 2


def test_an_option_that_was_not_given_is_its_default():
    assert parsed_stem({"Layer0": {"Branch0": CONV}})[0].blocks[0].option("stride", 1) == 1


@pytest.mark.parametrize(
    "block",
    [
        {**CONV, "stride": 2, "bias": False},
        {"block": "max_pool", "kernel_size": [2, 2]},
        {"block": "lrn"},
        {"block": "dropout", "keep_prob": 0.8},
        {"block": "cutout", "size": 16},
    ],
    ids=lambda block: block["block"],
)
def test_every_stem_block_survives_its_json(block):
    value = stem_with(**block)
    assert fixed_cells.to_dict(parsed_stem(value)) == value


@pytest.mark.parametrize(
    "block",
    [
        {"block": "reduce_mean", "size": [1, 2]},
        {"block": "flatten", "size": [3, 3]},
        {"block": "dropout", "keep_prob": 1.0},
        {"block": "fc", "outputs": 100},
    ],
    ids=lambda block: block["block"],
)
def test_every_classifier_block_survives_its_json(block):
    value = {"Layer0": {"Branch0": block}, "Layer1": CLASSIFIER["Layer1"]}
    assert fixed_cells.to_dict(parsed_classifier(value)) == value


def test_cells_compare_by_value_whatever_the_order_of_their_keys():
    one = {"Layer0": {"Branch0": CONV}, "Layer1": {"Branch0": {"block": "lrn"}}}
    other = {key: one[key] for key in reversed(one)}
    assert parsed_stem(one) == parsed_stem(other)
    assert hash(parsed_stem(one)) == hash(parsed_stem(other))


def test_the_branches_of_the_last_conv_layer_are_summed():
    assert stem_channels(parsed_stem(stem(32, 48))) == 80


def test_only_the_last_conv_layer_counts():
    value = {
        "Layer0": {"Branch0": CONV},
        "Layer1": {"Branch0": {**CONV, "outputs": 24}},
        "Layer2": {"Branch0": {"block": "max_pool", "kernel_size": [3, 3]}},
    }
    assert stem_channels(parsed_stem(value)) == 24


def test_the_last_block_says_the_number_of_classes():
    assert classes(parsed_classifier(CLASSIFIER)) == 10


def test_an_unknown_stem_block_names_its_place_the_known_ones_and_the_nearest():
    assert_says(
        stem_error(block="maxpool", kernel_size=[2, 2]),
        "net.yaml: init_cell.Layer1.Branch0.block",
        "'maxpool'",
        "conv2d, max_pool, lrn, dropout, cutout",
        "did you mean 'max_pool'",
    )


def test_an_unknown_classifier_block_names_the_known_ones():
    value = {"Layer0": {"Branch0": {"block": "lrn"}}}
    text = input_error(parsed_classifier, value)
    assert_says(text, "net.yaml: classification_cell.Layer0.Branch0.block", "'lrn'", "fc-final")


def test_a_stem_block_without_its_required_option_is_an_error():
    text = stem_error(block="conv2d", kernel_size=[3, 3])
    assert text == "net.yaml: init_cell.Layer1.Branch0.outputs: missing"


def test_an_unknown_option_is_an_error_with_the_nearest():
    text = stem_error(**CONV, strides=2)
    assert_says(text, "init_cell.Layer1.Branch0.strides", "unknown key", "did you mean 'stride'")


@pytest.mark.parametrize("size", [[3], [3, 3, 3], 3, [3, 0], ["3", "3"]])
def test_a_kernel_size_is_two_positive_integers(size):
    text = stem_error(block="conv2d", kernel_size=size, outputs=8)
    assert_says(text, "Layer1.Branch0.kernel_size", "two integers >= 1", f"received {size!r}")


@pytest.mark.parametrize("probability", [0, 1.5, "0.8"])
def test_a_keep_probability_is_above_zero_and_at_most_one(probability):
    text = stem_error(block="dropout", keep_prob=probability)
    assert_says(text, "Layer1.Branch0.keep_prob", "> 0 and <= 1", f"received {probability!r}")


def test_a_layer_without_branches_is_an_error():
    text = input_error(parsed_stem, {"Layer0": {}})
    assert_says(text, "net.yaml: init_cell.Layer0", "at least one branch", "received none")


@pytest.mark.parametrize("value", [{}, {"Layer0": {"Branch0": {"block": "lrn"}}}])
def test_a_stem_without_convolution_is_an_error(value):
    text = input_error(parsed_stem, value)
    assert_says(text, "net.yaml: init_cell", "at least one conv2d", "received none")


def test_parallel_branches_in_a_classifier_are_an_error():
    value = {"Layer0": {"A": {"block": "flatten"}, "B": {"block": "flatten"}}}
    text = input_error(parsed_classifier, value)
    assert_says(text, "net.yaml: classification_cell.Layer0", "expected one branch", "received 2")


@pytest.mark.parametrize("value", [{}, {"Layer0": {"Branch0": {"block": "flatten"}}}])
def test_a_classifier_ends_in_a_fully_connected_block(value):
    text = input_error(parsed_classifier, value)
    assert_says(text, "net.yaml: classification_cell", "expected 'fc-final' or 'fc' as the last")


def test_the_stride_of_a_stem_is_the_product_of_its_layers():
    convolution = {"block": "conv2d", "kernel_size": [3, 3], "outputs": 8}
    blocks = [{**convolution, "stride": 3}, {"block": "lrn"}, convolution]
    blocks.append({"block": "max_pool", "kernel_size": [3, 3]})
    layers = {f"Layer{i}": {"Branch0": block} for i, block in enumerate(blocks)}
    assert stem_stride(parsed_stem(layers)) == 3 * 2


def widths(of):
    return [[block.option("outputs") for block in layer.blocks] for layer in of]


def test_the_last_convolution_of_a_stem_sets_its_channels():
    value = {"Layer0": {"Branch0": CONV}, **{"Layer1": {"Branch0": CONV}}}
    deep = parsed_stem({**value, "Layer2": {"Branch0": {"block": "lrn"}}})
    assert widths(with_stem_channels(deep, 5)) == [[64], [5], [None]]


@pytest.mark.parametrize(
    ("channels", "shares"), [(12, [4, 8]), (13, [5, 8]), (1, [1, 1]), (96, [32, 64])]
)
def test_parallel_convolutions_keep_their_shares_and_at_least_one_channel(channels, shares):
    assert widths(with_stem_channels(parsed_stem(stem(16, 32)), channels)) == [shares]


def test_what_stands_beside_the_last_convolution_stays_as_it_is():
    beside = parsed_stem({"Layer0": {"Branch0": CONV, "Branch1": {"block": "lrn"}}})
    (narrow,) = with_stem_channels(beside, 5)
    assert narrow.blocks[1] == beside[0].blocks[1]
    assert stem_channels((narrow,)) == 5


def test_only_the_number_of_channels_changes():
    value = {"Layer0": {"Branch0": {**CONV, "stride": 2, "bias": False}}}
    expected = {"Layer0": {"Branch0": {**CONV, "stride": 2, "bias": False, "outputs": 5}}}
    assert with_stem_channels(parsed_stem(value), 5) == parsed_stem(expected)


def test_without_a_convolution_there_are_no_channels_to_set():
    assert with_stem_channels((), 5) == ()
