"""What branches are worth for what they cost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.construction.policies import WeakestFirst
from nac.construction.value import values_for_cost, width_taken
from tests.builders import architecture, assert_says, input_error, layer, measured, policy

COUNTS = st.integers(1, 10_000)


def first(key):
    return key[0]


def test_a_strength_counts_relative_to_its_layer():
    values = values_for_cost(
        {"1a": 1.0, "1b": 3.0, "2a": 500.0}, dict.fromkeys(["1a", "1b", "2a"], 1), first
    )
    assert values == {"1a": 0.5, "1b": 1.5, "2a": 1.0}


def test_it_is_divided_by_the_root_of_the_parameters():
    assert values_for_cost({"1a": 6.0, "1b": 6.0}, {"1a": 9, "1b": 100}, first) == {
        "1a": pytest.approx(1 / 3),
        "1b": pytest.approx(1 / 10),
    }


def test_a_layer_without_any_strength_is_worth_nothing():
    assert values_for_cost({"1a": 0.0}, {"1a": 4}, first) == {"1a": 0.0}


def test_a_branch_without_parameters_takes_as_much_as_one_with_a_single_one():
    assert width_taken(0) == width_taken(1) == 1.0


@given(st.dictionaries(st.text(min_size=1), COUNTS, min_size=1), st.floats(0.1, 10))
def test_values_do_not_depend_on_the_scale_of_a_layer(parameters, scale):
    one = values_for_cost(dict.fromkeys(parameters, 1.0), parameters, lambda key: 0)
    other = values_for_cost(dict.fromkeys(parameters, scale), parameters, lambda key: 0)
    assert other == pytest.approx(one)


@given(st.lists(COUNTS, min_size=2, unique=True))
def test_of_equally_strong_branches_the_dearest_are_worth_least(counts):
    parameters = dict(enumerate(counts))
    values = values_for_cost(dict.fromkeys(parameters, 1.0), parameters, lambda key: 0)
    assert sorted(values, key=values.get) == sorted(parameters, key=lambda key: -parameters[key])


# the policy

NETWORK = architecture(layer("1x1", "3x3"))
COSTS = {(1, "Branch1"): 4, (1, "Branch2"): 36}


def pruned(settings, strengths):
    statistics = measured(NETWORK, dict(zip(NETWORK.branches(), strengths, strict=True)))
    rules = WeakestFirst(settings)
    stage = rules.decide_stage(0, NETWORK, replace(statistics, parameters=COSTS))
    return [branch.branch for branch in stage.pruned], stage


@pytest.mark.parametrize(("per_cost", "goes"), [(False, "Branch1"), (True, "Branch2")])
def test_a_branch_that_is_weak_for_its_cost_goes(per_cost, goes):
    """Of strengths 1 and 2 the second one costs nine times as much: three times the width."""
    assert pruned(policy(1, per_cost=per_cost), [1.0, 2.0])[0] == [goes]


def test_in_the_worst_case_the_strongest_for_its_cost_goes():
    assert pruned(policy(1, per_cost=True, worst_case=True), [1.0, 2.0])[0] == ["Branch1"]


def test_the_reasons_say_so_and_the_strength_stays_as_measured():
    _, stage = pruned(policy(1, per_cost=True), [1.0, 2.0])
    assert_says(stage.branches[0].reason, "rank 1 of 2, weakest first for its cost")
    assert [branch.strength for branch in stage.branches] == [2.0, 1.0]


def test_unknown_costs_are_one_line():
    rules = WeakestFirst(policy(1, per_cost=True))
    text = input_error(rules.decide_stage, 0, NETWORK, measured(NETWORK))
    assert_says(text, "featuremaps.1/Branch1.parameters: missing", "envelopenet.per_cost")
