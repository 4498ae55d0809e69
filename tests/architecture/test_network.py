"""The Architecture value: indices, stages, sources, channels and notation."""

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import ALL, BranchLayer, Notation, Widener
from nac.architecture.operations import halved
from tests.builders import (
    CLASSIFIER,
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    network,
    stem,
)

TWO_STAGES = architecture(
    layer("1x1", "3x3", inputs=[]),
    layer("3x3"),
    WIDENER,
    layer("1x1", "5x5", inputs=[2, 0]),
    layer("7x7", inputs=ALL),
)


def test_layers_are_counted_from_one_with_wideners():
    assert TWO_STAGES.layer(1).branches == (("Branch1", "1x1"), ("Branch2", "3x3"))
    assert TWO_STAGES.layer(3) == Widener()


def test_the_stem_has_no_layer():
    with pytest.raises(IndexError):
        TWO_STAGES.layer(0)


def test_branch_layers_leave_the_wideners_out():
    assert [index for index, _ in TWO_STAGES.branch_layers()] == [1, 2, 4, 5]


def test_branches_are_listed_by_layer_and_name():
    assert TWO_STAGES.branches() == [
        (1, "Branch1"),
        (1, "Branch2"),
        (2, "Branch1"),
        (4, "Branch1"),
        (4, "Branch2"),
        (5, "Branch1"),
    ]


def test_sources_are_the_listed_ones_in_their_order():
    assert TWO_STAGES.sources(4) == (2, 0)


def test_all_sources_are_the_stem_and_every_layer_before_the_predecessor():
    assert TWO_STAGES.sources(5) == (0, 1, 2, 3)


@pytest.mark.parametrize(("index", "sources"), [(1, ()), (2, (0,)), (3, (0, 1))])
def test_all_sources_of_the_first_layers(index, sources):
    every = architecture(*[layer("3x3", inputs=ALL)] * 3)
    assert every.sources(index) == sources


def test_an_empty_list_of_sources_is_not_none():
    assert TWO_STAGES.sources(1) == ()


def test_a_layer_without_inputs_has_no_skip_machinery():
    assert TWO_STAGES.sources(2) is None


def test_a_widener_has_no_sources():
    assert TWO_STAGES.sources(3) is None


def test_skip_connections_are_listed_by_destination():
    expected = [(2, 4), (0, 4), (0, 5), (1, 5), (2, 5), (3, 5)]
    assert TWO_STAGES.skip_connections() == expected


def test_wideners_separate_the_stages():
    assert TWO_STAGES.stages == ((1, 2), (4, 5))


def test_wideners_at_the_ends_and_side_by_side_leave_empty_stages():
    assert architecture(WIDENER, WIDENER, layer("3x3"), WIDENER).stages == ((), (), (3,), ())


@pytest.mark.parametrize(
    ("branches", "outputs", "channels"), [(6, 64, 60), (4, 64, 64), (1, 7, 7), (3, 5, 3)]
)
def test_a_layer_has_whole_channels_per_branch(branches, outputs, channels):
    names = tuple((f"Branch{number}", "3x3") for number in range(branches))
    assert BranchLayer(names, outputs).channels == channels


def test_cells_are_given_to_an_architecture_that_has_none():
    bare = architecture_from_dict(network(layer("3x3")))
    cells = architecture_from_dict(
        network(layer("3x3"), init_cell=stem(8), classification_cell=CLASSIFIER)
    )
    assert bare.with_cells(cells.stem, cells.classifier) == cells


def test_cells_that_an_architecture_has_stay():
    other = architecture(layer("3x3"), channels=99)
    assert TWO_STAGES.with_cells(other.stem, None) == TWO_STAGES


def test_notation_names_stem_channels_layers_and_branches():
    assert str(TWO_STAGES.notation) == "8/2-2/2"


def test_notation_takes_the_summed_channels_of_the_stem():
    two = architecture_from_dict(network(layer("3x3", outputs=64), init_cell=stem(32, 48)))
    assert two.notation.channels == 80


def test_notation_without_stem_takes_the_first_layer():
    assert str(architecture_from_dict(network(layer("1x1", outputs=5))).notation) == "5/1/1"


def test_notation_takes_the_widest_layer_as_envelope_cell():
    pruned = architecture(layer("1x1"), layer("1x1", "3x3", "5x5"))
    assert pruned.notation.branches == 3


def test_notation_is_parsed():
    assert Notation.parse("128/7-6-2/6") == Notation(128, (7, 6, 2), 6)


def test_notation_may_have_one_stage_and_blanks_around():
    assert Notation.parse(" 64/12/3\n") == Notation(64, (12,), 3)


@pytest.mark.parametrize("text", ["", "64/3", "64/2-/3", "/2-2/3", "64/2-2/3/1", "a/2/3", "-1/2/3"])
def test_another_notation_is_an_error(text):
    assert_says(input_error(Notation.parse, text), "notation", "128/7-6-2/6", f"received {text!r}")


@pytest.mark.parametrize(
    ("side", "times", "result"), [(32, 1, 16), (33, 1, 17), (1, 3, 1), (224, 3, 28), (5, 2, 2)]
)
def test_a_side_is_halved_and_rounded_up(side, times, result):
    assert halved(side, times) == result


@pytest.mark.parametrize("side", [1, 2, 7, 28, 33, 225])
def test_halving_twice_is_halving_the_half(side):
    assert halved(side, 2) == halved(halved(side))


def test_architectures_are_values():
    twin = architecture(
        layer("1x1", "3x3", inputs=[]),
        layer("3x3"),
        WIDENER,
        layer("1x1", "5x5", inputs=[2, 0]),
        layer("7x7", inputs=ALL),
    )
    assert twin == TWO_STAGES
    assert hash(twin) == hash(TWO_STAGES)


@pytest.mark.parametrize(("index", "stage"), [(1, 1), (2, 1), (4, 2), (5, 2)])
def test_the_stage_of_a_layer_counts_from_one(index, stage):
    assert TWO_STAGES.stage_of(index) == stage


def test_the_block_of_a_branch_is_looked_up_in_its_layer():
    assert TWO_STAGES.block(4, "Branch2") == "5x5"


@pytest.mark.parametrize(
    ("cells", "missing"),
    [({}, "init_cell"), ({"init_cell": stem(8)}, "classification_cell")],
)
def test_a_network_that_lacks_a_cell_is_an_error_that_names_it(cells, missing):
    incomplete = architecture_from_dict(network(layer("3x3"), **cells))
    text = input_error(incomplete.need_cells, "net.json")
    assert_says(text, f"net.json: {missing}: missing")


def test_a_network_with_both_cells_is_complete():
    cells = {"init_cell": stem(8), "classification_cell": CLASSIFIER}
    assert architecture_from_dict(network(layer("3x3"), **cells)).need_cells() is None
