"""Micro networks as values: a sequence of cells, each a graph of nodes. Pure Python.

The JSON form is AMLA's (stubs/tf/cell_dag.py): ``{"type": "micro", "normal_cell": {"node1": -1,
"node2": 0, "node3": {"node": {"type": "3x3sep"}, "input": ["node2"]}, ...}, "network":
["normal_cell", "reduction_cell", ...]}``. A node that is an integer is the output of an earlier
cell: 0 of the last one, -1 of the one before it. A cell named ``auxiliary_classifier`` is an
auxiliary head.
"""

import re
from dataclasses import dataclass
from typing import Any

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.schema import Section, is_integer, nearest, shown
from nac.utils.text import natural_order

AUXILIARY = "auxiliary_classifier"
REDUCTION = "reduction_cell"
JOINS = ("concat", "add")
"""Operations that use all inputs of a node; the others use the first one only."""

KINDS = ("", "sep", "dilated", "maxpool", "avgpool", "avg")
"""What may follow the size in the name of an operation; ``avg`` is short for ``avgpool``."""

_OPERATION = re.compile(r"([1-9])x([1-9])([a-z]*)")
_NODE = re.compile(r"node([0-9]{1,9})")


@dataclass(frozen=True)
class Node:
    """One node of a cell.

    Attributes:
        name: ``node3`` and so on.
        reference: 0 or -1 for the output of an earlier cell; None for an operation.
        operation: ``3x3sep``, ``concat``, ...; empty for a reference.
        inputs: Names of the nodes that it takes as inputs.
        options: Options of the operation that the file has, such as ("stride", 2).
    """

    name: str
    reference: int | None = None
    operation: str = ""
    inputs: tuple[str, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    def option(self, key: str, default: Any = None) -> Any:
        """Return the option ``key``, or ``default`` if the file does not have it."""
        return dict(self.options).get(key, default)


Cell = tuple[Node, ...]
"""The nodes of a cell in the order of their numbers; the last one is the output."""


def parse_operation(name: str) -> tuple[int, int, str] | None:
    """Split an operation with a size, ``3x3maxpool`` -> (3, 3, "maxpool"); else return None."""
    match = _OPERATION.fullmatch(name)
    if not match or match[3] not in KINDS:
        return None
    return int(match[1]), int(match[2]), match[3]


def parse_cell(section: Section) -> Cell:
    """Parse one cell.

    Raises:
        InputError: There are no nodes, a name is unusable, an operation or option is unknown, or an
            input is not an earlier node.
    """
    section.check_count(limits.BRANCHES, "nodes")
    names = section.keys()
    for name in names:
        if not _NODE.fullmatch(name):
            raise InputError(f"{section.at(name)}: expected a node name such as node3")
    names.sort(key=natural_order)
    nodes = [_parse_node(section, name, names[:number]) for number, name in enumerate(names)]
    if not nodes:
        raise InputError(f"{section.at()}: empty cell, expected at least one node")
    return tuple(nodes)


def _parse_node(section: Section, name: str, earlier: list[str]) -> Node:
    value = section.any(name)
    if is_integer(value):
        if value not in (0, -1):
            raise InputError(
                f"{section.at(name)}: expected 0 (the last output) or -1 (the one before it),"
                f" received {value}"
            )
        return Node(name, reference=value)
    node = section.section(name)
    inputs = node.sequence("input", "node names", lambda v: isinstance(v, str))
    for source in inputs:
        if source not in earlier:
            raise InputError(
                f"{node.at('input')}: expected nodes before {name}, received"
                f" {shown(source)}{nearest(source, earlier)}"
            )
    if not inputs:
        raise InputError(f"{node.at('input')}: expected at least one node, received none")
    operation, options = _parse_operation(node.section("node"))
    node.finish()
    return Node(name, None, operation, inputs, options)


def _parse_operation(section: Section) -> tuple[str, tuple[tuple[str, Any], ...]]:
    operation = section.text("type")
    known = (*JOINS, "dense", "identity", "3x3", "3x3sep", "3x3dilated", "3x3maxpool", "3x3avgpool")
    sized = parse_operation(operation)
    if sized is None and operation not in ("dense", "identity", *JOINS):
        raise InputError(
            f"{section.at('type')}: unknown operation {operation!r}, expected one such as"
            f" {', '.join(known)}{nearest(operation, known)}"
        )
    readers = {
        "outputs": lambda: section.integer("outputs", minimum=1, maximum=limits.CHANNELS),
        "filters": lambda: section.integer("filters", minimum=1, maximum=limits.CHANNELS),
        "stride": lambda: section.integer("stride", minimum=1, maximum=limits.KERNEL),
        "rate": lambda: section.integer("rate", minimum=1, maximum=limits.KERNEL),
        "padding": lambda: section.text("padding", choices=("SAME", "VALID")),
        "activation": lambda: section.text("activation"),
    }
    wanted: tuple[str, ...] = ("outputs",) if operation == "dense" else ()
    if sized is not None:
        wanted = ("filters", "stride", "rate", "padding", "activation")
    if operation == "dense" and "outputs" not in section:
        section.integer("outputs")
    options = tuple((key, readers[key]()) for key in wanted if key in section)
    section.finish()
    return operation, options


def cell_to_dict(cell: Cell) -> dict[str, Any]:
    """Return the JSON form of a cell."""
    return {node.name: _node_to_value(node) for node in cell}


def _node_to_value(node: Node) -> Any:
    if node.reference is not None:
        return node.reference
    operation = {"type": node.operation, **dict(node.options)}
    return {"node": operation, "input": list(node.inputs)}
