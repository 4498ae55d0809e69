"""What was pruned, and why, on an iteration whose values were chosen by hand."""

from pathlib import Path

from nac.construction.restructure import decide
from nac.reporting.pruned_rows import skip_rows, stage_rows
from nac.runs.saved_run import Iteration
from tests.builders import WIDENER, architecture, layer, measured, policy

NETWORK = architecture(
    layer("1x1"),
    layer("1x1", "3x3", "5x5", inputs=[0]),
    WIDENER,
    layer("1x1", "3x3", inputs=[2, 1, 0], outputs=16),
)
METRICS = {
    (1, "Branch1"): 0.1,
    (2, "Branch1"): 0.4,
    (2, "Branch2"): 0.2,
    (2, "Branch3"): 0.3,
    (4, "Branch1"): 0.9,
    (4, "Branch2"): 0.8,
}
GATES = {(0, 2): 0.5, (2, 4): 0.25, (1, 4): 0.75, (0, 4): -0.5}


def iteration(rules):
    statistics = measured(NETWORK, METRICS, GATES)
    return Iteration(Path("000"), NETWORK, {}, statistics, decide(NETWORK, statistics, rules))


def test_a_branch_that_went_has_its_block_its_metric_and_its_place():
    rules = policy(2, 1)
    first, _ = stage_rows(iteration(rules), rules)
    assert (first.number, first.layers, first.branches, first.limit) == (1, 2, 4, 1)
    [row] = first.pruned
    assert (row.layer, row.branch, row.block, row.metric) == (2, "Branch2", "3x3", 0.2)
    assert row.place == 2


def test_a_weaker_branch_that_is_the_last_of_its_layer_is_named():
    rules = policy(2, 1)
    first, second = stage_rows(iteration(rules), rules)
    assert [(row.layer, row.branch) for row in first.spared] == [(1, "Branch1")]
    assert second.spared == ()


def test_in_the_worst_case_the_strongest_has_the_first_place():
    rules = policy(2, 1, worst_case=True)
    first, _ = stage_rows(iteration(rules), rules)
    [row] = first.pruned
    assert (row.branch, row.metric, row.place) == ("Branch1", 0.4, 1)


def test_a_stage_at_its_limit_is_not_grown_and_loses_nothing():
    rules = policy(2, 1, max_layers_per_stage=(2, 9))
    first, second = stage_rows(iteration(rules), rules)
    assert (first.grown, first.most, first.pruned, first.spared) == (False, 2, (), ())
    assert second.grown


def test_skips_stand_by_falling_gate_on_the_side_of_their_fate():
    first, second = skip_rows(iteration(policy(2, 1)))
    assert (first.layer, first.kept, first.pruned) == (2, ((0, 0.5),), ())
    assert (second.layer, second.kept) == (4, ((1, 0.75), (2, 0.25)))
    assert second.pruned == ((0, -0.5),)
