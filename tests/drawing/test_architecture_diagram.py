"""The contents of architecture diagrams."""

import pytest

pytest.importorskip("matplotlib")

from nac.architecture.handmade import Handmade
from nac.architecture.network import Architecture, MicroCell
from nac.drawing.architecture_diagram import architecture_figure, relative_to_stage
from nac.drawing.diagram_marks import Thickness
from nac.drawing.style import WARNING
from nac.plots.files import png, svg
from tests.builders import WIDENER, architecture, layer
from tests.plots.drawings import groups, smallest_text, texts

NETWORK = architecture(
    layer("1x1", "3x3", inputs=[]), WIDENER, layer("3x3sep", "5x5", inputs=[1, 0])
)
METRICS = {(1, "Branch1"): 0.25, (1, "Branch2"): 0.5, (3, "Branch1"): 2.0, (3, "Branch2"): 2.0}


def test_every_layer_branch_and_skip_connection_is_drawn():
    figure = architecture_figure(NETWORK)
    assert groups(figure, "layer-.*") == [f"layer-{index}" for index in range(5)]
    assert groups(figure, "branch-.*") == [
        "branch-1-Branch1",
        "branch-1-Branch2",
        "branch-3-Branch1",
        "branch-3-Branch2",
    ]
    assert groups(figure, "skip-.*") == ["skip-1-3", "skip-0-3"]


def test_title_notation_stages_and_blocks_are_shown():
    shown = texts(architecture_figure(NETWORK, title="digits, iteration 0"))
    assert {"digits, iteration 0", "8/1-1/2, 4 branches, 2 skip connections"} <= set(shown)
    assert {"stage 1", "stage 2", "widener", "1x1", "3x3", "3x3sep", "5x5"} <= set(shown)


def test_a_network_made_by_hand_has_a_row_per_block():
    figure = architecture_figure(Architecture.of_handmade(Handmade("plain_cnn", 0.5, 10)))
    assert groups(figure, "layer-.*") == [f"layer-{index}" for index in range(4)]
    shown = set(texts(figure))
    assert {"plain_cnn x0.5", "3x3, 3x3   32 channels", "classifier   10 classes"} <= shown
    assert "stem   3x3, 3x3, 16 channels" in shown


def test_the_default_title_is_the_notation():
    assert "8/1-1/2" in texts(architecture_figure(NETWORK))


def test_metrics_are_written_into_the_branches_and_explained_by_the_legend():
    shown = texts(architecture_figure(NETWORK, metrics=METRICS))
    assert {"0.250", "0.500", "2.00", "strongest"} <= set(shown)
    assert "strongest" not in texts(architecture_figure(NETWORK))


def test_a_metric_is_shaded_relative_to_its_stage():
    # Metrics of stage 1 range from 0.25 to 0.5. Those of stage 2 are equal.
    assert relative_to_stage(NETWORK, METRICS) == {
        (1, "Branch1"): 0.0,
        (1, "Branch2"): 1.0,
        (3, "Branch1"): 0.5,
        (3, "Branch2"): 0.5,
    }


def test_a_branch_to_be_pruned_has_the_warning_color():
    def warnings(**options):
        axes = architecture_figure(NETWORK, **options).axes[0]
        return [text.get_text() for text in axes.texts if text.get_color() == WARNING]

    assert warnings(pruned=[(3, "Branch2")]) == ["5x5"]
    assert warnings() == []


def test_a_skip_connection_to_be_pruned_is_dashed():
    figure = architecture_figure(NETWORK, kept_skips={3: (1,)})
    lines = {patch.get_gid(): patch.get_linestyle() for patch in figure.axes[0].patches}
    assert lines["skip-1-3"] in ("-", "solid")
    assert lines["skip-0-3"] not in ("-", "solid")
    assert "skip connection pruned next" in texts(figure)


def test_the_thickness_of_a_skip_connection_grows_with_its_gate():
    thickness = Thickness(2, {(0, 3): 0.8, (1, 3): 0.4, (1, 4): -0.5})
    assert thickness.of(1, 4) == thickness.thinnest == 0.5
    assert thickness.of(0, 3) == thickness.thickest == 4.0
    assert thickness.of(1, 3) == 2.25


def test_negative_gates_have_the_thinnest_line():
    assert Thickness(1, {(0, 3): -0.8}).of(0, 3) == 0.5


def test_skip_connections_are_not_mentioned_if_there_are_none():
    plain = architecture(layer("1x1"), layer("3x3"))
    assert not any("skip" in text for text in texts(architecture_figure(plain)))


def test_a_micro_network_shows_its_cells():
    cells = tuple(map(MicroCell, ("normal_cell", "reduction_cell")))
    figure = architecture_figure(Architecture(cells, type="micro"))
    assert {"normal cell", "reduction cell", "0/1-0/0, 2 cells"} <= set(texts(figure))


def test_no_text_is_smaller_than_nine_pixels():
    many = [f"{side}x{side}{kind}" for side in range(1, 10) for kind in ("", "sep")]
    crowded = architecture(layer(*many, outputs=18), layer("1x1", inputs=[0]))
    assert smallest_text(architecture_figure(crowded)) >= 9


def test_the_same_network_gives_the_same_bytes():
    first, second = (architecture_figure(NETWORK, metrics=METRICS) for _ in range(2))
    assert png(first) == png(second)
    assert svg(first) == svg(second)


def test_a_diagram_is_1200_pixels_wide():
    assert int.from_bytes(png(architecture_figure(NETWORK))[16:20]) == 1200
