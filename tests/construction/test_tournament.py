"""The policy that lets trainings choose: its proposals, and how many of them go on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.config.rankings import random_strength
from nac.construction.restructure import propose
from nac.construction.rounds import Rounds, least_missed
from nac.construction.statistics import Round
from nac.construction.tournament import (
    Tournament,
    ranking_of,
    redrawn,
    rungs,
    surviving,
    tournament_rungs,
)
from tests import strategies
from tests.builders import architecture, input_error, layer, measured, policy

NETWORK = architecture(layer("1x1", "3x3", "5x5"), layer("3x3"), layer("3x3", inputs=[1, 0]))
STRENGTHS = {
    "taylor": {(1, "Branch1"): 1.0, (1, "Branch2"): 2.0, (1, "Branch3"): 3.0},
    "weight_norm": {(1, "Branch1"): 2.0, (1, "Branch2"): 3.0, (1, "Branch3"): 1.0},
}


def settings(**changes):
    return policy(3, **{"policy": "tournament", **changes})


def statistics(ranking, seed=0, rounds=()):
    """Return what is measured of the network by a ranking."""
    strengths = STRENGTHS.get(ranking) or {
        key: random_strength(seed, *key) for key in NETWORK.branches()
    }
    return replace(measured(NETWORK, strengths, {(1, 3): 0.5, (0, 3): 0.25}), rounds=rounds)


def proposed(seed=0, rounds=(), **changes):
    return propose(NETWORK, lambda name: statistics(name, seed, rounds), settings(**changes))


def pruned(decisions):
    return [branch for _, branch in decisions.pruned]


# proposals


def test_each_ranking_proposes_and_the_others_are_random():
    assert list(proposed()) == ["taylor", "weight_norm", "random1", "random2"]
    assert list(proposed(proposals=("nonzero",), children=3)) == ["nonzero", "random1", "random2"]


def test_at_least_one_proposal_is_random():
    rankings = ("taylor", "weight_norm", "mean", "nonzero")
    assert list(proposed(proposals=rankings, children=4)) == [*rankings, "random1"]


def test_a_ranking_proposes_to_prune_its_weakest():
    proposals = proposed()
    assert pruned(proposals["taylor"]) == ["Branch1"]
    assert pruned(proposals["weight_norm"]) == ["Branch3"]


def test_a_ranking_proposes_to_prune_the_smallest_gates():
    assert proposed()["taylor"].kept_skips == {3: (1,)}


def test_random_proposals_prune_random_branches_and_skip_connections():
    proposals = [proposed(seed)[f"random{n}"] for seed in range(8) for n in (1, 2)]
    assert {tuple(pruned(found)) for found in proposals} == {
        ("Branch1",),
        ("Branch2",),
        ("Branch3",),
    }
    assert {found.kept_skips[3] for found in proposals} == {(0,), (1,)}


def test_random_proposals_are_the_same_each_time():
    assert proposed() == proposed()


def test_random_numbers_depend_on_the_seed_the_number_and_the_key():
    drawn = [redrawn(statistics("random", seed), number) for seed in (0, 1) for number in (1, 2)]
    found = [{**statistics.metrics, **statistics.gates} for statistics in drawn]
    assert all(list(values) == [*NETWORK.branches(), (1, 3), (0, 3)] for values in found)
    values = [value for numbers in found for value in numbers.values()]
    assert len(set(values)) == len(values) == 4 * (5 + 2)
    assert all(0.0 <= value < 1.0 for value in values)


def test_a_training_with_rounds_proposes_what_it_removed():
    rounds = (Round(5, 1.0, {"1/Branch2": 0.01, "0-3": 0.5}, ("1/Branch2", "0-3")),)
    found = proposed(rounds=rounds, proposals=("rounds", "taylor"))["rounds"]
    assert pruned(found) == ["Branch2"]
    assert found.kept_skips == {3: (1,)}
    assert found.stages[0].pruned[0].reason.startswith("went in round 1 of 1")


def test_stages_that_rest_do_so_in_all_proposals():
    rounds = (Round(5, 1.0, {}, ()),)
    given_settings = settings(proposals=("rounds", "taylor"))
    proposals = propose(NETWORK, lambda n: statistics(n, 0, rounds), given_settings, {0: "rests"})
    assert not any(found.stages[0].grows for found in proposals.values())
    assert all(found.stages[0].reason.startswith("rests") for found in proposals.values())


def test_what_branches_cost_is_weighed_but_not_in_random_proposals():
    """The strongest branch of layer 1 costs 100 times as much as the others."""
    costs = dict.fromkeys(NETWORK.branches(), 100.0) | {(1, "Branch3"): 10_000.0}

    def measured_with_costs(ranking):
        return replace(statistics(ranking), parameters=costs)

    weighed = propose(NETWORK, measured_with_costs, settings(per_cost=True))
    assert pruned(weighed["taylor"]) == ["Branch3"]
    assert pruned(proposed()["taylor"]) == ["Branch1"]
    assert weighed["random1"].pruned == proposed()["random1"].pruned


def test_the_strengths_of_a_proposal_are_those_of_its_ranking():
    given_settings = settings(ranking="mean", proposals=("taylor", "rounds"))
    names = ("taylor", "rounds", "random1")
    assert [ranking_of(name, given_settings) for name in names] == ["taylor", "mean", "random"]


def test_rounds_as_a_proposal_need_a_training_with_rounds():
    text = input_error(lambda: proposed(proposals=("rounds",)))
    assert text.startswith("statistics: rounds: missing")


def test_a_training_removes_something_only_if_rounds_are_a_proposal():
    with_rounds = settings(proposals=("rounds", "taylor"))
    assert Tournament(settings()).pruning(NETWORK) is None
    assert Tournament(with_rounds).pruning(NETWORK) == Rounds(with_rounds).pruning(NETWORK)


# rungs


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        (2, [(2, 0.5)]),
        (3, [(3, 0.25), (2, 0.5)]),
        (4, [(4, 0.25), (2, 0.5)]),
        (5, [(5, 0.125), (3, 0.25), (2, 0.5)]),
        (8, [(8, 0.125), (4, 0.25), (2, 0.5)]),
    ],
)
def test_half_of_the_networks_go_on_and_train_twice_as_long(children, expected):
    assert rungs(children) == expected


def test_a_single_network_needs_no_rung():
    assert rungs(1) == []


@given(st.integers(2, 100))
def test_rungs_halve_until_two_are_left(children):
    found = rungs(children)
    sizes, shares = zip(*found, strict=True)
    assert (sizes[0], sizes[-1], shares[-1]) == (children, 2, 0.5)
    assert list(sizes[1:]) == [(size + 1) // 2 for size in sizes[:-1]]
    assert list(shares[1:]) == [2 * share for share in shares[:-1]]


def test_a_construction_has_the_rungs_of_its_proposals():
    assert tournament_rungs(settings()) == rungs(4)
    assert tournament_rungs(settings(children=2)) == rungs(3)  # one is random


def test_other_policies_have_no_rungs():
    assert tournament_rungs(policy(3)) == []


def test_the_better_half_survives_best_first():
    assert surviving({"a": 0.4, "b": 0.1, "c": 0.3, "d": 0.2}) == ["b", "d"]


def test_of_an_odd_number_the_larger_half_survives():
    assert surviving({"a": 0.4, "b": 0.1, "c": 0.3}) == ["b", "c"]


def test_of_equal_networks_the_first_survives():
    assert surviving({"a": 0.5, "b": 0.5}) == ["a"]


@given(st.lists(st.floats(0, 9), min_size=2, max_size=20))
def test_as_many_survive_as_the_next_rung_has(values):
    losses = {f"network{number}": value for number, value in enumerate(values)}
    following = [size for size, _ in rungs(len(losses))][1:] or [1]
    survivors = surviving(losses)
    assert len(survivors) == following[0]
    others = [losses[name] for name in losses if name not in survivors]
    assert max(losses[name] for name in survivors) <= min(others)


# all proposals are comparable


def played(step):
    """Return the rounds of a training in which all that can go is missed alike."""
    removing, gone = Rounds(step.policy).pruning(step.architecture), []
    for group in removing.groups:
        missed = dict.fromkeys(group.members, 0.1)
        gone += least_missed(group, removing, (), missed, group.remove)
    return (Round(5, 1.0, dict.fromkeys(gone, 0.1), tuple(gone)),)


@given(strategies.steps(), st.integers(0, 9), st.booleans())
def test_all_proposals_prune_and_grow_equally(step, seed, everywhere):
    changes = {"policy": "tournament", "proposals": ("taylor", "rounds"), "children": 4}
    step = replace(step, policy=replace(step.policy, **changes, prune_all_stages=everywhere))
    rounds = played(step)

    def measure(ranking):
        if ranking != "random":
            return replace(step.statistics, rounds=rounds)
        values = {key: random_strength(seed, *key) for key in step.architecture.branches()}
        return replace(step.statistics, metrics=values)

    proposals = propose(step.architecture, measure, step.policy)
    assert list(proposals) == ["taylor", "rounds", "random1", "random2"]
    counts = {
        (
            tuple(len(stage.pruned) for stage in found.stages),
            found.grown,
            tuple(sorted((layer, len(kept)) for layer, kept in found.kept_skips.items())),
        )
        for found in proposals.values()
    }
    assert len(counts) == 1
