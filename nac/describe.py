"""Describe a network in numbers, without training it.

    nac describe --config=experiments/digits/construct.yaml
    nac describe --architecture=runs/digits/architecture.json --input_shape=8,8,1

prints the notation, a table of layers and totals; ``--json`` prints the same as JSON. Of an
experiment file, it describes the ``arch`` if there is one, otherwise the prior. Multiply-adds are
those of convolutions and dense layers for one image; ``flops`` in JSON are twice as many.
"""

import json
from typing import TYPE_CHECKING

from absl import flags

from nac.architecture.json_form import load_architecture
from nac.architecture.network import Architecture
from nac.cli.command import command
from nac.config import Experiment, load_experiment
from nac.construction.prior import prior
from nac.utils.errors import NacError
from nac.utils.tables import table

if TYPE_CHECKING:
    from nac.models.description import LayerDescription, NetworkDescription

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "config", None, "Experiment file, for its arch or its prior.", flag_values=FLAGS
)
flags.DEFINE_string("architecture", None, "Architecture, a JSON file or JSON.", flag_values=FLAGS)
flags.DEFINE_list(
    "input_shape",
    None,
    "height,width,channels of an image; default: that of the data set of --config.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "classes",
    None,
    "Number of classes; default: that of the classifier.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_bool("json", False, "Print JSON.", flag_values=FLAGS)


def main() -> None:
    """Print the description."""
    if not FLAGS.config and not FLAGS.architecture:
        raise NacError("give --config or --architecture (see --help)")
    experiment = load_experiment(FLAGS.config) if FLAGS.config else None
    architecture = _architecture(experiment)
    architecture.need_cells(FLAGS.architecture or FLAGS.config)
    description = _describe(architecture, _input_shape(experiment))
    print(json.dumps(description.to_json(), indent=2) if FLAGS.json else text(description))


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
    from nac.data.datasets import known_image_shape  # not needed where the shape is given

    shape = known_image_shape(experiment) if experiment else None
    if shape is None:
        raise NacError("--input_shape=height,width,channels is needed: no known data set says it")
    return shape


def _describe(architecture: Architecture, shape: tuple[int, ...]) -> "NetworkDescription":
    from nac.models import build_model  # TensorFlow takes seconds: only after the checks
    from nac.models.description import describe

    return describe(architecture, build_model(architecture, shape, FLAGS.classes))


def text(description: "NetworkDescription") -> str:
    """Return a description for people: notation, a table of the layers, totals."""
    rows = [
        [
            layer.name,
            "x".join(map(str, layer.shape)),
            " ".join(layer.branches.values()),
            _sources(layer),
            f"{layer.params:,}",
            f"{layer.multiply_adds:,}",
        ]
        for layer in description.layers
    ]
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in description.params_by_kind.items())
    return "\n".join(
        [
            f"{description.notation}, images {'x'.join(map(str, description.input_shape))},"
            f" {description.classes} classes",
            "",
            table(["layer", "shape", "branches", "sources", "parameters", "multiply-adds"], rows),
            "",
            f"parameters     {description.trainable_params:,} ({kinds})",
            f"multiply-adds  {description.multiply_adds:,} per image",
        ]
    )


def _sources(layer: "LayerDescription") -> str:
    return "" if layer.sources is None else " ".join(map(str, layer.sources)) or "none"


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
