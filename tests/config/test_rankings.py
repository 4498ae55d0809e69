"""The table of rankings."""

import pytest

from nac.config.rankings import BRANCH_GATE, DEFAULT, RANKINGS, random_strength


def test_the_default_is_amlas():
    assert DEFAULT == "mean_square"
    assert DEFAULT in RANKINGS


@pytest.mark.parametrize("name", RANKINGS)
def test_each_ranking_says_in_one_line_what_it_is(name):
    assert RANKINGS[name].about
    assert "\n" not in RANKINGS[name].about


def test_a_metric_is_its_own_strength():
    assert RANKINGS["taylor"].strength({"taylor": 2.0, "mean": 3.0}) == 2.0


def test_a_negative_gate_is_as_strong_as_a_positive_one():
    assert RANKINGS[BRANCH_GATE].strength({"branch_gate": -0.5}) == 0.5


def test_random_numbers_are_the_same_each_time():
    assert random_strength(0, 3, "Branch2") == 0.8089931521879283


@pytest.mark.parametrize("other", [(1, 3, "Branch2"), (0, 2, "Branch2"), (0, 3, "Branch1")])
def test_random_numbers_depend_on_seed_layer_and_branch(other):
    assert random_strength(*other) != random_strength(0, 3, "Branch2")


def test_random_numbers_are_spread_over_0_to_1():
    numbers = [random_strength(seed, 1, "Branch1") for seed in range(1000)]
    assert 0.0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1.0
    assert abs(sum(numbers) / 1000 - 0.5) < 0.03
