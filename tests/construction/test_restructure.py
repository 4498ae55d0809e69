"""One iteration: what is pruned, what grows, and how the layers are connected afterwards."""

import pytest

from nac.architecture.network import Widener
from nac.config.policies import POLICIES
from nac.construction.decisions import BranchDecision, Decisions, SkipDecision, StageDecision
from nac.construction.policies import Policy, WeakestFirst
from nac.construction.prior import prior
from nac.construction.restructure import decide, layers_after, propose, restructure
from tests.builders import (
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    measured,
    policy,
)

STEM = architecture(layer("3x3")).stem


def names(of, index):
    """Return the names of a layer's branches."""
    return [name for name, _ in of.layer(index).branches]


def iterated(network, policy, iterations):
    """Return the layers per stage of the following networks; every metric is the same."""
    sizes = []
    for _ in range(iterations):
        network = restructure(network, measured(network), policy)
        sizes.append(network.notation.layers)
    return sizes


# which stages grow


@pytest.mark.parametrize(("layers", "yes"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_stage_grows_while_it_is_below_its_limit(layers, yes):
    rules = WeakestFirst(policy(1, max_layers_per_stage=(3,)))
    assert rules.growth(0, layers)[0] is yes


def test_a_stage_without_construction_never_grows():
    assert not WeakestFirst(policy(1, construction=(False,))).growth(0, 1)[0]


def test_a_growing_stage_gets_one_envelope_cell_at_its_end():
    before = architecture(layer("5x5"), WIDENER, layer("7x7"))
    after = restructure(before, measured(before), policy(1, 1))
    cell = (("Branch1", "1x1"), ("Branch2", "3x3"))
    blocks = [entry.branches for _, entry in after.branch_layers()]
    assert blocks == [(("Branch1", "5x5"),), cell, (("Branch1", "7x7"),), cell]
    assert after.layer(3) == Widener()


def test_a_stage_that_does_not_grow_keeps_its_layers():
    before = architecture(layer("3x3"), WIDENER, layer("3x3"))
    after = restructure(before, measured(before), policy(1, 1, construction=(True, False)))
    assert after.notation.layers == (2, 1)


def test_an_empty_stage_grows():
    before = architecture(layer("3x3"), WIDENER)
    assert restructure(before, measured(before), policy(1, 1)).notation.layers == (2, 1)


def test_a_stage_in_which_nothing_may_go_still_grows():
    before = architecture(layer("3x3"), layer("5x5"))
    after = restructure(before, measured(before), policy(2))
    assert after.network[:2] == before.network
    assert after.notation.layers == (3,)


def test_a_network_in_which_no_stage_grows_keeps_its_layers():
    before = architecture(layer("1x1", "3x3"), WIDENER, layer("1x1", outputs=16))
    still = policy(1, 1, construction=(False, False))
    assert restructure(before, measured(before), still) == before


def test_five_iterations_from_2_2_2_give_7_6_2():
    limits = policy(2, 2, 2, max_layers_per_stage=(7, 6, 2))
    assert iterated(prior(limits, STEM, None), limits, 5) == [
        (3, 3, 2),
        (4, 4, 2),
        (5, 5, 2),
        (6, 6, 2),
        (7, 6, 2),
    ]


def test_a_long_first_stage_and_short_others_grow_to_their_limits():
    limits = policy(10, 1, 1, 1, max_layers_per_stage=(16, 6, 4, 4))
    assert iterated(prior(limits, STEM, None), limits, 7) == [
        (11, 2, 2, 2),
        (12, 3, 3, 3),
        (13, 4, 4, 4),
        (14, 5, 4, 4),
        (15, 6, 4, 4),
        (16, 6, 4, 4),
        (16, 6, 4, 4),
    ]


# which branches go

SIX = architecture(layer("1x1", "3x3", "5x5"), layer("1x1", "3x3", "5x5"))
SIX_METRICS = {
    (1, "Branch1"): 6.0,
    (1, "Branch2"): 1.0,
    (1, "Branch3"): 5.0,
    (2, "Branch1"): 2.0,
    (2, "Branch2"): 4.0,
    (2, "Branch3"): 3.0,
}


def test_a_third_of_a_growing_stages_branches_goes_the_weakest_first():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2))
    assert names(after, 1) == ["Branch1", "Branch3"]
    assert names(after, 2) == ["Branch2", "Branch3"]


def test_no_more_than_max_filter_prune_go():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2, max_filter_prune=1))
    assert (names(after, 1), names(after, 2)) == (
        ["Branch1", "Branch3"],
        ["Branch1", "Branch2", "Branch3"],
    )


def test_in_the_worst_case_the_strongest_go():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2, worst_case=True))
    assert names(after, 1) == ["Branch2"]


