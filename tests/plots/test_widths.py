"""Branches and blocks kept in each layer: data and figure."""

from dataclasses import replace

import pytest

pytest.importorskip("matplotlib")

from nac.plots.files import NothingToShowError
from nac.plots.widths import widths_drawings, widths_figure, widths_table
from nac.plots.widths_data import all_blocks, constructed_networks, layer_widths
from nac.runs.saved_run import load_run
from nac.utils.errors import InputError
from tests.builders import WIDENER, architecture, layer
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run

NARROW = architecture(layer("1x1"), WIDENER, layer("3x3"))
WIDE = architecture(layer("1x1", "3x3", "3x3"), layer("5x5"), WIDENER, layer("3x3", "1x1"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return load_run(write_run(tmp_path_factory.mktemp("runs") / "small"))


def test_a_layer_has_the_widths_of_all_networks_that_have_it():
    first, second, third = layer_widths([NARROW, WIDE])
    assert (first.stage, first.position, first.widths, first.mean) == (1, 1, [1, 3], 2.0)
    assert (second.stage, second.position, second.widths) == (1, 2, [1])
    assert (third.stage, third.position, third.widths) == (2, 1, [1, 2])


def test_shares_refer_to_all_branches_kept():
    # One network has 1x1, the other 1x1, 3x3 and 3x3: two branches of each block.
    assert layer_widths([NARROW, WIDE])[0].shares() == {"1x1": 0.5, "3x3": 0.5}


def test_blocks_are_in_natural_order():
    wide = architecture(layer("7x7", "5x5", "3x3sep", "3x3"))
    assert all_blocks(layer_widths([wide])) == ["3x3", "3x3sep", "5x5", "7x7"]


def test_the_table_has_a_row_per_layer():
    table = widths_table(layer_widths([NARROW, WIDE]))
    assert table.header[-3:] == ("1x1", "3x3", "5x5")
    assert table.rows[0] == (1, 1, 2, 2.0, 1, 3, 0.5, 0.5, 0.0)


def test_each_stage_shows_its_widths_and_its_blocks():
    figure = widths_figure(layer_widths([NARROW, WIDE]), "digits", "two networks")
    assert {"digits", "two networks", "stage 1", "stage 2", "1x1", "5x5"} <= set(texts(figure))
    first, below, *_ = figure.axes
    assert len(figure.axes) == 4
    assert list(first.lines[0].get_ydata()) == [2.0, 1.0]
    # Three blocks in each of two layers.
    assert len(below.patches) == 6
    assert smallest_text(figure) >= 9


def test_the_range_is_shown_if_there_are_several_networks():
    single, both = (widths_figure(layer_widths(each)) for each in ([WIDE], [WIDE, WIDE]))
    assert [len(figure.axes[0].collections) for figure in (single, both)] == [0, 1]


def test_further_runs_are_included(run):
    (drawing,) = widths_drawings(run, [run, run])
    assert drawing.name == "widths"
    assert drawing.table.rows[0][2] == 3
    assert any("3 constructed networks" in text for text in texts(drawing.figure))


def test_an_unfinished_run_has_nothing_to_show(run):
    with pytest.raises(NothingToShowError, match="no constructed network yet"):
        constructed_networks([run, replace(run, constructed=None)])


def test_networks_must_have_the_same_number_of_stages(run):
    other = replace(run, constructed=architecture(layer("1x1")))
    with pytest.raises(InputError, match="expected 2 stages, received 1"):
        constructed_networks([run, other])
