"""The prior, and how many channels each layer has."""

import pytest

from nac.architecture.fixed_cells import parse_classifier, parse_stem
from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import BranchLayer, Widener
from nac.construction.prior import (
    check_stages,
    dense_sources,
    limited_outputs,
    prior,
    stage_outputs,
    with_channels,
)
from nac.utils.schema import Section
from tests.builders import (
    CLASSIFIER,
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    network,
    policy,
    stem,
)


def fixed_stem(*channels):
    return parse_stem(Section(stem(*channels), "net.json", "init_cell"))


def outputs(of):
    return [entry.outputs for _, entry in of.branch_layers()]


def inputs(of):
    return [entry.inputs for _, entry in of.branch_layers()]


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
    assert limited_outputs(64, layers) == channels


@pytest.mark.parametrize("layers", [1, 2])
def test_where_the_formula_divides_by_zero_the_target_stands(layers):
    assert limited_outputs(64, layers) == 64


def test_without_limits_every_layer_has_the_target():
    assert stage_outputs(64, 3, limited=False) == [64, 64, 64]


def test_the_last_layer_of_a_limited_stage_has_the_target():
    assert stage_outputs(64, 3, limited=True) == [26, 26, 64]


def test_a_limited_stage_of_one_layer_has_the_target():
    assert stage_outputs(64, 1, limited=True) == [64]


def test_an_empty_stage_has_no_channels():
    assert stage_outputs(64, 0, limited=True) == []


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


@pytest.mark.parametrize(
    ("index", "sources"), [(1, ()), (2, ()), (3, (1,)), (4, (2, 1)), (6, (4, 3, 2, 1))]
)
def test_a_new_layer_has_all_before_its_predecessor_but_the_stem_nearest_first(index, sources):
    assert dense_sources(index) == sources


def test_the_prior_has_an_envelope_cell_per_layer_and_a_widener_between_stages():
    first = prior(policy(2, 1), fixed_stem(8), None)
    cell = (("Branch1", "1x1"), ("Branch2", "3x3"))
    assert first.network == (
        BranchLayer(cell, 8),
        BranchLayer(cell, 8),
        Widener(),
        BranchLayer(cell, 16),
    )


def test_the_prior_with_skips_connects_every_layer_to_all_before_its_predecessor():
    first = prior(policy(2, 2, skip=True), fixed_stem(8), None)
    assert inputs(first) == [(), (), (2, 1), (3, 2, 1)]


def test_the_prior_without_skips_has_no_skip_machinery():
    assert inputs(prior(policy(2, 2), fixed_stem(8), None)) == [None] * 4


def test_the_prior_follows_the_parameter_limits():
    first = prior(policy(3, parameter_limits=(True,)), fixed_stem(64), None)
    assert outputs(first) == [26, 26, 64]


def test_the_prior_has_the_cells_that_it_was_given():
    classifier = parse_classifier(Section(CLASSIFIER, "net.json"))
    first = prior(policy(1), fixed_stem(8), classifier)
    assert (first.stem, first.classifier) == (fixed_stem(8), classifier)


def test_the_priors_notation_is_what_the_policy_says():
    assert str(prior(policy(2, 2, 2), fixed_stem(64), None).notation) == "64/2-2-2/2"


def test_a_stem_too_narrow_for_an_envelope_cell_is_an_error():
    text = input_error(prior, policy(1), fixed_stem(1), None)
    assert_says(text, "layer 1", "1 channels", "2 branches", "init_cell")
