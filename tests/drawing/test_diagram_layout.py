"""Where the parts of an architecture diagram stand."""

from nac.architecture.network import Architecture, MicroCell, Widener2
from nac.drawing.diagram_layout import LEFT, RIGHT, RIGHT_OF_CELLS, layout
from tests.builders import WIDENER, architecture, layer


def test_rows_go_from_stem_to_classifier():
    plan = layout(architecture(layer("1x1"), WIDENER, layer("1x1")))
    assert [(row.index, row.kind, row.stage) for row in plan.rows] == [
        (0, "end", None),
        (1, "branches", 1),
        (2, "reduction", None),
        (3, "branches", 2),
        (4, "end", None),
    ]


def test_a_layer_says_the_channels_that_leave_it():
    plan = layout(architecture(layer("1x1", "3x3", "5x5", outputs=32)))
    assert (plan.rows[0].note, plan.rows[1].note) == ("8 channels", "30 ch")


def test_a_micro_network_has_a_row_per_cell_and_a_stage_between_reductions():
    cells = ("normal_cell", "reduction_cell", "auxiliary_classifier", "normal_cell")
    plan = layout(Architecture(tuple(map(MicroCell, cells)), type="micro"))
    assert [(row.label, row.stage) for row in plan.rows[1:-1]] == [
        ("normal cell", 1),
        ("reduction cell", None),
        ("auxiliary classifier", 2),
        ("normal cell", 2),
    ]


def test_a_branch_has_the_same_column_in_all_layers_so_that_a_pruned_one_leaves_a_gap():
    rest = {"filters": {"Branch3": "5x5"}, "outputs": 8}
    plan = layout(architecture(layer("1x1", "3x3", "5x5"), rest))
    assert plan.x(2, "Branch3") == plan.x(1, "Branch3") > plan.x(1, "Branch2")


def test_where_names_do_not_tell_the_block_columns_are_those_of_blocks():
    # Branch1 is 3x3 in one layer and 1x1 in the other, which also has 1x1 twice.
    plan = layout(architecture(layer("3x3"), layer("1x1", "3x3", "1x1")))
    assert plan.columns == {
        (2, "Branch1"): 0,
        (2, "Branch3"): 1,
        (1, "Branch1"): 2,
        (2, "Branch2"): 2,
    }


def test_rows_have_the_whole_width_where_there_are_no_skip_connections():
    assert layout(architecture(layer("1x1"))).right == RIGHT
    assert layout(architecture(layer("1x1"), layer("1x1", inputs=[0]))).right == RIGHT_OF_CELLS


def test_arcs_leave_below_and_arrive_above_and_the_longest_is_outermost():
    plan = layout(architecture(layer("1x1"), layer("1x1", inputs=[0]), layer("1x1", inputs=[1, 0])))
    arcs = {(arc.source, arc.destination): arc for arc in plan.arcs()}
    stem = plan.y(0) + plan.row_height / 2
    last = plan.y(3) + plan.row_height / 2
    assert stem < arcs[0, 3].top < arcs[0, 2].top < plan.y(1)
    assert plan.y(3) < arcs[1, 3].bottom < arcs[0, 3].bottom < last
    assert arcs[0, 3].reach > arcs[0, 2].reach == arcs[1, 3].reach


def test_an_arc_that_leaves_a_widener_begins_at_its_slanted_edge():
    plan = layout(architecture(layer("1x1"), WIDENER, layer("1x1"), layer("1x1", inputs=[2])))
    (arc,) = plan.arcs()
    # The port is three quarters down: the edge has gone three quarters of the inset.
    assert arc.start == plan.right - 0.75 * (plan.right - LEFT) / 10


def test_connections_without_gates_are_shown_too():
    networks = (*architecture(layer("1x1")).network, Widener2((0,)))
    assert layout(Architecture(networks)).connections == ((0, 2),)


def test_fifteen_layers_in_a_stage_are_no_higher_than_two_screens():
    stages = [WIDENER.copy() if n in (15, 22, 27) else layer("1x1") for n in range(32)]
    assert layout(architecture(*stages)).height < 1300
