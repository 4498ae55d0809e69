"""The human-readable explanation of a restructuring."""

from nac.construction.explain import explain
from nac.construction.restructure import apply, decide
from tests.builders import WIDENER, architecture, layer, measured, policy

BEFORE = architecture(
    layer("1x1", "3x3sep"), WIDENER, layer("5x5", "7x7", inputs=[1, 0]), channels=8
)
METRICS = {(1, "Branch1"): 12.5, (1, "Branch2"): 0.25, (3, "Branch1"): 3.0, (3, "Branch2"): 2.0}
GATES = {(1, 3): 0.125, (0, 3): 0.5}


def text(before=BEFORE, metrics=None, gates=None, **changes):
    rules = policy(*before.notation.layers, **changes)
    statistics = measured(before, metrics or {}, gates or {})
    decisions = decide(before, statistics, rules)
    following = apply(before, decisions, rules)
    return explain(before, decisions, following, rules.ranking)


def test_the_whole_text():
    assert text(
        metrics=METRICS,
        gates=GATES,
        construction=(True, False),
        max_layers_per_stage=(3, 1),
        skip=True,
    ) == (
        "stage 1, 1 layer: grows by one envelope cell, as it may have 3 layers;"
        " 1 of its 2 branches may go, weakest first; pruned: 1\n"
        "layer  branch   block   mean_square          reason\n"
        "-----  -------  ------  -----------  ------  ------------------------------------\n"
        "    1  Branch2  3x3sep         0.25  pruned  rank 1 of 2, weakest first\n"
        "    1  Branch1  1x1            12.5  kept    rank 2 of 2, weakest first; 1 may go\n"
        "\n"
        "stage 2, 1 layer: is left as it is (construction: false); pruned: 0\n"
        "layer  branch   block  mean_square        reason\n"
        "-----  -------  -----  -----------  ----  -----------------------\n"
        "    3  Branch2  7x7              2  kept  its stage does not grow\n"
        "    3  Branch1  5x5              3  kept  its stage does not grow\n"
        "\n"
        "skip connections\n"
        "source-destination   gate          reason\n"
        "------------------  -----  ------  ----------------------------------\n"
        "0-3                   0.5  kept    among the largest 1 of 2 gates\n"
        "1-3                 0.125  pruned  not among the largest 1 of 2 gates\n"
        "\n"
        "envelope cells added\n"
        "layer  stage  outputs  sources (new numbers)\n"
        "-----  -----  -------  ---------------------\n"
        "    2      1        8  none\n"
        "\n"
        "8/1-1/2 -> 8/2-1/2"
    )


def test_the_worst_case_is_named():
    assert "1 of its 2 branches may go, strongest first" in text(metrics=METRICS, worst_case=True)


def test_the_column_of_strengths_is_named_after_the_ranking():
    assert "block   taylor" in text(metrics=METRICS, ranking="taylor")


def test_without_gates_there_is_no_table_of_skip_connections():
    assert "skip connections" not in text(architecture(layer("1x1", "3x3")))


def test_without_growth_there_is_no_table_of_new_cells():
    still = text(metrics=METRICS, construction=(False, False))
    assert "envelope cells added" not in still
    assert still.endswith("8/1-1/2 -> 8/1-1/2")


def test_a_new_cell_without_skip_machinery_has_a_dash_for_its_sources():
    added = text(architecture(layer("3x3"))).split("\n\n")[1]
    assert added.splitlines()[-1].split() == ["2", "1", "8", "-"]


def test_a_new_cells_sources_are_listed():
    added = text(construction=(False, True), skip=True).split("\n\n")[3]
    assert added.splitlines()[-1] == "    4      2       16  2, 1"
