"""Positions of the parts of an architecture diagram."""

from nac.architecture.network import Architecture, MicroCell, Widener2
from nac.drawing.diagram_layout import LEFT, RIGHT, RIGHT_OF_CELLS, lay_out
from tests.builders import WIDENER, architecture, layer


def test_rows_go_from_stem_to_classifier():
    layout = lay_out(architecture(layer("1x1"), WIDENER, layer("1x1")))
    assert [(row.index, row.kind, row.stage) for row in layout.rows] == [
        (0, "end", None),
        (1, "branches", 1),
        (2, "reduction", None),
        (3, "branches", 2),
        (4, "end", None),
    ]


def test_a_row_shows_the_number_of_channels_that_its_layer_outputs():
    layout = lay_out(architecture(layer("1x1", "3x3", "5x5", outputs=32)))
    assert (layout.rows[0].note, layout.rows[1].note) == ("8 channels", "30 ch")


def test_a_micro_network_has_a_row_per_cell_and_a_stage_between_reductions():
    cells = ("normal_cell", "reduction_cell", "auxiliary_classifier", "normal_cell")
    layout = lay_out(Architecture(tuple(map(MicroCell, cells)), type="micro"))
    assert [(row.label, row.stage) for row in layout.rows[1:-1]] == [
        ("normal cell", 1),
        ("reduction cell", None),
        ("auxiliary classifier", 2),
        ("normal cell", 2),
    ]


def test_a_branch_has_the_same_column_in_all_layers_so_that_a_pruned_one_leaves_a_gap():
    pruned = {"filters": {"Branch3": "5x5"}, "outputs": 8}
    layout = lay_out(architecture(layer("1x1", "3x3", "5x5"), pruned))
    assert layout.x(2, "Branch3") == layout.x(1, "Branch3") > layout.x(1, "Branch2")


def test_if_a_name_stands_for_several_blocks_there_is_a_column_per_block():
    # Branch1 is 3x3 in one layer and 1x1 in the other, which also has 1x1 twice.
    layout = lay_out(architecture(layer("3x3"), layer("1x1", "3x3", "1x1")))
    assert layout.columns == {
        (2, "Branch1"): 0,
        (2, "Branch3"): 1,
        (1, "Branch1"): 2,
        (2, "Branch2"): 2,
    }


def test_rows_fill_the_width_if_there_are_no_skip_connections():
    assert lay_out(architecture(layer("1x1"))).right == RIGHT
    assert lay_out(architecture(layer("1x1"), layer("1x1", inputs=[0]))).right == RIGHT_OF_CELLS


def test_arcs_start_low_and_end_high_in_a_row_and_the_longest_is_outermost():
    layout = lay_out(
        architecture(layer("1x1"), layer("1x1", inputs=[0]), layer("1x1", inputs=[1, 0]))
    )
    arcs = {(arc.source, arc.destination): arc for arc in layout.arcs()}
    stem = layout.y(0) + layout.row_height / 2
    last = layout.y(3) + layout.row_height / 2
    assert stem < arcs[0, 3].top < arcs[0, 2].top < layout.y(1)
    assert layout.y(3) < arcs[1, 3].bottom < arcs[0, 3].bottom < last
    assert arcs[0, 3].reach > arcs[0, 2].reach == arcs[1, 3].reach


def test_an_arc_from_a_widener_starts_at_its_slanted_edge():
    layout = lay_out(architecture(layer("1x1"), WIDENER, layer("1x1"), layer("1x1", inputs=[2])))
    (arc,) = layout.arcs()
    # The arc starts at three quarters of the height, where the edge has moved by 3/4 of the inset.
    assert arc.start == layout.right - 0.75 * (layout.right - LEFT) / 10


def test_connections_without_gates_are_drawn_too():
    layers = (*architecture(layer("1x1")).network, Widener2((0,)))
    assert lay_out(Architecture(layers)).connections == ((0, 2),)


def test_32_layers_fit_on_two_screens():
    layers = [WIDENER.copy() if index in (15, 22, 27) else layer("1x1") for index in range(32)]
    assert lay_out(architecture(*layers)).height < 1300
