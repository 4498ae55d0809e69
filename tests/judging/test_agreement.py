"""Kendall's tau of each ranking, per stage, over stages and over seeds."""

import pytest

from nac.judging.agreement import agreement, over_seeds, stagewise
from nac.judging.result import Agreement, JudgedBranch, MeanAgreement


def branch(stage, loss_increase, **metrics):
    return JudgedBranch(1, "Branch1", "3x3", stage, loss_increase, 0.0, metrics)


def silencing(branches):
    """Return the agreement with the loss increase without each branch."""
    return agreement(branches, [one.loss_increase for one in branches])


TWO_STAGES = [
    branch(1, 0.1, mean=1.0, taylor=3.0, parameters=5),
    branch(1, 0.2, mean=2.0, taylor=2.0, parameters=5),
    branch(1, 0.3, mean=3.0, taylor=1.0, parameters=5),
    branch(2, 5.0, mean=1.0, taylor=1.0, parameters=1),
    branch(2, 4.0, mean=2.0, taylor=1.0, parameters=2),
]


def test_each_stage_has_a_tau_of_its_own():
    assert silencing(TWO_STAGES)["mean"].stages == (1.0, -1.0)


def test_stages_count_alike_whatever_their_size():
    assert silencing(TWO_STAGES)["mean"].mean == 0.0


def test_a_constant_ranking_has_no_tau_and_the_mean_is_of_the_others():
    found = silencing(TWO_STAGES)
    assert found["taylor"] == Agreement((-1.0, None), -1.0)
    assert found["parameters"] == Agreement((None, -1.0), -1.0)


def test_without_any_order_there_is_no_mean():
    found = silencing([branch(1, 0.1, mean=1.0), branch(1, 0.2, mean=1.0)])
    assert found["mean"] == Agreement((None,), None)


def test_gates_are_judged_by_their_size():
    found = silencing([branch(1, 0.1, branch_gate=0.5), branch(1, 0.2, branch_gate=-1.0)])
    assert found["branch_gate"].mean == 1.0


def test_a_ranking_that_some_branch_lacks_is_left_out():
    found = silencing([branch(1, 0.1, mean=1.0, taylor=1.0), branch(1, 0.2, mean=2.0)])
    assert list(found) == ["mean"]


def test_branches_may_be_worth_something_else_than_their_loss_increase():
    found = agreement(TWO_STAGES, [3.0, 2.0, 1.0, 1.0, 2.0])
    assert found["mean"] == Agreement((-1.0, 1.0), 0.0)


def test_a_stage_of_which_no_branch_is_judged_has_no_tau():
    branches = [branch(3, 0.0), branch(1, 0.0), branch(3, 0.0)]
    found = stagewise(branches, [1.0, 2.0, 2.0], [1.0, 2.0, 2.0])
    assert found == Agreement((None, None, 1.0), 1.0)


def test_over_seeds_by_hand():
    seeds = [{"mean": Agreement((0.5, 1.0), 0.75)}, {"mean": Agreement((0.0, None), 0.0)}]
    # The deviation of 0.75 and 0 is 0.75 / sqrt(2).
    expected = MeanAgreement((0.25, 1.0), 0.375, deviation=pytest.approx(0.75 / 2**0.5))
    assert over_seeds(seeds) == {"mean": expected}


def test_one_seed_has_no_deviation():
    found = over_seeds([{"mean": Agreement((0.5,), 0.5)}])
    assert found == {"mean": MeanAgreement((0.5,), 0.5, deviation=None)}
