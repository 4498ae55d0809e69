"""Networks made by hand in the width at which they cost as much as another network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.architecture.handmade import NETWORKS, Handmade
from nac.construction.equal_cost import MEASURES, TOLERANCE, equal_cost
from nac.construction.handmade_costs import handmade_costs
from tests.builders import input_error

SHAPE = (28, 28, 1)


@given(st.sampled_from(list(NETWORKS)), st.integers(5_000, 5_000_000))
def test_parameters_are_met_within_three_percent(name, target):
    network = equal_cost(name, target, "parameters", SHAPE, classes=10)
    assert handmade_costs(network, SHAPE).parameters == pytest.approx(target, rel=TOLERANCE)


@given(st.sampled_from(list(NETWORKS)), st.integers(4_000_000, 2_000_000_000))
def test_flops_are_met_within_three_percent(name, target):
    network = equal_cost(name, target, "flops", SHAPE, classes=10)
    assert handmade_costs(network, SHAPE).flops == pytest.approx(target, rel=TOLERANCE)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_cost_of_a_network_is_met_exactly(measure):
    costs = handmade_costs(Handmade("resnet", 1.5, 10), SHAPE)
    target = MEASURES[measure](costs)
    assert handmade_costs(equal_cost("resnet", target, measure, SHAPE, 10), SHAPE) == costs


def test_the_narrowest_network_is_met_exactly():
    narrowest = Handmade("plain_cnn", 0.0001, 10)
    target = handmade_costs(narrowest, SHAPE).parameters
    assert equal_cost("plain_cnn", target, "parameters", SHAPE, 10) == narrowest


def test_the_nearer_of_two_neighbors_is_chosen():
    below, above = (handmade_costs(Handmade("resnet", w, 10), SHAPE) for w in (0.9999, 1.0))
    for costs, target in ((below, below.parameters + 1), (above, above.parameters - 1)):
        network = equal_cost("resnet", target, "parameters", SHAPE, 10)
        assert handmade_costs(network, SHAPE) == costs


def test_classes_and_cutout_are_passed_on():
    network = equal_cost("resnet", 100_000, "parameters", SHAPE, classes=7, cutout=16)
    assert (network.classes, network.cutout) == (7, 16)


def test_a_target_below_the_narrowest_network_is_one_line():
    narrowest = handmade_costs(Handmade("mobilenet_v2", 0.0001, 10), SHAPE).parameters
    assert input_error(equal_cost, "mobilenet_v2", 100, "parameters", SHAPE, 10) == (
        "mobilenet_v2: expected a width at which it has 100 parameters within 3%; the nearest that"
        f" it can have is {narrowest:,}"
    )
