"""What TensorBoard's Text tab shows of a job, in Markdown: its network, settings and measurements.

Values in tables are escaped. Files are shown as indented blocks, which no content can end.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from nac.architecture.json_form import architecture_to_json
from nac.architecture.keys import branch_key, gate_key, layer_name
from nac.architecture.network import Architecture
from nac.config import Experiment, experiment_to_dict
from nac.models.description import LayerDescription, NetworkDescription
from nac.runs.result import COUNTED, JobResult


def network_text(architecture: Architecture, description: NetworkDescription) -> str:
    """Return notation, size, a table of the layers, and the JSON of an architecture.

    Args:
        architecture: The network of the job.
        description: The network in numbers.
    """
    stages = {index: n for n, stage in enumerate(architecture.stages, 1) for index in stage}
    header = ("stage", "layer", "branches", "shape", "parameters", "skip connections from")
    rows = [
        _layer_row(entry, stages.get(index, "")) for index, entry in enumerate(description.layers)
    ]
    return "\n\n".join(
        [
            f"## {escaped(description.notation)}",
            f"{description.trainable_params:,} parameters, {description.flops:,} FLOPs per image",
            markdown_table(header, rows),
            "As JSON:",
            block(architecture_to_json(architecture)),
        ]
    )


def settings_text(experiment: Experiment) -> str:
    """Return the effective settings of a job as YAML, without its network."""
    value = experiment_to_dict(experiment)
    value.pop("arch", None)
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=100)
    return f"Effective settings, defaults written out:\n\n{block(text)}"


def measurements_text(
    architecture: Architecture,
    result: JobResult,
    ranking: str,
    strengths: Mapping[str, float],
) -> str:
    """Return what a training measured of branches and gates, a table per stage.

    Args:
        architecture: The network that was trained.
        result: The result of the training.
        ranking: The ranking by which branches are sorted, weakest first.
        strengths: Key of a branch -> its strength by that ranking.

    Returns:
        Markdown; empty if nothing was measured.
    """
    parts = []
    order = f", smallest {_words(ranking)} first" if strengths else ""
    for number, stage in enumerate(architecture.stages, start=1):
        branches = _branch_rows(architecture, stage, result.featuremaps, strengths)
        if branches:
            parts += [f"### Stage {number}: branches{order}", branches]
        gates = _gate_rows(architecture, stage, result.gates)
        if gates:
            parts += [f"### Stage {number}: gates of skip connections, largest first", gates]
    return "\n\n".join(parts)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table of values of any type."""
    lines = [header, ["---"] * len(header), *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(value: Any) -> str:
    """Return a value as a string in which no character is special in Markdown or HTML."""
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]()#+!>])", r"\\\1", text).replace("|", "&#124;")


def block(text: str) -> str:
    """Return a string as a block that is shown as it is."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _layer_row(entry: LayerDescription, stage: int | str) -> list[Any]:
    return [
        stage,
        entry.name,
        ", ".join(f"{name} {block}" for name, block in entry.branches.items()) or entry.cell,
        "×".join(map(str, entry.shape)),
        f"{entry.params:,}",
        ", ".join(map(layer_name, entry.sources or ())),
    ]


def _branch_rows(
    architecture: Architecture,
    stage: Sequence[int],
    featuremaps: Mapping[str, Mapping[str, float]],
    strengths: Mapping[str, float],
) -> str:
    branches = [branch for branch in architecture.branches() if branch[0] in stage]
    measured = [branch for branch in branches if branch_key(*branch) in featuremaps]
    if not measured:
        return ""
    measured.sort(key=lambda branch: strengths.get(branch_key(*branch), math.inf))
    names = [name for name in featuremaps[branch_key(*measured[0])] if name != COUNTED]
    rows = []
    for index, branch in measured:
        values = featuremaps[branch_key(index, branch)]
        title = f"{branch} {architecture.block(index, branch)}"
        rows.append([layer_name(index), title, *(f"{values[name]:.4g}" for name in names)])
    return markdown_table(["layer", "branch", *map(_words, names)], rows)


def _gate_rows(architecture: Architecture, stage: Sequence[int], gates: Mapping[str, float]) -> str:
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