def test_each_stage_is_ranked_for_itself():
    before = architecture(layer("1x1", "3x3"), WIDENER, layer("1x1", "3x3"))
    weak = {(1, "Branch1"): 1.0, (1, "Branch2"): 2.0, (3, "Branch1"): 40.0, (3, "Branch2"): 30.0}
    after = restructure(before, measured(before, weak), policy(1, 1))
    assert (names(after, 1), names(after, 4)) == (["Branch2"], ["Branch1"])


def test_a_stage_without_construction_keeps_its_branches():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2, construction=(False,)))
    assert len(after.branches()) == 6


def test_a_stage_at_its_limit_keeps_its_branches():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2, max_layers_per_stage=(2,)))
    assert len(after.branches()) == 6


def test_among_equals_branch_2_goes_before_branch_10():
    filters = {"Branch10": "1x1", "Branch2": "3x3", "Branch11": "5x5"}
    before = architecture({"filters": filters, "outputs": 8})
    after = restructure(before, measured(before), policy(1))
    assert names(after, 1) == ["Branch10", "Branch11"]


def test_the_new_cell_is_not_pruned_before_it_was_measured():
    after = restructure(SIX, measured(SIX, SIX_METRICS), policy(2))
    assert names(after, 3) == ["Branch1", "Branch2"]


# how layers are connected

STILL = {"construction": (False,)}


def sources_after(before, gates, policy, index):
    return restructure(before, measured(before, gates=gates), policy).layer(index).inputs


def test_the_larger_half_of_a_layers_skips_stays_by_falling_gate():
    before = architecture(*[layer("3x3")] * 4, layer("3x3", inputs=[3, 2, 1, 0]))
    gates = {(3, 5): 0.1, (2, 5): 0.4, (1, 5): 0.2, (0, 5): 0.5}
    assert sources_after(before, gates, policy(5, **STILL), 5) == (0, 2)


def test_skips_are_pruned_in_a_stage_that_does_not_grow():
    before = architecture(layer("3x3"), WIDENER, layer("3x3", inputs=[1, 0]))
    some = policy(1, 1, construction=(False, False))
    assert sources_after(before, {(1, 3): 0.1, (0, 3): 0.2}, some, 3) == (0,)


def test_a_layers_last_skip_stays():
    before = architecture(*[layer("3x3")] * 2, layer("3x3", inputs=[1]))
    assert sources_after(before, {(1, 3): -5.0}, policy(3, **STILL), 3) == (1,)


def test_all_sources_become_a_list_with_the_stem_as_it_is():
    before = architecture(*[layer("3x3")] * 3, layer("3x3", inputs="all"))
    gates = {(0, 4): 0.9, (1, 4): 0.1, (2, 4): 0.5}
    assert sources_after(before, gates, policy(4, **STILL), 4) == (0, 2)


def test_a_source_behind_a_new_layer_is_renumbered():
    before = architecture(layer("3x3"), WIDENER, *[layer("3x3")] * 2, layer("3x3", inputs=[3]))
    grown = policy(1, 3, construction=(True, False))
    assert sources_after(before, {}, grown, 6)[0] == 4


def test_a_widener_as_source_is_renumbered():
    before = architecture(layer("3x3"), WIDENER, layer("3x3"), layer("3x3", inputs=[2]))
    assert sources_after(before, {}, policy(1, 2, construction=(True, False)), 5)[0] == 3


def test_a_layer_with_gates_gets_the_new_layers_before_it_as_last_sources():
    before = architecture(
        layer("3x3"), WIDENER, layer("3x3"), WIDENER, layer("3x3"), layer("3x3", inputs=[3, 1])
    )
    gates = {(3, 6): 0.1, (1, 6): 0.2}
    assert sources_after(before, gates, policy(1, 1, 2), 8) == (1, 2, 5)


def test_a_layer_does_not_get_a_new_layer_behind_it():
    before = architecture(layer("3x3"), layer("3x3"), layer("3x3", inputs=[1]))
    assert sources_after(before, {}, policy(3), 3) == (1,)


def test_a_layer_with_an_empty_list_gets_no_new_source():
    before = architecture(layer("3x3"), WIDENER, layer("3x3", inputs=[]))
    assert sources_after(before, {}, policy(1, 1), 4) == ()


def test_without_pruning_of_skips_all_stay_as_listed_whatever_their_gates():
    before = architecture(*[layer("3x3")] * 3, layer("3x3", inputs=[2, 0, 1]))
    gates = {(2, 4): -0.5, (0, 4): 0.1, (1, 4): 0.9}
    kept = sources_after(before, gates, policy(4, prune_skips=False, **STILL), 4)
    assert kept == (2, 0, 1)


def test_a_layer_without_skip_machinery_gets_none():
    before = architecture(layer("3x3"), WIDENER, layer("3x3"))
    assert sources_after(before, {}, policy(1, 1, skip=True), 4) is None


def test_all_in_the_first_layer_means_no_source_and_stays():
    before = architecture(layer("3x3", inputs="all"))
    after = restructure(before, measured(before), policy(1))
    assert after.sources(1) == ()


