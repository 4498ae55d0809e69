"""How many channels each layer has by the rule."""

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.construction.channels import (
    check_stages,
    layer_widths,
    limited_width,
    stage_widths,
    with_channels,
)
from tests.builders import (
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    network,
    policy,
    stem,
)


def outputs(of):
    return [entry.outputs for _, entry in of.branch_layers()]


@pytest.mark.parametrize(
    ("layers", "channels"),
    [
        (3, 26),  # 64 / 1 * (sqrt 2 - 1) = 26.5
        (4, 23),  # 64 / 2 * (sqrt 3 - 1) = 23.4
        (5, 21),  # 64 / 3 * (sqrt 4 - 1) = 21.3
        (10, 16),  # 64 / 8 * (sqrt 9 - 1) = 16
    ],
)
def test_a_longer_stage_has_fewer_channels_under_limits(layers, channels):
    assert int(limited_width(64, layers)) == channels


@pytest.mark.parametrize("layers", [1, 2])
def test_where_the_formula_divides_by_zero_the_target_stands(layers):
    assert limited_width(64, layers) == 64


def test_without_limits_every_layer_has_the_target():
    assert stage_widths(64, 3, limited=False) == [64, 64, 64]


def test_the_last_layer_of_a_limited_stage_has_the_target():
    assert [int(width) for width in stage_widths(64, 3, limited=True)] == [26, 26, 64]


def test_a_limited_stage_of_one_layer_has_the_target():
    assert stage_widths(64, 1, limited=True) == [64]


def test_an_empty_stage_has_no_channels():
    assert stage_widths(64, 0, limited=True) == []


def test_the_target_doubles_with_each_stage():
    three = architecture(layer("3x3"), WIDENER, layer("3x3"), WIDENER, layer("3x3"), channels=10)
    assert outputs(with_channels(three, policy(1, 1, 1))) == [10, 20, 40]


def test_the_first_target_is_the_sum_over_the_stems_branches():
    two = architecture_from_dict(
        network(layer("3x3"), WIDENER, layer("3x3"), init_cell=stem(32, 48))
    )
    assert outputs(with_channels(two, policy(1, 1))) == [80, 160]


def test_limits_are_those_of_the_layers_own_stage():
    stages = architecture(*[layer("3x3")] * 3, WIDENER, *[layer("3x3")] * 3, channels=64)
    limits = policy(3, 3, parameter_limits=(True, False))
    assert outputs(with_channels(stages, limits)) == [26, 26, 64, 128, 128, 128]


def test_channels_need_a_stem():
    bare = architecture_from_dict(network(layer("3x3")))
    assert_says(input_error(with_channels, bare, policy(1)), "init_cell", "missing")


def test_a_layer_with_fewer_channels_than_branches_is_an_error():
    wide = architecture(layer("1x1"), layer("1x1", "3x3", "5x5"), channels=2)
    text = input_error(with_channels, wide, policy(2))
    assert_says(text, "layer 2", "2 channels", "3 branches")


def test_a_layer_of_another_kind_cannot_be_constructed_from():
    head = {"auxiliary": {"Branch1": "Dense"}, "outputs": 10}
    text = input_error(check_stages, architecture(layer("3x3"), head), policy(2))
    assert_says(text, "architecture: layer 2", "branch layers and wideners", "received Auxiliary")


def test_other_stages_than_the_policys_are_an_error():
    text = input_error(check_stages, architecture(layer("3x3"), WIDENER), policy(1, 1, 1))
    assert_says(text, "architecture", "expected 3 stages", "received 2")


def test_the_first_target_need_not_be_a_whole_number():
    two = architecture(layer("3x3"), WIDENER, layer("3x3"))
    assert layer_widths(two, policy(1, 1), 2.5) == {1: 2.5, 3: 5.0}
