"""Builds the networks of the peer cases and maps their weights to the names AMLA uses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from nac.architecture.fixed_cells import parse_classifier
from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import MicroCell, Widener
from nac.config import load_experiment, parse_experiment
from nac.construction.prior import prior
from nac.utils.schema import Section

CLASSIFIER = parse_classifier(
    Section(
        {
            "Layer0": {"Branch0": {"block": "reduce_mean"}},
            "Layer1": {"Branch0": {"block": "dropout", "keep_prob": 0.8}},
            "Layer2": {"Branch0": {"block": "fc-final", "inputs": 192, "outputs": 10}},
        },
        "peer cases",
    )
)
"""The classifier behind networks of params.json that come without one, as AMLA's files have it."""


def parameter_architecture(peer: Path, key: str):
    """Return the architecture that an entry of params.json is about."""
    name, _, part = key.partition("#")
    if name.startswith("config"):
        experiment = load_experiment(str(peer / "configs" / name))
        if part == "initial":
            return prior(experiment.envelopenet, experiment.stem, experiment.classifier)
        return replace(experiment.architecture, amla_compatible=True)
    case = json.loads((peer / name).read_text())
    experiment = parse_experiment(case["config"], name)
    if part == "architecture_out":
        architecture = architecture_from_dict(case[part], name)
        return architecture.with_cells(experiment.stem, CLASSIFIER)
    return prior(experiment.envelopenet, experiment.stem, CLASSIFIER)


def load_numeric(numeric_dir: Path, name: str):
    """Return (case, arrays) of a numeric case."""
    case = json.loads((numeric_dir / f"{name}.json").read_text())
    with np.load(numeric_dir / f"{name}.npz") as file:
        return case, {key: file[key] for key in file.files}


def without_dropout(config: dict) -> dict:
    """Return the config without cutout, every dropout of stem and classifier keeping all."""
    config = json.loads(json.dumps(config))
    config["init_cell"] = {
        name: layer
        for name, layer in config["init_cell"].items()
        if all(block["block"] != "cutout" for block in layer.values())
    }
    for cell in ("init_cell", "classification_cell"):
        for layer in config[cell].values():
            for block in layer.values():
                if "keep_prob" in block:
                    block["keep_prob"] = 1.0
    return config


class AmlaNames:
    """Translates variable paths such as layer03/Branch2/conv/kernel to AMLA's names."""

    def __init__(self, architecture):
        self.architecture = architecture
        self.stem = {}
        for layer in architecture.stem:
            for block in layer.blocks:
                if block.kind == "conv2d":
                    number = len(self.stem)
                    name = f"{layer.name}_{block.branch}_conv2d"
                    self.stem[name] = f"Conv_{number}" if number else "Conv"

    def of(self, path: str) -> str:
        layer, *rest = path.split("/")
        kind = {"kernel": "weights", "bias": "biases"}.get(rest[-1], rest[-1])
        if layer == "stem":
            return f"Cell_Init_0/{self.stem[rest[0]]}/{kind}"
        if layer == "classifier":
            return f"Cell_Classification/fully_connected/{kind}"
        index = int(layer.removeprefix("layer"))
        entry = self.architecture.layer(index)
        if isinstance(entry, MicroCell):
            return self.micro(index, entry.name, rest, kind)
        if isinstance(entry, Widener):
            return f"Widener_{index}_conv_3x3/{kind}"
        if rest[0] == "skip":
            if rest[1].startswith("gate_"):
                return f"{rest[1].removeprefix('gate_')}-{index}"
            return f"BottleneckLayer_1x1_Envelope_{index}/{kind}"
        return f"Cell{index}/{rest[0]}/" + _branch_variable(rest)

    def micro(self, index: int, cell: str, rest: list[str], kind: str) -> str:
        entries = self.architecture.network[: index - 1]
        number = sum(entry.name != "auxiliary_classifier" for entry in entries)
        scope = f"micro_net/{cell}-{number}/"
        if rest[0] == "bottleneck":
            return f"{scope}bottleneck_layer/Conv/{kind}"
        nodes = {node.name: node for node in dict(self.architecture.cells)[cell]}
        node = nodes[rest[0]]
        if node.operation == "dense":
            return f"{scope}{node.name}/dense/fully_connected/{kind}"
        if rest[1].startswith("reduce"):
            place, times = rest[1].removeprefix("reduce").split("_")
            source = node.inputs[int(place)]
            name = f"reduction_layers_{source}/x{int(times) + 1}/conv2d"
            return f"{scope}{node.name}/{name}/{rest[-1]}"
        if rest[1].startswith("widen"):
            return f"{scope}{node.name}/add/bottleneck_layer/conv2d/{rest[-1]}"
        return f"{scope}{node.name}/{node.operation}/" + _branch_variable(rest)


def _branch_variable(rest: list[str]) -> str:
    names = {
        "kernel": "Conv/weights",
        "depthwise_kernel": "SeparableConv2d/depthwise_weights",
        "pointwise_kernel": "SeparableConv2d/pointwise_weights",
    }
    return names.get(rest[-1], "BatchNorm/beta")


def find_array(arrays: dict, name: str):
    """Return the array of a name; AMLA puts BatchNorm inside the scope of its convolution."""
    for scope in ("", "Conv/", "SeparableConv2d/"):
        candidate = name.replace("BatchNorm", f"{scope}BatchNorm")
        if candidate in arrays:
            return arrays[candidate]
    raise KeyError(name)
