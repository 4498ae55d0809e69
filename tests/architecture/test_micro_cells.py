"""The JSON language of micro networks."""

import pytest

from nac.architecture.json_form import (
    architecture_from_dict,
    architecture_to_dict,
    architecture_to_json,
    parse_architecture,
)
from nac.architecture.micro_cells import Node, parse_operation
from nac.architecture.network import MicroCell
from tests.builders import assert_says, input_error, stem

CELL = {
    "node1": -1,
    "node2": 0,
    "node3": {"node": {"type": "3x3sep", "stride": 2}, "input": ["node2"]},
    "node10": {"node": {"type": "concat"}, "input": ["node1", "node3"]},
}
HEAD = {"node1": 0, "node2": {"node": {"type": "dense", "outputs": 3}, "input": ["node1"]}}


def micro(network=("normal_cell",), **cells):
    return {"type": "micro", "normal_cell": CELL, **cells, "network": list(network)}


def error(**nodes):
    return input_error(architecture_from_dict, micro(normal_cell={**CELL, **nodes}), "net.json")


def operation(**options):
    return {"node": {"type": "3x3", **options}, "input": ["node3"]}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("3x3", (3, 3, "")),
        ("1x7sep", (1, 7, "sep")),
        ("5x5dilated", (5, 5, "dilated")),
        ("3x3maxpool", (3, 3, "maxpool")),
        ("3x3avg", (3, 3, "avg")),
        ("concat", None),
        ("3x3pool", None),
    ],
)
def test_operations_are_split_into_size_and_kind(name, parts):
    assert parse_operation(name) == parts


def test_nodes_are_ordered_by_number():
    nodes = dict(architecture_from_dict(micro()).cells)["normal_cell"]
    assert [node.name for node in nodes] == ["node1", "node2", "node3", "node10"]


def test_a_node_keeps_operation_inputs_and_options():
    nodes = dict(architecture_from_dict(micro()).cells)["normal_cell"]
    assert nodes[0] == Node("node1", reference=-1)
    assert nodes[2] == Node("node3", None, "3x3sep", ("node2",), (("stride", 2),))


def test_layers_are_the_names_of_cells():
    value = micro(["normal_cell", "auxiliary_classifier", "normal_cell"], auxiliary_classifier=HEAD)
    names = [layer.name for layer in architecture_from_dict(value).network]
    assert names == ["normal_cell", "auxiliary_classifier", "normal_cell"]


def test_printing_and_parsing_is_the_identity():
    value = micro(
        ["normal_cell", "auxiliary_classifier", "reduction_cell", "normal_cell"],
        reduction_cell=CELL,
        auxiliary_classifier=HEAD,
        amla_compatible=True,
    )
    parsed = architecture_from_dict(value)
    assert architecture_from_dict(architecture_to_dict(parsed)) == parsed
    text = architecture_to_json(parsed)
    assert architecture_to_json(parse_architecture(text)) == text


def test_the_notation_counts_cells_between_reductions():
    value = micro(
        ["normal_cell", "normal_cell", "reduction_cell", "normal_cell"],
        reduction_cell=CELL,
        init_cell=stem(12),
    )
    assert str(architecture_from_dict(value).notation) == "12/2-1/2"


def test_a_micro_network_has_no_branches_and_no_gates():
    parsed = architecture_from_dict(micro())
    assert parsed.network == (MicroCell("normal_cell"),)
    assert (parsed.branches(), parsed.skip_connections()) == ([], [])


@pytest.mark.parametrize(
    ("nodes", "parts"),
    [
        ({"node4": 1}, ("normal_cell.node4", "expected 0", "-1", "received 1")),
        ({"third": 0}, ("normal_cell.third", "node name such as node3")),
        (
            {"node4": {"node": {"type": "concat"}, "input": ["node9"]}},
            ("node4.input", "expected nodes before node4", "'node9'"),
        ),
        (
            {"node4": {"node": {"type": "concat"}, "input": ["node10"]}},
            ("node4.input", "before node4", "'node10'"),
        ),
        ({"node4": {"node": {"type": "concat"}, "input": []}}, ("at least one node",)),
        (
            {"node4": {"node": {"type": "3x3spe"}, "input": ["node3"]}},
            ("node4.node.type", "unknown operation '3x3spe'", "did you mean '3x3sep'"),
        ),
        ({"node4": operation(stride=0)}, ("node4.node.stride", "expected an integer >= 1")),
        ({"node4": operation(padding="FULL")}, ("node4.node.padding", "SAME, VALID")),
        ({"node4": operation(strides=2)}, ("strides", "unknown key", "did you mean 'stride'")),
        ({"node4": {"node": {"type": "dense"}, "input": ["node3"]}}, ("outputs", "missing")),
    ],
)
def test_a_bad_node_is_one_error_that_names_it(nodes, parts):
    assert_says(error(**nodes), "net.json", *parts)


def test_a_cell_that_is_not_defined_is_an_error():
    text = input_error(architecture_from_dict, micro(["normal_cell", "reduction_cell"]), "net.json")
    assert_says(text, "net.json: layer 2", "normal_cell", "received 'reduction_cell'")


def test_a_network_that_ends_in_a_head_is_an_error():
    value = micro(["normal_cell", "auxiliary_classifier"], auxiliary_classifier=HEAD)
    assert_says(input_error(architecture_from_dict, value, "net.json"), "layer 2", "at the end")


def test_an_option_of_a_node_is_its_value_or_the_default():
    node = Node("node3", None, "3x3sep", ("node2",), (("stride", 2),))
    assert node.option("stride", 1) == 2
    assert node.option("rate", 1) == 1


def test_a_cell_without_nodes_is_an_error():
    text = input_error(architecture_from_dict, micro(normal_cell={}), "net.json")
    assert_says(text, "net.json: normal_cell", "expected at least one node")


def test_the_notation_leaves_heads_out():
    with_head = micro(
        ("normal_cell", "auxiliary_classifier", "normal_cell"), auxiliary_classifier=HEAD
    )
    assert architecture_from_dict(with_head).notation.layers == (2,)
