"""Which branches go and which skip connections stay."""

import pytest

from nac.construction.pruning import branches_to_prune, prune_limit, skips_to_keep

WEAK = (1, "Branch1")


@pytest.mark.parametrize(
    ("branches", "at_most", "limit"),
    [
        (12, 6, 4),  # a third
        (11, 6, 3),  # rounded down
        (30, 6, 6),  # max_filter_prune is less than a third
        (12, 1, 1),
        (2, 6, 1),  # a third of two is nothing, one may go all the same
        (0, 6, 1),
    ],
)
def test_a_third_may_go_at_most_max_filter_prune_at_least_one(branches, at_most, limit):
    assert prune_limit(branches, at_most) == limit


def test_the_weakest_go_first():
    metrics = {(1, "Branch1"): 3.0, (1, "Branch2"): 1.0, (2, "Branch1"): 2.0, (2, "Branch2"): 4.0}
    assert branches_to_prune(metrics, 2) == [(1, "Branch2"), (2, "Branch1")]


def test_no_more_than_the_limit_go():
    metrics = {(1, f"Branch{number}"): float(number) for number in range(6)}
    assert branches_to_prune(metrics, 3) == [(1, "Branch0"), (1, "Branch1"), (1, "Branch2")]


def test_the_only_branch_of_a_layer_never_goes():
    metrics = {(1, "Branch1"): 0.0, (2, "Branch1"): 5.0, (2, "Branch2"): 6.0}
    assert branches_to_prune(metrics, 1) == [(2, "Branch1")]


def test_the_last_branch_of_a_layer_stays_when_the_others_go():
    metrics = {(1, "Branch1"): 1.0, (1, "Branch2"): 2.0, (1, "Branch3"): 3.0}
    assert branches_to_prune(metrics, 3) == [(1, "Branch1"), (1, "Branch2")]


def test_nothing_goes_where_every_layer_has_one_branch():
    assert branches_to_prune({(1, "Branch1"): 1.0, (2, "Branch1"): 2.0}, 1) == []


def test_nothing_goes_from_an_empty_stage():
    assert branches_to_prune({}, 1) == []


def test_among_equals_the_first_goes_first():
    metrics = dict.fromkeys([(1, "Branch2"), (1, "Branch10"), (2, "Branch1")], 1.0)
    assert branches_to_prune(metrics, 1) == [(1, "Branch2")]


def test_in_the_worst_case_the_strongest_go_first():
    metrics = {(1, "Branch1"): 3.0, (1, "Branch2"): 1.0, (2, "Branch1"): 4.0, (2, "Branch2"): 2.0}
    assert branches_to_prune(metrics, 2, strongest_first=True) == [(2, "Branch1"), (1, "Branch1")]


def test_in_the_worst_case_the_first_among_equals_goes_first_too():
    metrics = dict.fromkeys([(1, "Branch1"), (1, "Branch2"), (2, "Branch1")], 1.0)
    assert branches_to_prune(metrics, 1, strongest_first=True) == [(1, "Branch1")]


def test_in_the_worst_case_the_last_branch_of_a_layer_stays_too():
    metrics = {(1, "Branch1"): 9.0, (2, "Branch1"): 1.0, (2, "Branch2"): 2.0}
    assert branches_to_prune(metrics, 2, strongest_first=True) == [(2, "Branch2")]


@pytest.mark.parametrize(("gates", "kept"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_the_larger_half_of_the_skips_stays_rounded_up(gates, kept):
    assert len(skips_to_keep({source: float(source) for source in range(gates)})) == kept


def test_kept_skips_are_listed_by_falling_gate():
    assert skips_to_keep({1: 0.2, 2: 0.9, 3: 0.5, 4: 0.1}) == [2, 3]


def test_gates_are_compared_with_their_sign():
    assert skips_to_keep({1: -0.9, 2: 0.1}) == [2]


def test_among_equal_gates_the_source_listed_first_stays():
    assert skips_to_keep({3: 0.5, 1: 0.5, 2: 0.5}) == [3, 1]


def test_a_layer_without_gates_keeps_none():
    assert skips_to_keep({}) == []