def test_a_new_layer_is_connected_to_all_before_its_predecessor_nearest_first():
    before = architecture(layer("3x3"), WIDENER, layer("3x3"))
    assert sources_after(before, {}, policy(1, 1, skip=True), 5) == (3, 2, 1)


def test_a_new_layer_without_skips_has_no_skip_machinery():
    before = architecture(layer("3x3"), layer("3x3"), layer("3x3", inputs=[1]))
    assert sources_after(before, {}, policy(3), 4) is None


# channels and cells


def test_channels_follow_the_grown_stages_limits():
    before = architecture(layer("3x3"), layer("3x3"), channels=64)
    after = restructure(before, measured(before), policy(2, parameter_limits=(True,)))
    assert [entry.outputs for _, entry in after.branch_layers()] == [26, 26, 64]


def test_channels_that_were_written_by_hand_become_the_rules():
    before = architecture(layer("3x3", outputs=99), WIDENER, layer("3x3", outputs=99), channels=8)
    after = restructure(before, measured(before), policy(1, 1, construction=(False, False)))
    assert [entry.outputs for _, entry in after.branch_layers()] == [8, 16]


def test_stem_and_classifier_stay():
    before = architecture(layer("3x3"))
    after = restructure(before, measured(before), policy(1))
    assert (after.stem, after.classifier) == (before.stem, before.classifier)


# decisions


def test_decisions_say_what_goes_stays_and_grows_in_old_numbers():
    before = architecture(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[1, 0]))
    statistics = measured(before, {(1, "Branch2"): 0.5}, {(1, 3): 0.3, (0, 3): 0.2})
    some = policy(1, 1, construction=(True, False))
    decisions = decide(before, statistics, some)
    assert decisions.pruned == ((1, "Branch2"),)
    assert decisions.kept_skips == {3: (1,)}
    assert decisions.pruned_skips == 1
    assert decisions.grown == (0,)


def test_a_layer_that_loses_all_of_its_skip_connections_is_in_the_decisions():
    decisions = Decisions((), (SkipDecision(0, 3, 0.5, False, "too small"),))
    assert decisions.kept_skips == {3: ()}


class Everything(Policy):
    """A policy that prunes every branch."""

    def decide(self, architecture, statistics):
        """Return the decisions."""
        pruned = (BranchDecision(*key, "", 0.0, True, "") for key in architecture.branches())
        return Decisions((StageDecision(False, "", tuple(pruned)),), ())


@pytest.fixture
def everything():
    """Return settings with a policy of the test's own."""
    POLICIES.register("everything", Everything)
    yield policy(1, policy="everything")
    POLICIES.unregister("everything")


def test_a_policy_that_leaves_a_layer_without_branches_is_an_error(everything):
    before = architecture(layer("3x3"))
    text = input_error(restructure, before, measured(before), everything)
    assert_says(text, "envelopenet.policy", "everything", "layer 1", "at least one")


def test_a_proposal_that_leaves_a_layer_without_branches_is_an_error(everything):
    network = architecture(layer("1x1", "3x3"))
    text = input_error(propose, network, lambda _: measured(network), everything)
    assert_says(text, "prunes all branches of layer 1")


def test_most_policies_propose_what_they_decide():
    network = architecture(layer("1x1", "3x3"))
    settings, asked = policy(1, ranking="taylor"), []

    def measure(ranking):
        asked.append(ranking)
        return measured(network)

    decisions = decide(network, measured(network), settings)
    assert propose(network, measure, settings) == {"": decisions}
    assert asked == ["taylor"]


def test_most_policies_let_a_training_remove_nothing():
    assert WeakestFirst(policy(1)).pruning(architecture(layer("1x1", "3x3"))) is None


def test_an_unknown_policy_is_an_error():
    before = architecture(layer("3x3"))
    text = input_error(restructure, before, measured(before), policy(1, policy="weakst"))
    assert_says(text, "envelopenet.policy", "'weakst'", "did you mean 'weakest'?")


def test_an_architecture_with_other_stages_is_an_error():
    before = architecture(layer("3x3"), WIDENER, layer("3x3"))
    text = input_error(restructure, before, measured(before), policy(1))
    assert_says(text, "architecture", "expected 1 stages", "received 2")


def test_a_network_that_grows_too_narrow_is_an_error():
    before = architecture(*[layer("1x1", "3x3", "5x5")] * 2, channels=4)
    limited = policy(2, parameter_limits=(True,))
    text = input_error(restructure, before, measured(before), limited)
    assert_says(text, "layer 2", "1 channels", "3 branches")


# what becomes of layers


def test_a_new_cell_has_no_index_before():
    network = architecture(layer("3x3"), layer("3x3"), WIDENER, layer("3x3"))
    assert layers_after(network, (0, 1)) == (1, 2, None, 3, 4, None)
    assert layers_after(network, (1,)) == (1, 2, 3, 4, None)
    assert layers_after(network, ()) == (1, 2, 3, 4)
