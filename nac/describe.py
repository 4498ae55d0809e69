"""``python -m nac.describe``: a network in numbers, without training it.

    python -m nac.describe --config=experiments/digits/construct.yaml
    python -m nac.describe --architecture=runs/digits/architecture.json --input_shape=8,8,1

prints notation, a table of layers and totals; ``--json`` prints the same for machines. An
experiment file is described by its ``arch`` if it has one, else by its prior. Multiply-adds are
those of convolutions and dense layers for one image; ``flops`` in JSON are twice as many.
"""

import json
from typing import Any

from absl import flags

from nac.architecture.json_form import load_architecture
from nac.architecture.network import Architecture
from nac.cli.command_line import run as run_command
from nac.config import Experiment, load_experiment
from nac.construction.prior import prior
from nac.utils.errors import NacError
from nac.utils.tables import table

flags.DEFINE_string("config", None, "Experiment file: its arch, or its prior.")
flags.DEFINE_string("architecture", None, "Architecture: a JSON file, or the JSON itself.")
flags.DEFINE_list(
    "input_shape", None, "height,width,channels of an image; default: of the config's data set."
)
flags.DEFINE_integer(
    "classes", None, "Number of classes; default: what the classifier says.", lower_bound=1
)
flags.DEFINE_bool("json", False, "Print JSON.")
FLAGS = flags.FLAGS


def main() -> None:
    """Print the description."""
    if not FLAGS.config and not FLAGS.architecture:
        raise NacError("give --config or --architecture (see --help)")
    experiment = load_experiment(FLAGS.config) if FLAGS.config else None
    architecture = _architecture(experiment)
    architecture.need_cells(FLAGS.architecture or FLAGS.config)
    description = _describe(architecture, _input_shape(experiment))
    print(json.dumps(description, indent=2) if FLAGS.json else text(description))


def _architecture(experiment: Experiment | None) -> Architecture:
    if FLAGS.architecture:
        architecture = load_architecture(FLAGS.architecture)
        if experiment is None:
            return architecture
        return architecture.with_cells(experiment.stem, experiment.classifier)
    if experiment.architecture is not None:
        return experiment.architecture
    stem, classifier = experiment.need("init_cell"), experiment.need("classification_cell")
    return prior(experiment.need("envelopenet"), stem, classifier)


def _input_shape(experiment: Experiment | None) -> tuple[int, ...]:
    if FLAGS.input_shape:
        sides = FLAGS.input_shape
        if len(sides) != 3 or not all(side.isdecimal() and int(side) for side in sides):
            raise NacError(
                f"--input_shape: expected height,width,channels, received {','.join(sides)}"
            )
        return tuple(map(int, sides))
    from nac.data.datasets import DATASETS  # not needed where the shape is given

    parameters = experiment.parameters if experiment else None
    facts = DATASETS.get(parameters.dataset) if parameters else None
    shape = facts.shape(parameters.image_size) if facts else None
    if shape is None:
        raise NacError("--input_shape=height,width,channels is needed: no known data set says it")
    return shape


def _describe(architecture: Architecture, shape: tuple[int, ...]) -> dict[str, Any]:
    from nac.models import build_model  # TensorFlow takes seconds: only after the checks
    from nac.models.description import describe

    return describe(architecture, build_model(architecture, shape, FLAGS.classes))


def text(description: dict[str, Any]) -> str:
    """Return a description as people read it."""
    rows = [
        [
            layer["name"],
            "x".join(map(str, layer["shape"])),
            " ".join(layer.get("branches", {}).values()),
            _sources(layer),
            f"{layer['params']:,}",
            f"{layer['multiply_adds']:,}",
        ]
        for layer in description["layers"]
    ]
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in description["params_by_kind"].items())
    return "\n".join(
        [
            f"{description['notation']}, images {'x'.join(map(str, description['input_shape']))},"
            f" {description['classes']} classes",
            "",
            table(["layer", "shape", "branches", "sources", "parameters", "multiply-adds"], rows),
            "",
            f"parameters     {description['trainable_params']:,} ({kinds})",
            f"multiply-adds  {description['multiply_adds']:,} per image",
        ]
    )


def _sources(layer: dict[str, Any]) -> str:
    sources = layer.get("sources")
    return "" if sources is None else " ".join(map(str, sources)) or "none"


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
