"""What TensorBoard's Text tab says of a job, in Markdown: its network, settings and measurements.

Values go into tables with Markdown's signs escaped, and files into indented blocks, which nothing
within a line can end.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from nac.architecture.json_form import architecture_to_json
from nac.architecture.keys import branch_key, gate_key, layer_name
from nac.architecture.network import Architecture
from nac.config import Experiment, experiment_to_dict

NOT_RANKED = ("images",)
"""Entries of a branch's measurements that say nothing of its strength."""


def network_text(architecture: Architecture, description: dict[str, Any]) -> str:
    """Return notation, size, a table of the layers, and the JSON of an architecture.

    Args:
        architecture: of the job.
        description: see :func:`nac.models.description.describe`.
    """
    stages = {index: n for n, stage in enumerate(architecture.stages, 1) for index in stage}
    header = ("stage", "layer", "branches", "shape", "parameters", "skip connections from")
    rows = [
        _layer_row(entry, stages.get(index, ""))
        for index, entry in enumerate(description["layers"])
    ]
    return "\n\n".join(
        [
            f"## {escaped(description['notation'])}",
            f"{description['trainable_params']:,} parameters, {description['flops']:,} FLOPs per"
            " image",
            markdown_table(header, rows),
            "As JSON:",
            block(architecture_to_json(architecture)),
        ]
    )


def settings_text(experiment: Experiment) -> str:
    """Return the effective settings of a job as YAML; its network has a text of its own."""
    value = experiment_to_dict(experiment)
    value.pop("arch", None)
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=100)
    return f"Effective settings, defaults written out:\n\n{block(text)}"


def measurements_text(architecture: Architecture, statistics: dict[str, Any]) -> str:
    """Return what a training measured of branches and gates, a table per stage.

    Args:
        architecture: what was trained.
        statistics: the content of ``statistics.json``.

    Returns:
        Markdown; empty if nothing was measured.
    """
    parts = []
    for number, stage in enumerate(architecture.stages, start=1):
        branches = _branch_rows(architecture, stage, statistics["featuremaps"])
        if branches:
            parts += [f"### Stage {number}: branches, smallest mean square first", branches]
        gates = _gate_rows(architecture, stage, statistics["gates"])
        if gates:
            parts += [f"### Stage {number}: gates of skip connections, largest first", gates]
    return "\n\n".join(parts)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table of values of any type."""
    lines = [header, ["---"] * len(header), *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(value: Any) -> str:
    """Return a value as text in which no character has a meaning to Markdown or HTML."""
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!>])", r"\\\1", text).replace("|", "&#124;")


def block(text: str) -> str:
    """Return a text as a block that is shown as it is."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _layer_row(entry: dict[str, Any], stage: int | str) -> list[Any]:
    branches = entry.get("branches", {})
    sources = entry.get("sources") or ()
    return [
        stage,
        entry["name"],
        ", ".join(f"{name} {block}" for name, block in branches.items()) or entry.get("cell", ""),
        "×".join(map(str, entry["shape"])),
        f"{entry['params']:,}",
        ", ".join(map(layer_name, sources)),
    ]


def _branch_rows(architecture: Architecture, stage: Sequence[int], featuremaps: dict) -> str:
    measured = [
        (index, name, kind, featuremaps[branch_key(index, name)])
        for index, layer in architecture.branch_layers()
        for name, kind in layer.branches
        if index in stage and branch_key(index, name) in featuremaps
    ]
    if not measured:
        return ""
    keys = [key for key in measured[0][3] if key not in NOT_RANKED]
    rows = [
        [layer_name(index), f"{name} {kind}", *(f"{values[key]:.4g}" for key in keys)]
        for index, name, kind, values in sorted(measured, key=lambda row: row[3]["mean_square"])
    ]
    return markdown_table(["layer", "branch", *(key.replace("_", " ") for key in keys)], rows)


def _gate_rows(architecture: Architecture, stage: Sequence[int], gates: dict) -> str:
    values = [
        (gates[gate_key(source, end)], source, end)
        for source, end in architecture.skip_connections()
        if end in stage and gate_key(source, end) in gates
    ]
    rows = [
        [layer_name(source), layer_name(end), f"{gate:.4f}"]
        for gate, source, end in sorted(values, key=lambda row: -row[0])
    ]
    return markdown_table(["from", "to", "gate"], rows) if rows else ""
