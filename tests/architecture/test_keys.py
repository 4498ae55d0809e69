"""The names of layers, branches and skip connections in models and files."""

import pytest

from nac.architecture.keys import branch_key, gate_key, head_name, layer_index, layer_name


@pytest.mark.parametrize(("index", "name"), [(0, "stem"), (1, "layer01"), (12, "layer12")])
def test_a_layer_is_named_by_its_index_and_the_first_is_the_stem(index, name):
    assert layer_name(index) == name


def test_the_index_of_a_layer_is_read_from_its_name():
    assert layer_index("layer12") == 12


def test_a_head_is_named_after_its_layer():
    assert head_name(7) == "layer07_head"


def test_a_branch_is_keyed_by_layer_and_name():
    assert branch_key(3, "Branch2") == "3/Branch2"


def test_a_gate_is_keyed_by_source_and_destination():
    assert gate_key(1, 5) == "1-5"
