"""Which stages rest, by what the networks of the iterations so far reached."""

import pytest

from nac.construction.growth import resting_stages
from nac.construction.policies import WeakestFirst
from tests.builders import WIDENER, architecture, layer, measured, policy

CELL = layer("1x1", "3x3")
IN_TURN = policy(1, 1, min_gain=0.01)


def network(first: int, second: int):
    """Return a network of two stages with so many layers."""
    return architecture(*[CELL] * first, WIDENER, *[CELL] * second)


def test_without_the_key_no_stage_rests():
    trained = [(network(1, 1), 0.9), (network(2, 2), 0.1)]
    assert resting_stages(policy(1, 1), trained) == {}


def test_the_first_stage_grows_first():
    resting = resting_stages(IN_TURN, [(network(1, 1), 0.5)])
    assert resting == {1: "waits, as stage 1 grows in this iteration"}


def test_the_stage_after_the_one_that_grew_grows_next():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.6)]
    assert list(resting_stages(IN_TURN, trained)) == [0]


def test_after_the_last_stage_it_is_the_turn_of_the_first_one():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.6), (network(2, 2), 0.7)]
    assert list(resting_stages(IN_TURN, trained)) == [1]


def test_a_stage_whose_cell_gained_too_little_stops():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.505)]
    assert resting_stages(IN_TURN, trained) == {
        0: "does not grow any more, as its newest cell gained +0.50 points and less than 1"
    }


def test_a_gain_of_just_enough_is_enough():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.51)]
    assert list(resting_stages(policy(1, 1, min_gain=0.01 - 1e-12), trained)) == [0]


def test_a_stage_that_has_stopped_is_passed_over():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.4), (network(2, 2), 0.6)]
    assert list(resting_stages(IN_TURN, trained)) == [0]  # the second one grows again


def test_stages_that_may_not_grow_do_not_wait():
    settings = policy(1, 1, 1, min_gain=0.0, construction=(False, True, True))
    three = architecture(CELL, WIDENER, CELL, WIDENER, CELL)
    assert list(resting_stages(settings, [(three, 0.5)])) == [2]


def test_when_all_stages_have_stopped_none_waits():
    trained = [(network(1, 1), 0.5), (network(2, 1), 0.4), (network(2, 2), 0.3)]
    assert set(resting_stages(IN_TURN, trained)) == {0, 1}


@pytest.mark.parametrize(("number", "grows"), [(0, False), (1, True)])
def test_a_policy_lets_a_stage_rest_and_says_why(number, grows):
    rules = WeakestFirst(policy(1, 1))
    rules.resting = {0: "rests"}
    decision = rules.decide_stage(number, network(1, 1), measured(network(1, 1)))
    assert decision.grows is grows
    assert ("rests" in decision.reason) is not grows
