"""The policy that prunes within a training: what goes in which round, and what it is said to be."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.architecture.keys import branch_key, gate_key
from nac.config.pruning import Group, Pruning
from nac.construction.decisions import SkipDecision
from nac.construction.policies import prune_limit
from nac.construction.restructure import decide, restructure
from nac.construction.rounds import (
    Rounds,
    candidates,
    due_rounds,
    least_missed,
    quota,
    round_shares,
)
from nac.construction.statistics import Round, Statistics, parse_statistics
from nac.utils.records import to_json
from tests import strategies
from tests.builders import WIDENER, architecture, input_error, layer, measured, policy

STAGE = Group(("1/A", "1/B", "2/A", "2/B"), 2)
SKIPS = Group(("0-3", "1-3"), 2)


def pruning(*groups, **changes):
    """Return a pruning in one round after half of the training."""
    values = {"rounds": 1, "begin": 0.5, "end": 0.8, "candidates": 6, "images": 8}
    return Pruning(**{"ranking": "taylor", **values, **changes}, groups=groups)


# when


def test_rounds_are_evenly_spaced():
    shares = round_shares(pruning(rounds=4, begin=0.2, end=0.8))
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_a_single_round_is_the_first_one():
    assert round_shares(pruning(rounds=1, begin=0.4, end=0.75)) == [0.4]


@pytest.mark.parametrize(
    ("progress", "rounds"), [(0.0, 0), (0.49, 0), (0.5, 1), (0.64, 1), (0.65, 2), (1.0, 3)]
)
def test_a_round_is_due_from_its_share_on(progress, rounds):
    assert due_rounds(pruning(rounds=3), progress) == rounds


def test_a_progress_that_is_short_of_a_share_by_rounding_counts():
    # 0.1 + 0.2 + 0.4 is less than 0.7.
    assert due_rounds(pruning(begin=0.7), 0.1 + 0.2 + 0.4) == 1


# how many


@pytest.mark.parametrize(
    ("remove", "rounds", "gone"),
    [
        (5, 4, [2, 3, 4, 5]),  # 1.25, 2.5, 3.75 and 5, rounded up
        (2, 4, [1, 1, 2, 2]),
        (4, 2, [2, 4]),
        (3, 1, [3]),
        (0, 3, [0, 0, 0]),
    ],
)
def test_equal_parts_go_in_each_round_the_larger_ones_first(remove, rounds, gone):
    group = Group(("1/A",), remove)
    settings = pruning(rounds=rounds)
    assert [quota(group, settings, number) for number in range(1, rounds + 1)] == gone


# which are measured


def measured_in_a_round(strengths, group=STAGE, gone=(), count=1, **changes):
    return candidates(group, pruning(**changes), gone, strengths, count)


STRENGTHS = {"1/A": 4.0, "1/B": 1.0, "2/A": 2.0, "2/B": 3.0}


def test_the_weakest_are_measured():
    assert measured_in_a_round(STRENGTHS, candidates=2) == ["1/B", "2/A"]


def test_all_are_measured_if_there_are_no_more():
    assert measured_in_a_round(STRENGTHS, candidates=9) == ["1/B", "2/A", "2/B", "1/A"]


def test_in_the_worst_case_the_strongest_are_measured():
    assert measured_in_a_round(STRENGTHS, candidates=2, strongest=True) == ["1/A", "2/B"]


def test_what_has_gone_is_not_measured_nor_the_last_branch_of_a_layer():
    assert measured_in_a_round(STRENGTHS, gone=["1/B"]) == ["2/A", "2/B"]


def test_at_least_as_many_are_measured_as_are_to_go():
    assert measured_in_a_round(STRENGTHS, count=2, candidates=1) == ["1/B", "2/A"]


def test_more_are_measured_if_so_few_cannot_all_go():
    # Both of the weakest are in layer 1, and one of them has to stay.
    strengths = {"1/A": 1.0, "1/B": 2.0, "2/A": 4.0, "2/B": 3.0}
    assert measured_in_a_round(strengths, count=2, candidates=2) == ["1/A", "1/B", "2/B"]


def test_all_are_measured_if_fewer_can_go_than_are_to_go():
    assert measured_in_a_round(STRENGTHS, count=3, candidates=1) == ["1/B", "2/A", "2/B", "1/A"]


def test_every_skip_connection_of_a_layer_can_go():
    assert measured_in_a_round({"0-3": 0.5, "1-3": 0.25}, SKIPS, count=2) == ["1-3", "0-3"]


def test_layer_11_is_not_layer_1():
    group = Group(("1/A", "11/A", "11/B"), 1)
    strengths = {"1/A": 0.0, "11/A": 1.0, "11/B": 2.0}
    assert measured_in_a_round(strengths, group) == ["11/A", "11/B"]


# which go


def going(missed, count=2, group=STAGE, gone=(), **changes):
    return least_missed(group, pruning(**changes), gone, missed, count)


MISSED = {"1/A": 0.3, "1/B": -0.1, "2/A": 0.2, "2/B": 0.4}


def test_the_least_missed_go_first():
    assert going(MISSED) == ["1/B", "2/A"]


def test_no_more_go_than_are_to_go():
    assert going(MISSED, count=1) == ["1/B"]


def test_in_the_worst_case_the_most_missed_go():
    assert going(MISSED, strongest=True) == ["2/B", "1/A"]


def test_the_last_branch_of_a_layer_stays_though_it_is_missed_less():
    assert going({"1/A": 0.1, "1/B": 0.2, "2/A": 0.4, "2/B": 0.3}) == ["1/A", "2/B"]


def test_what_went_in_earlier_rounds_counts_for_the_last_one_of_a_layer():
    assert going({"1/A": 0.1, "2/A": 0.3, "2/B": 0.2}, gone=["1/B"]) == ["2/B"]


def test_of_equally_missed_ones_the_first_goes():
    assert going({"2/B": 0.1, "1/A": 0.1, "2/A": 0.1}, count=1) == ["2/B"]


def test_all_skip_connections_of_a_layer_may_go():
    assert going({"0-3": 0.5, "1-3": 0.25}, group=SKIPS) == ["1-3", "0-3"]


# what a training is to remove

THREE = ("1x1", "3x3", "5x5")
NETWORK = architecture(layer(*THREE), layer(*THREE), WIDENER, layer("1x1", "3x3", inputs=[1, 0]))


def groups_of(network=NETWORK, settings=None, **changes):
    """Return the groups of a network from which something may go."""
    settings = settings or policy(2, 1, **changes)
    return [group for group in Rounds(settings).pruning(network).groups if group.members]


def test_each_stage_and_each_layer_with_skip_connections_is_a_group():
    first = tuple(f"{index}/Branch{number}" for index in (1, 2) for number in (1, 2, 3))
    assert groups_of() == [
        Group(first, 2),  # a third of six
        Group(("4/Branch1", "4/Branch2"), 1),  # at least one
        Group(("1-4", "0-4"), 1),  # the smaller half
    ]


def test_no_more_go_than_there_are_beside_the_last_ones_of_their_layers():
    network = architecture(layer("1x1"), layer("1x1"), layer("1x1", "3x3"))
    (group,) = groups_of(network, policy(3, max_filter_prune=6, prune_share=1.0))
    assert group.remove == 1


def test_as_many_go_as_the_settings_say():
    first, *_ = groups_of(prune_share=0.5)
    assert first.remove == 3
    first, *_ = groups_of(prune_share=0.5, max_filter_prune=1)
    assert first.remove == 1


def test_a_stage_that_does_not_grow_is_left_alone():
    assert groups_of(max_layers_per_stage=(2, 9))[0].members == ("4/Branch1", "4/Branch2")


def test_a_stage_with_all_of_its_layers_is_pruned_if_asked_for():
    settings = {"max_layers_per_stage": (2, 9), "prune_all_stages": True}
    assert len(groups_of(**settings)) == 3
    assert len(groups_of(**settings, construction=(False, True))) == 2


def test_without_pruning_of_skip_connections_they_are_no_group():
    assert len(groups_of(prune_skips=False)) == 2


def test_a_layer_with_a_single_skip_connection_keeps_it():
    (_, skips) = groups_of(architecture(layer("1x1"), layer("1x1", inputs=[0])), policy(2))
    assert skips == Group(("0-2",), 0)


def test_the_settings_say_how_rounds_measure():
    found = Rounds(policy(2, 1, rounds=3, candidates=5, ranking="taylor")).pruning(NETWORK)
    assert (found.rounds, found.candidates, found.ranking) == (3, 5, "taylor")
    assert 0.0 < found.begin < found.end < 1.0
    assert not found.strongest


def test_in_the_worst_case_a_training_removes_what_is_missed_most():
    assert Rounds(policy(2, 1, worst_case=True)).pruning(NETWORK).strongest


# decisions

PLAYED = (
    Round(5, 1.0, {"2/Branch1": 0.01, "1/Branch2": 0.2, "4/Branch1": 0.5}, ("2/Branch1",)),
    Round(9, 1.1, {"1/Branch2": -0.002, "4/Branch1": 0.25, "0-4": 0.1}, ("1/Branch2", "0-4")),
)
NOTHING = (Round(5, 1.0, {}, ()),)
"""A training in which nothing was removed."""


def decided(rounds=PLAYED, **changes):
    """Return decisions about a network whose branches are stronger the later they stand."""
    metrics = {key: float(rank) for rank, key in enumerate(NETWORK.branches(), start=1)}
    statistics = measured(NETWORK, metrics, {(1, 4): 0.25, (0, 4): 0.75})
    settings = policy(2, 1, policy="rounds", **changes)
    return decide(NETWORK, replace(statistics, rounds=rounds), settings)


def test_what_a_training_removed_is_pruned_in_that_order():
    assert decided().pruned == ((2, "Branch1"), (1, "Branch2"))


def test_each_branch_that_went_says_when_and_how_much_it_was_missed():
    reasons = [branch.reason for branch in decided().stages[0].pruned]
    assert reasons == [
        "went in round 1 of 2, missed least: loss +0.01000",
        "went in round 2 of 2, missed least: loss -0.00200",
    ]


def test_the_branches_that_stay_follow_weakest_first_and_say_why():
    stay = decided().stages[0].branches[2:]
    assert [(branch.layer, branch.branch) for branch in stay] == [
        (1, "Branch1"),
        (1, "Branch3"),
        (2, "Branch2"),
        (2, "Branch3"),
    ]
    assert {branch.reason for branch in stay} == {"was not among the least missed"}


def test_branches_have_their_strength_by_the_ranking():
    assert [branch.strength for branch in decided().stages[0].branches] == [4, 2, 1, 3, 5, 6]


def test_stages_grow_as_with_the_other_policies():
    assert decided(max_layers_per_stage=(2, 9)).grown == (1,)


def test_a_stage_that_does_not_grow_keeps_its_branches():
    stage = decided(NOTHING, max_layers_per_stage=(2, 9)).stages[0]
    assert {branch.reason for branch in stage.branches} == {"its stage does not grow"}


def test_skip_connections_stay_by_falling_gate_and_say_why():
    assert decided().skips == (
        SkipDecision(0, 4, 0.75, False, "went in round 2 of 2, missed least: loss +0.10000"),
        SkipDecision(1, 4, 0.25, True, "was not among the least missed"),
    )
    assert decided(NOTHING).kept_skips == {4: (0, 1)}


def test_skip_connections_that_are_not_to_be_pruned_stay_as_listed():
    skips = decided(NOTHING, prune_skips=False).skips
    assert [(skip.source, skip.reason) for skip in skips] == [
        (1, "prune_skips: false keeps all"),
        (0, "prune_skips: false keeps all"),
    ]


def test_in_the_worst_case_reasons_speak_of_the_most_missed():
    rounds = (Round(5, 1.0, {"1/Branch3": 0.5, "1/Branch1": 0.25}, ("1/Branch3",)),)
    gone, *stay = decided(rounds, worst_case=True, prune_skips=False).stages[0].branches
    assert gone.reason == "went in round 1 of 1, missed most: loss +0.50000"
    assert {branch.reason for branch in stay} == {"was not among the most missed"}


def test_a_training_without_rounds_is_one_line():
    assert input_error(lambda: decided(())) == (
        "statistics: rounds: missing; a training for the policy rounds writes them"
    )


# properties


def played(settings, strengths, missed):
    """Return the rounds of a training.

    Args:
        settings: What it is to remove.
        strengths: Key -> strength of a branch, or size of a gate.
        missed: Function of the number of a round and a key: by how much the loss is higher.
    """
    rounds, gone = [], []
    for number in range(1, settings.rounds + 1):
        found, removed = {}, []
        for group in settings.groups:
            count = quota(group, settings, number) - sum(key in gone for key in group.members)
            if count > 0:
                keys = candidates(group, settings, gone, strengths, count)
                readings = {key: missed(number, key) for key in keys}
                removed += least_missed(group, settings, gone, readings, count)
                found |= readings
        gone += removed
        rounds.append(Round(number, 1.0, found, tuple(removed)))
    return tuple(rounds)


def readings(seed):
    """Return what a training measures: a number for each round and key, no two of them equal."""
    return lambda number, key: random.Random(f"{seed}/{number}/{key}").gauss(0.0, 1.0)


@st.composite
def trainings(draw):
    """Return a network with settings and measurements, and the rounds of its training."""
    stages = st.lists(st.sampled_from([3, 2, 4, 1]), min_size=2, max_size=3)  # branches of layers
    stages = draw(st.lists(stages, min_size=1, max_size=2))
    inputs, layers = draw(st.sampled_from([None, "all"])), []
    for number, stage in enumerate(stages):
        layers += [WIDENER] if number else []
        layers += [layer(*strategies.BLOCKS[:count], inputs=inputs) for count in stage]
    network = architecture(*layers, channels=16)
    settings = policy(
        *map(len, stages),
        policy="rounds",
        rounds=draw(st.sampled_from([1, 2, 4])),
        candidates=draw(st.integers(1, 3)),
        max_layers_per_stage=tuple(draw(st.integers(3, 4)) for _ in stages),
        construction=tuple(draw(st.booleans()) or not number for number, _ in enumerate(stages)),
        max_filter_prune=draw(st.sampled_from([6, 4, 1])),
        prune_share=draw(st.sampled_from([0.6, 1.0, None])),
        prune_all_stages=draw(st.booleans()),
        worst_case=draw(st.booleans()),
    )
    generator = random.Random(draw(st.integers(0, 99)))
    metrics = {key: generator.choice([0.0, 1.0, 2.0]) for key in network.branches()}
    gates = {key: generator.gauss(0.0, 1.0) for key in network.skip_connections()}
    strengths = {branch_key(*key): strength for key, strength in metrics.items()}
    strengths |= {gate_key(*key): abs(gate) for key, gate in gates.items()}
    removing, seed = Rounds(settings).pruning(network), generator.random()
    statistics = Statistics(metrics, gates, played(removing, strengths, readings(seed)))
    return strategies.Step(network, statistics, settings), removing, seed


def removed_by(rounds):
    return [key for entry in rounds for key in entry.removed]


@given(trainings())
def test_no_layer_loses_its_last_branch(training):
    step, _, _ = training
    gone = Counter(key.partition("/")[0] for key in removed_by(step.statistics.rounds))
    for index, found in step.architecture.branch_layers():
        assert gone[str(index)] < len(found.branches)


@given(trainings())
def test_after_each_round_exactly_its_quota_of_every_group_has_gone(training):
    step, removing, _ = training
    for number in range(1, removing.rounds + 1):
        gone = removed_by(step.statistics.rounds[:number])
        for group in removing.groups:
            assert sum(key in gone for key in group.members) == quota(group, removing, number)


@given(trainings())
def test_in_the_end_a_stage_has_lost_as_many_branches_as_its_limit_and_its_layers_allow(training):
    step, _, _ = training
    settings, gone = step.policy, removed_by(step.statistics.rounds)
    for number, stage in enumerate(step.architecture.stages):
        keys = [branch_key(*key) for key in step.architecture.branches() if key[0] in stage]
        limit = prune_limit(len(keys), settings.max_filter_prune, settings.prune_share)
        below = len(stage) < settings.max_layers_per_stage[number]
        pruned = settings.construction[number] and (below or settings.prune_all_stages)
        expected = min(limit, len(keys) - len(stage)) if pruned else 0
        assert sum(key in gone for key in keys) == expected


@given(trainings())
def test_nothing_goes_twice_or_without_being_measured(training):
    step, removing, _ = training
    known = {key for group in removing.groups for key in group.members}
    gone = removed_by(step.statistics.rounds)
    assert len(gone) == len(set(gone))
    assert set(gone) <= known
    for entry in step.statistics.rounds:
        assert set(entry.removed) <= set(entry.missed)


@given(trainings(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_members_does_not_matter(training, shuffling):
    _, removing, seed = training

    def shuffled(values):
        return tuple(shuffling.sample(values, len(values)))

    keys = [key for group in removing.groups for key in group.members]
    strengths = {key: readings(f"strength {seed}")(0, key) for key in keys}
    groups = tuple(replace(group, members=shuffled(group.members)) for group in removing.groups)
    other = replace(removing, groups=shuffled(groups))
    first, second = (played(of, strengths, readings(seed)) for of in (removing, other))
    assert [set(entry.removed) for entry in first] == [set(entry.removed) for entry in second]


@given(trainings())
def test_what_is_missed_less_than_all_that_went_was_the_last_of_its_layer(training):
    step, removing, _ = training
    sign = -1.0 if removing.strongest else 1.0
    gone: list[str] = []
    for entry in step.statistics.rounds:
        gone += entry.removed
        for group in removing.groups:
            removed = [sign * entry.missed[key] for key in entry.removed if key in group.members]
            stayed = set(group.members) & set(entry.missed) - set(gone)
            for key in stayed:
                if removed and sign * entry.missed[key] < max(removed):
                    layer, _, _ = key.partition("/")
                    left = {k for k in group.members if k.startswith(f"{layer}/")} - set(gone)
                    assert left == {key}


@given(trainings())
def test_decisions_prune_what_the_training_removed_and_nothing_else(training):
    step, _, _ = training
    decisions = decide(step.architecture, step.statistics, step.policy)
    pruned = {branch_key(*key) for key in decisions.pruned}
    pruned |= {gate_key(s.source, s.destination) for s in decisions.skips if not s.kept}
    assert pruned == set(removed_by(step.statistics.rounds))
    assert all(branch.reason for stage in decisions.stages for branch in stage.branches)


@given(trainings())
def test_stages_grow_whatever_the_training_removed(training):
    step, _, _ = training
    plain = replace(step.policy, policy="weakest")
    grown = decide(step.architecture, step.statistics, plain).grown
    assert decide(step.architecture, step.statistics, step.policy).grown == grown


@given(trainings())
def test_the_next_network_has_what_was_left_and_an_envelope_cell_per_growing_stage(training):
    step, _, _ = training
    decisions = decide(step.architecture, step.statistics, step.policy)
    after = restructure(step.architecture, step.statistics, step.policy)
    before = len(step.architecture.branches()) - len(decisions.pruned)
    cell = len(step.policy.envelopecell)
    assert len(after.branches()) == before + cell * len(decisions.grown)


@given(trainings())
def test_rounds_survive_their_file(training):
    step, _, _ = training
    statistics = step.statistics
    value = {
        "featuremaps": {branch_key(*k): {"taylor": v} for k, v in statistics.metrics.items()},
        "gates": {gate_key(*key): gate for key, gate in statistics.gates.items()},
        "rounds": [to_json(entry) for entry in statistics.rounds],
    }
    assert parse_statistics(value, step.architecture, "s.json", "taylor") == Statistics(
        statistics.metrics, statistics.gates, statistics.rounds
    )
