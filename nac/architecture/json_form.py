"""Reads an Architecture from JSON and writes it; an error names the layer.

The form is AMLA's ``arch`` section: ``{"type": "macro", "network": [...]}``, each entry of
``network`` is either ``{"filters": {"Branch1": "3x3", ...}, "outputs": 64, "inputs": [...]}`` or
``{"widener": {}}``. The keys ``init_cell`` and ``classification_cell`` are optional. A network that
people made by hand is ``{"type": "handmade", ...}``, see :mod:`nac.architecture.handmade`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from nac.architecture import fixed_cells, micro_cells
from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.handmade import handmade_to_dict, parse_handmade
from nac.architecture.network import (
    ALL,
    HANDMADE,
    Architecture,
    Auxiliary,
    BranchLayer,
    Layer,
    MicroCell,
    Widener,
    Widener2,
)
from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.files import parse_json, read_structured
from nac.utils.schema import Section, check_count, is_integer, nearest, shown
from nac.utils.text import natural_order
from nac.utils.versions import check_version

NORMAL = "normal_cell"

VERSION = 1
"""Version of the form. It is not written, as the files are AMLA's, which reads them, too; a later
version would be."""

_BLOCK = re.compile(r"([1-9])x([1-9])([a-z]*)")
_BRANCH_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LAYER_KINDS = ("filters", "widener", "widener2", "auxiliary")


def parse_block(name: Any) -> tuple[int, int, str] | None:
    """Split a block name, ``5x5sep`` -> (5, 5, "sep"); return None if it is not a block name."""
    match = _BLOCK.fullmatch(name) if isinstance(name, str) else None
    if not match or match[3] not in BRANCH_TYPES:
        return None
    return int(match[1]), int(match[2]), match[3]


def parse_branches(section: Section) -> tuple[tuple[str, str], ...]:
    """Parse ``{"Branch1": "1x1", ...}``, the branches of a layer or of the envelope cell.

    Raises:
        InputError: There are no branches, a name is unusable, or a block is unknown.
    """
    branches = []
    section.check_count(limits.BRANCHES, "branches")
    for name in sorted(section.keys(), key=natural_order):
        block = section.any(name)
        if not _BRANCH_NAME.fullmatch(name) or len(name) > limits.NAME:
            raise InputError(
                f"{section.at()}: expected branch names of letters, digits and underscores that"
                f" begin with a letter, received {shown(name)}"
            )
        if parse_block(block) is None:
            known = [f"{n}x{n}{kind}" for n in (1, 3, 5, 7) for kind in BRANCH_TYPES]
            raise InputError(
                f"{section.at(name)}: unknown block {shown(block)}, expected NxM or NxM with a"
                f" type, such as {', '.join(known)}{nearest(block, known)}; --plugin=MODULE adds"
                " your own types"
            )
        branches.append((name, block))
    if not branches:
        raise InputError(f"{section.at()}: empty cell, expected at least one branch")
    return tuple(branches)


def _parse_inputs(section: Section, index: int) -> tuple[int, ...] | str | None:
    value = section.any("inputs", None)
    if value is None or value == ALL:
        return value
    if not isinstance(value, list) or not all(is_integer(source) for source in value):
        raise InputError(
            f"{section.at('inputs')}: expected a list of layer indices or 'all',"
            f" received {shown(value)}"
        )
    listed = Counter(value)
    for source in listed:
        if not 0 <= source < index:
            raise InputError(
                f"{section.at('inputs')}: expected sources before their layer, from 0 (the stem)"
                f" to {index - 1}, received {shown(source)}"
            )
        if listed[source] > 1:
            raise InputError(f"{section.at('inputs')}: source {source} is listed twice")
    return tuple(value)


def _parse_branch_layer(section: Section, index: int) -> BranchLayer:
    branches = parse_branches(section.section("filters"))
    outputs = section.integer("outputs", minimum=1, maximum=limits.CHANNELS)
    if outputs < len(branches):
        raise InputError(
            f"{section.at('outputs')}: expected at least one channel for each of"
            f" {len(branches)} branches, received {outputs}"
        )
    return BranchLayer(branches, outputs, _parse_inputs(section, index))


def _parse_layer(value: Any, source: str, index: int) -> Layer:
    section = Section(value, f"{source}: layer {index}")
    kinds = [kind for kind in _LAYER_KINDS if kind in section]
    if len(kinds) != 1:
        raise InputError(
            f"{section.at()}: expected one of {', '.join(_LAYER_KINDS)},"
            f" received {', '.join(section.keys()) or 'nothing'}"
        )
    layer = _PARSERS[kinds[0]](section, index)
    section.finish()
    return layer


def _parse_widener(section: Section, index: int) -> Widener:
    section.section("widener").finish()
    return Widener()


def _parse_widener2(section: Section, index: int) -> Widener2:
    section.section("widener2").finish()
    inputs = _parse_inputs(section, index)
    if isinstance(inputs, str):
        inputs = tuple(range(index - 1))
    return Widener2(inputs or ())


def _parse_auxiliary(section: Section, index: int) -> Auxiliary:
    head = section.section("auxiliary")
    for name in head.keys():  # noqa: SIM118 (a Section is no dict)
        head.text(name, choices=("Dense",))
    return Auxiliary(section.integer("outputs", minimum=1, maximum=limits.CHANNELS))


_PARSERS: dict[str, Callable[[Section, int], Layer]] = {
    "filters": _parse_branch_layer,
    "widener": _parse_widener,
    "widener2": _parse_widener2,
    "auxiliary": _parse_auxiliary,
}


def architecture_from_dict(value: Any, source: str = "architecture") -> Architecture:
    """Parse and check an architecture.

    Args:
        value: A mapping with ``type``, ``network`` and optionally the stem and classifier; or that
            of a network made by hand.
        source: The file that it was read from, the beginning of each error message.

    Raises:
        InputError: A key, block or kind of layer is unknown, a cell is empty, a source is out of
            range, listed twice or not before its layer, or there are fewer channels than branches.
    """
    section = Section(value, source)
    check_version(section, VERSION)
    kind = section.text("type", choices=("macro", "micro", HANDMADE))
    if kind == HANDMADE:
        architecture = Architecture.of_handmade(parse_handmade(section))
    else:
        architecture = _parse_layers(section, kind)
    section.finish()
    return architecture


def _parse_layers(section: Section, kind: str) -> Architecture:
    network = section.checked("network", "a list of layers", lambda v: isinstance(v, list))
    if not network:
        raise InputError(f"{section.at('network')}: expected at least one layer, received none")
    check_count(network, limits.LAYERS, "layers", section.at("network"))
    cells: tuple[tuple[str, micro_cells.Cell], ...] = ()
    if kind == "micro":
        layers, cells = _parse_micro(section, network)
    else:
        entries = enumerate(network, start=1)
        layers = tuple(_parse_layer(entry, section.source, index) for index, entry in entries)
    return Architecture(
        network=layers,
        stem=_optional(section, "init_cell", fixed_cells.parse_stem),
        classifier=_optional(section, "classification_cell", fixed_cells.parse_classifier),
        type=kind,
        cells=cells,
        amla_compatible=section.boolean("amla_compatible", False),
    )


def _optional(section: Section, key: str, parse: Callable[[Section], Any]) -> Any:
    return parse(section.section(key)) if key in section else None


def _parse_micro(
    section: Section, network: list[Any]
) -> tuple[tuple[Layer, ...], tuple[tuple[str, micro_cells.Cell], ...]]:
    names = [
        key for key in (NORMAL, micro_cells.REDUCTION, micro_cells.AUXILIARY) if key in section
    ]
    for index, name in enumerate(network, start=1):
        if name not in names:
            raise InputError(
                f"{section.source}: layer {index}: expected one of the defined cells"
                f" {', '.join(names) or '(none)'}, received {shown(name)}{nearest(name, names)}"
            )
    if network[-1] == micro_cells.AUXILIARY:
        raise InputError(
            f"{section.source}: layer {len(network)}: expected a cell with a featuremap as its"
            f" output at the end, received {micro_cells.AUXILIARY!r}"
        )
    cells = tuple((name, micro_cells.parse_cell(section.section(name))) for name in names)
    return tuple(MicroCell(name) for name in network), cells


def parse_architecture(text: str, source: str = "architecture") -> Architecture:
    """Parse an architecture from a JSON string (see :func:`architecture_from_dict`)."""
    return architecture_from_dict(parse_json(text, source), source)


def load_architecture(text_or_path: str) -> Architecture:
    """Read an architecture from a JSON string, a file of it, or the ``arch`` of an experiment file.

    Raises:
        InputError: See :func:`architecture_from_dict`; or the experiment file has no ``arch``.
    """
    if text_or_path.lstrip().startswith("{"):
        return parse_architecture(text_or_path)
    if not text_or_path:
        raise InputError("architecture: expected JSON or the path of a file, received nothing")
    value = read_structured(text_or_path)
    if not isinstance(value, dict) or "network" in value:
        return architecture_from_dict(value, text_or_path)
    if "arch" not in value:
        raise InputError(f"{text_or_path}: expected 'network' (an architecture) or 'arch'")
    cells = {key: value[key] for key in ("init_cell", "classification_cell") if key in value}
    return experiment_architecture(value["arch"], cells, f"{text_or_path}: arch")


def experiment_architecture(arch: Any, cells: dict[str, Any], source: str) -> Architecture:
    """Parse the ``arch`` section of an experiment file, and the cells of the same file.

    A network made by hand takes no cells; those in the file are for its other networks.
    """
    if isinstance(arch, dict) and arch.get("type") != HANDMADE:
        arch = {**cells, **arch}
    return architecture_from_dict(arch, source)


def _layer_to_dict(layer: Layer) -> Any:
    if isinstance(layer, MicroCell):
        return layer.name
    if isinstance(layer, Widener):
        return {"widener": {}}
    if isinstance(layer, Widener2):
        return {"widener2": {}, "inputs": list(layer.inputs)}
    if isinstance(layer, Auxiliary):
        return {"auxiliary": {"Branch1": "Dense"}, "outputs": layer.outputs}
    inputs: dict[str, Any] = {} if layer.inputs is None else {"inputs": layer.inputs}
    if isinstance(layer.inputs, tuple):
        inputs = {"inputs": list(layer.inputs)}
    return {"filters": dict(layer.branches), **inputs, "outputs": layer.outputs}


def architecture_to_dict(architecture: Architecture) -> dict[str, Any]:
    """Return the JSON form of an architecture, keys in canonical order."""
    value: dict[str, Any] = {"type": architecture.type}
    if architecture.handmade:
        return value | handmade_to_dict(architecture.handmade)
    if architecture.amla_compatible:
        value["amla_compatible"] = True
    if architecture.stem is not None:
        value["init_cell"] = fixed_cells.to_dict(architecture.stem)
    value.update((name, micro_cells.cell_to_dict(cell)) for name, cell in architecture.cells)
    value["network"] = [_layer_to_dict(layer) for layer in architecture.network]
    if architecture.classifier is not None:
        value["classification_cell"] = fixed_cells.to_dict(architecture.classifier)
    return value


def architecture_to_json(architecture: Architecture) -> str:
    """Return the canonical JSON text: one layer per line, ends with a newline."""
    value = architecture_to_dict(architecture)
    lines = []
    for key, entry in value.items():
        text = _lines(entry) if isinstance(entry, list) else json.dumps(entry)
        lines.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(layers: list[Any]) -> str:
    entries = ",\n    ".join(json.dumps(layer) for layer in layers)
    return f"[\n    {entries}\n  ]"
