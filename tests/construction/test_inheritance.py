"""Where the channels of a restructured network were in the network before it."""

import pytest
from hypothesis import given

from nac.architecture.branch_types import BRANCH_TYPES
from nac.config.inheritance import Inheritance
from nac.construction.inheritance import Succession
from nac.construction.restructure import apply, decide, layers_after
from tests.builders import WIDENER, architecture, assert_says, input_error, layer
from tests.strategies import steps


def succession(before, after, layers):
    """Return the succession of networks given as lists of layers behind a stem of 2 channels."""
    old, new = architecture(*before, channels=2), architecture(*after, channels=2)
    return Succession(Inheritance(weights="w", arch=old, layers=tuple(layers)), new, 1)


def pruned(name, of):
    """Return a layer without one of its branches."""
    filters = {branch: block for branch, block in of["filters"].items() if branch != name}
    return {**of, "filters": filters}


TWO = layer("1x1", "3x3", outputs=4)  # channels 0 and 1 of Branch1, 2 and 3 of Branch2
ALONE = pruned("Branch1", TWO)  # four channels of Branch2


# what enters a layer


def test_nothing_moves_in_the_same_network():
    same = succession([TWO, TWO], [TWO, TWO], [1, 2])
    assert [same.rows(index) for index in (1, 2, 3)] == [(0, 1), (0, 1, 2, 3), (0, 1, 2, 3)]


def test_channels_of_a_pruned_branch_are_gone_and_those_of_a_wider_one_are_new():
    after = succession([TWO, TWO], [ALONE, TWO], [1, 2])
    assert after.rows(2) == (2, 3, None, None)


def test_a_narrower_branch_keeps_its_first_channels():
    narrow = {**TWO, "outputs": 2}
    assert succession([TWO, TWO], [narrow, TWO], [1, 2]).rows(2) == (0, 2)


def test_a_wider_stem_has_new_channels_behind_its_old_ones():
    old, new = architecture(TWO, channels=2), architecture(TWO, channels=3)
    wider = Succession(Inheritance(weights="w", arch=old, layers=(1,)), new, 1)
    assert wider.rows(1) == (0, 1, None)


def test_behind_a_widener_its_own_channels_follow_those_that_it_repeats():
    after = succession([TWO, WIDENER, TWO], [ALONE, WIDENER, TWO], [1, 2, 3])
    assert after.rows(3) == (2, 3, None, None, 4, 5)
    assert (after.width_before(3), after.direct_width_before(3)) == (6, 6)


def test_the_channels_of_skip_connections_follow_those_of_the_direct_input():
    before = [TWO, TWO, {**TWO, "inputs": [1, 0]}]
    after = succession(before, [TWO, TWO, {**TWO, "inputs": [0, 1]}], [1, 2, 3])
    assert after.rows(3) == (0, 1, 2, 3, 8, 9, 4, 5, 6, 7)
    assert (after.width_before(3), after.direct_width_before(3)) == (10, 4)


def test_a_pruned_skip_connection_leaves_nothing():
    before = [TWO, TWO, {**TWO, "inputs": [1, 0]}]
    after = succession(before, [TWO, TWO, {**TWO, "inputs": [0]}], [1, 2, 3])
    assert after.rows(3) == (0, 1, 2, 3, 8, 9)


def test_a_skip_connection_that_was_not_there_reads_new_channels():
    before = [TWO, TWO, {**TWO, "inputs": []}]
    after = succession(before, [TWO, TWO, {**TWO, "inputs": [0]}], [1, 2, 3])
    assert after.rows(3) == (0, 1, 2, 3, None, None)
    assert after.former_gate(0, 3) is None


def test_a_gate_was_that_of_the_former_source():
    before = [TWO, WIDENER, TWO, {**TWO, "inputs": [1, 2]}]
    new = {**TWO, "inputs": []}
    last = {**TWO, "inputs": [3, 2, 1]}
    after = succession(before, [TWO, new, WIDENER, TWO, last], [1, None, 2, 3, 4])
    assert [after.former_gate(source, 5) for source in (3, 2, 1)] == [2, None, 1]


# new cells


def test_a_new_cell_passes_on_inherited_channels_and_each_branch_has_one_in_turn():
    after = succession([TWO], [ALONE, TWO], [1, None])
    # Only the first two of four channels existed before.
    assert after.passed(2) == (0, None, 1, None)


def test_a_narrow_cell_passes_on_what_it_can():
    narrow = {**TWO, "outputs": 2}
    assert succession([TWO], [TWO, narrow], [1, None]).passed(2) == (0, 1)


def test_what_reads_a_new_cell_finds_what_it_read_before():
    after = succession([TWO], [ALONE, TWO], [1, None])
    assert after.rows(3) == (2, None, 3, None)


def test_so_does_what_reads_the_widener_behind_it():
    after = succession([TWO, WIDENER, TWO], [TWO, TWO, WIDENER, TWO], [1, None, 2, 3])
    assert after.passed(2) == (0, 2, 1, 3)
    assert after.rows(3) == (0, 2, 1, 3)
    assert after.rows(4) == (0, 2, 1, 3, 4, 5)


def test_a_skip_connection_from_a_new_cell_reads_new_channels():
    before = [TWO, WIDENER, {**TWO, "inputs": [1]}]
    last = {**TWO, "inputs": [1, 2]}
    after = succession(before, [TWO, TWO, WIDENER, last], [1, None, 2, 3])
    assert after.rows(4) == (0, 2, 1, 3, 4, 5, 6, 7, 8, 9, None, None, None, None)


def test_a_branch_of_an_unknown_kind_passes_nothing_on():
    BRANCH_TYPES.register("strange", "nac.models.blocks:dense_convolution")
    try:
        cell = layer("3x3strange", "1x1", outputs=4)
        assert succession([TWO], [TWO, cell], [1, None]).passed(2) == (None, None, 0, 1)
    finally:
        BRANCH_TYPES.unregister("strange")


# whatever a restructuring does


@given(steps())
def test_every_channel_that_is_left_is_found_once(step):
    decisions = decide(step.architecture, step.statistics, step.policy)
    after = apply(step.architecture, decisions, step.policy)
    layers = layers_after(step.architecture, decisions.grown)
    heir = Succession(Inheritance(weights="w", arch=step.architecture, layers=layers), after, 1)
    for index in (i for i, former in enumerate([*layers, 0], start=1) if former is not None):
        found = [row for row in heir.rows(index) if row is not None]
        assert len(set(found)) == len(found)
        assert max(found, default=-1) < heir.width_before(index)


# what cannot be


@pytest.mark.parametrize(
    ("after", "layers"),
    [
        ([TWO, TWO], [1]),
        ([TWO, TWO], [1, 2]),
        ([WIDENER], [1]),
        ([TWO, WIDENER], [1, None]),
    ],
)
def test_layers_that_do_not_fit_the_networks_are_refused(after, layers):
    text = input_error(succession, [TWO], after, layers)
    assert_says(text, "inherit.layers: expected the index in inherit.arch of each of", str(layers))
