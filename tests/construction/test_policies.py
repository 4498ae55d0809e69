"""The policy of the paper: which branches go, which skip connections stay, and the reasons."""

import pytest

from nac.construction.decisions import SkipDecision
from nac.construction.policies import WeakestFirst, prune_limit
from tests.builders import architecture, layer, measured, policy


def branches_to_prune(metrics, limit, strongest_first=False):
    """Return the branches of one stage that go, by the policy's own order and choice."""
    layers: dict[int, dict[str, str]] = {}
    for index, name in metrics:
        layers.setdefault(index, {})[name] = "3x3"
    network = architecture(*({"filters": names, "outputs": 8} for names in layers.values()))
    rules = WeakestFirst(policy(len(layers), worst_case=strongest_first))
    ranked = rules.ranked(0, network, measured(network, metrics))
    return [key for key, (goes, _) in rules.choose(ranked, limit).items() if goes]


def skip_decisions(gates, **changes):
    """Return what happens to the skip connections into layer 6 with these gates by source."""
    layers = [layer("3x3")] * 5 + [layer("3x3", inputs=list(gates))]
    network = architecture(*layers)
    gates = {(source, 6): gate for source, gate in gates.items()}
    rules = WeakestFirst(policy(6, **changes))
    return list(rules.decide_skips(6, network, measured(network, gates=gates)))


def skips_to_keep(gates):
    """Return the sources that stay, in the order in which they become inputs."""
    return [decision.source for decision in skip_decisions(gates) if decision.kept]


def stage_decision(*layers, **changes):
    """Return what happens to a stage whose branches are stronger the later they stand."""
    network = architecture(*layers)
    metrics = {key: float(rank) for rank, key in enumerate(network.branches())}
    rules = WeakestFirst(policy(len(layers), **changes))
    return rules.decide_stage(0, network, measured(network, metrics))


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


@pytest.mark.parametrize(
    ("branches", "at_most", "share", "limit"),
    [
        (12, 9, 0.5, 6),
        (11, 9, 0.5, 5),  # rounded down
        (12, 4, 0.5, 4),  # max_filter_prune is less
        (12, 9, 1.0, 9),
        (12, 12, 1.0, 12),
        (12, 9, 0.05, 1),  # at least one
        (100, 99, 0.29, 29),  # 0.29 * 100 is 28.999999999999996
    ],
)
def test_another_share_may_go(branches, at_most, share, limit):
    assert prune_limit(branches, at_most, share) == limit


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
    assert WeakestFirst(policy(1)).choose([], 1) == {}


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


# the reasons


def test_each_branch_has_a_reason():
    decision = stage_decision(layer("1x1"), layer("1x1", "3x3", "5x5"))
    assert [(b.layer, b.block, b.pruned, b.reason) for b in decision.branches] == [
        (1, "1x1", False, "the last branch of its layer always stays"),
        (2, "1x1", True, "rank 2 of 4, weakest first"),
        (2, "3x3", False, "rank 3 of 4, weakest first; 1 may go"),
        (2, "5x5", False, "rank 4 of 4, weakest first; 1 may go"),
    ]


def test_the_branches_up_to_the_last_one_that_goes_were_considered():
    decision = stage_decision(layer("1x1"), layer("1x1", "3x3"), layer("1x1", "3x3"))
    assert [(b.layer, b.pruned) for b in decision.considered] == [(1, False), (2, True)]


def test_a_growing_stage_says_how_many_may_go():
    assert stage_decision(layer("1x1", "3x3")).reason == (
        "grows by one envelope cell, as it may have 9 layers; 1 of its 2 branches may go,"
        " weakest first"
    )


def test_the_worst_case_says_that_the_strongest_go_first():
    assert stage_decision(layer("1x1", "3x3"), worst_case=True).reason.endswith("strongest first")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"construction": (False,)}, "is left as it is (construction: false)"),
        ({"max_layers_per_stage": (1,)}, "has all of its 1 layers and does not grow"),
    ],
)
def test_a_stage_that_does_not_grow_says_why_and_keeps_all(changes, reason):
    decision = stage_decision(layer("1x1", "3x3"), **changes)
    assert (decision.grows, decision.reason, decision.pruned) == (False, reason, ())
    assert {branch.reason for branch in decision.branches} == {"its stage does not grow"}


def test_the_share_of_the_settings_may_go():
    decision = stage_decision(layer("1x1", "3x3", "5x5", "7x7"), prune_share=0.5)
    assert [branch.block for branch in decision.pruned] == ["1x1", "3x3"]
    assert "; 2 of its 4 branches may go" in decision.reason


def test_a_stage_with_all_of_its_layers_is_pruned_if_asked_for():
    changes = {"max_layers_per_stage": (1,), "prune_all_stages": True}
    decision = stage_decision(layer("1x1", "3x3"), **changes)
    assert [branch.block for branch in decision.pruned] == ["1x1"]
    assert (decision.grows, decision.reason) == (
        False,
        "has all of its 1 layers and does not grow; 1 of its 2 branches may go, weakest first",
    )


def test_a_stage_that_is_left_as_it_is_is_not_pruned_with_the_others():
    changes = {"construction": (False,), "prune_all_stages": True}
    assert stage_decision(layer("1x1", "3x3"), **changes).pruned == ()


def test_each_skip_connection_has_a_reason():
    assert skip_decisions({1: 0.5, 2: 0.75}) == [
        SkipDecision(2, 6, 0.75, True, "among the largest 1 of 2 gates"),
        SkipDecision(1, 6, 0.5, False, "not among the largest 1 of 2 gates"),
    ]


def test_without_pruning_all_skip_connections_stay_as_listed():
    kept = skip_decisions({1: 0.5, 2: 0.75}, prune_skips=False)
    assert [(skip.source, skip.kept) for skip in kept] == [(1, True), (2, True)]


def test_a_stage_without_pruned_branches_considered_none():
    decision = stage_decision(layer("1x1"), layer("1x1"))
    assert (decision.grows, decision.considered) == (True, ())
