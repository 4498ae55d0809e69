"""Each rule of pruning, on networks of two and of six layers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.replaying.readings import Outcome
from nac.replaying.rules import RULES, once, rounds, tournament, weakest
from nac.replaying.table import NetworkTable
from tests.replaying.tables import ACCURACIES, TINY, Scripted, six_layers


def test_rounds_reads_anew_after_each_removal():
    # 22 -> 21 (89 rather than 88) -> 11 (85 rather than 75) -> 01 (70 rather than 60)
    assert rounds(TINY, 20, 0.0, Random(0)) == Outcome("01", readings=6, tau=1.0)


def test_once_keeps_to_the_order_of_its_readings():
    # Layer 1 is missed less (89) than layer 0 (88). So 22 -> 21 -> 11, and again layer 1: 10. At
    # 22 the readings are right (tau 1), at 11 they are not: 01 would have been better (tau -1).
    # The removal between has no choice.
    assert once(TINY, 20, 0.0, Random(0)) == Outcome("10", readings=2, tau=0.0)


def test_weakest_reads_anew_when_a_third_of_the_layers_was_degraded():
    # One iteration degrades layers 0 and 1; the readings agree with what the second removal does.
    assert weakest(six_layers(), 11, 0.0, Random(0)) == Outcome("112222", readings=6, tau=1.0)
    # The next one degrades layer 0, which is missed least now as before.
    assert weakest(six_layers(), 10, 0.0, Random(0)) == Outcome("012222", readings=12, tau=1.0)


def test_weakest_degrades_at_least_one_layer_before_it_reads_anew():
    assert weakest(TINY, 20, 0.0, Random(0)) == Outcome("01", readings=6, tau=1.0)


def test_noise_can_mislead():
    # 12 is read as 90, 21 as 89: so 12, then 11 (85 rather than 80).
    assert rounds(TINY, 30, 1.0, Scripted(2.0, 0.0)) == Outcome("11", readings=4, tau=0.0)


def test_tournament_reads_those_that_it_measures_a_second_time():
    # Both networks of each step are measured, as there are fewer than four.
    assert tournament(TINY, 30, 0.0, Random(0)) == Outcome("11", readings=8, tau=1.0)


def test_tournament_measures_the_three_best_and_one_of_the_others():
    # Readings are right. The last one measured, a random one, is read much too well.
    generator = Scripted(*[0.0] * 9, 50.0)
    # The worst of the six: the generator chooses the last.
    expected = Outcome("222221", readings=6 + 4, tau=1.0)
    assert tournament(six_layers(), 12, 1.0, generator) == expected


def test_tournament_keeps_the_network_that_is_measured_best():
    # 12 is proposed first, but measured as 88 beside 21 with 89.
    generator = Scripted(5.0, 0.0)
    assert tournament(TINY, 40, 1.0, generator) == Outcome("21", readings=4, tau=-1.0)


@pytest.mark.parametrize("name", RULES)
def test_a_network_within_the_budget_is_not_pruned(name):
    assert RULES[name](TINY, 50, 1.0, Random(0)).network == "22"


@pytest.mark.parametrize("name", RULES)
@given(
    accuracies=st.lists(st.floats(0, 100), min_size=9, max_size=9),
    flops=st.lists(st.integers(1, 50), min_size=9, max_size=9),
    noise=st.floats(0, 10),
    spare=st.integers(0, 60),
)
def test_pruning_ends_within_the_budget_at_a_network_of_the_table(
    name, accuracies, flops, noise, spare
):
    costs = dict(zip(ACCURACIES, flops, strict=True))
    table = NetworkTable("any.json", dict(zip(ACCURACIES, accuracies, strict=True)), costs)
    budget = costs["00"] + spare
    network = RULES[name](table, budget, noise, Random(0)).network
    assert costs[network] <= budget
