"""The prior, and whether a construction can stay within limits."""

import pytest

from nac.architecture.fixed_cells import parse_classifier, parse_stem
from nac.architecture.network import BranchLayer, Widener
from nac.construction.costs import count
from nac.construction.prior import check_possible_growth, dense_sources, prior
from nac.construction.width import Limit
from nac.utils.schema import Section
from tests.builders import (
    CLASSIFIER,
    assert_says,
    input_error,
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


FIXED_CLASSIFIER = parse_classifier(Section(CLASSIFIER, "net.json"))


def parameters(network):
    return count(network, (8, 8, 1)).parameters


def test_with_limits_the_prior_is_as_wide_as_they_allow():
    limit = Limit("parameters", parameters, 10_000)
    cost = parameters(prior(policy(2, 1), fixed_stem(8), FIXED_CLASSIFIER, [limit]))
    assert 9_700 <= cost <= 10_000


def check_growth(most, iterations=2, **changes):
    """One stage of one layer that may grow to nine; count layers in place of weights."""
    limit = Limit("layers", lambda network: len(network.network), most)
    settings = policy(1, **changes)
    check_possible_growth(settings, fixed_stem(8), FIXED_CLASSIFIER, iterations, [limit])


def test_a_construction_within_limits_passes():
    check_growth(most=3)


def test_the_prior_must_meet_the_limits():
    text = input_error(check_growth, 0.5)
    assert_says(text, "budget.layers", "at least 1", "1/1/2", "received 0.50")


def test_the_network_that_grows_without_pruning_must_meet_the_limits():
    assert_says(input_error(check_growth, 2), "budget.layers", "at least 3", "1/3/2", "received 2")


def test_a_stage_that_is_left_alone_does_not_grow():
    check_growth(most=1, construction=(False,))


def test_a_stage_grows_to_its_largest_depth_only():
    check_growth(most=2, max_layers_per_stage=(2,))
