"""Describe a network in numbers, without training it.

    nac describe --config=experiments/digits/construct.yaml
    nac describe --architecture=runs/digits/architecture.json --input_shape=8,8,1

prints the notation, a table of layers and totals; ``--json`` prints the same as JSON. Of an
experiment file, it describes the ``arch`` if there is one, otherwise the prior, in the width that
its ``budget`` sets, if it has one. Multiply-adds are those of convolutions and dense layers for one
image; ``flops`` in JSON are twice as many. The milliseconds of a training step are estimated where
``nac measure`` has measured this device; they are null in JSON elsewhere. The memory that training
needs is estimated for the device at hand, if the number of images per step is known.
"""

import json
from typing import TYPE_CHECKING, Any

from absl import flags

from nac.architecture.json_form import load_architecture
from nac.architecture.network import Architecture
from nac.cli.command import command
from nac.cli.machine_flags import define_memory_flags
from nac.config import Experiment, load_experiment
from nac.construction.prior import prior
from nac.runs.block_times import FLOAT32
from nac.runs.budget import known_times, limits_of, weight_options
from nac.runs.memory_saving import MemorySaving
from nac.runs.step_estimate import StepEstimate, step_estimate
from nac.utils import limits
from nac.utils.errors import NacError
from nac.utils.processes import quietly
from nac.utils.records import to_json
from nac.utils.tables import table
from nac.utils.text import mebibytes

if TYPE_CHECKING:
    from nac.models.description import LayerDescription, NetworkDescription
    from nac.training.step_memory import StepMemory

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
    upper_bound=limits.CHANNELS,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "batch_size",
    None,
    "Images per training step; default: that of --config.",
    lower_bound=1,
    upper_bound=limits.BATCH,
    flag_values=FLAGS,
)
define_memory_flags(FLAGS)
flags.DEFINE_bool("json", False, "Print JSON.", flag_values=FLAGS)


def main() -> None:
    """Print the description."""
    if not FLAGS.config and not FLAGS.architecture:
        raise NacError("give --config or --architecture (see --help)")
    experiment = load_experiment(FLAGS.config) if FLAGS.config else None
    architecture = _architecture(experiment)
    architecture.need_cells(FLAGS.architecture or FLAGS.config)
    shape = _input_shape(experiment)
    estimate = _step_estimate(experiment, architecture, shape)
    with quietly():
        memory = _step_memory(experiment, architecture, shape)  # first, as it sets up the devices
        description = _describe(architecture, shape, experiment)
    if FLAGS.json:
        value = with_step(description.to_json(), estimate)
        print(json.dumps(value | {"memory": memory and to_json(memory)}, indent=2))
    else:
        print(text(description, estimate, memory))


def _architecture(experiment: Experiment | None) -> Architecture:
    if FLAGS.architecture:
        architecture = load_architecture(FLAGS.architecture)
        if experiment is None:
            return architecture
        return architecture.with_cells(experiment.stem, experiment.classifier)
    if experiment.architecture is not None:
        return experiment.architecture
    stem, classifier = experiment.need("init_cell"), experiment.need("classification_cell")
    limits = limits_of(experiment, times=known_times)
    return prior(experiment.need("envelopenet"), stem, classifier, limits)


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


def _batch_size(experiment: Experiment | None) -> int | None:
    """Return the number of images per step, None where nothing says it."""
    of_experiment = experiment.parameters.global_batch_size if experiment else 0
    return FLAGS.batch_size or of_experiment or None


def _step_memory(
    experiment: Experiment | None, architecture: Architecture, shape: tuple[int, ...]
) -> "StepMemory | None":
    """Return the memory that training needs, None without a batch size."""
    batch_size = _batch_size(experiment)
    if batch_size is None:
        return None
    from nac.training.step_memory import step_memory

    saving = MemorySaving(FLAGS.recompute, FLAGS.micro_batch)
    return step_memory(architecture, shape, batch_size, experiment, saving)


def _step_estimate(
    experiment: Experiment | None, architecture: Architecture, shape: tuple[int, ...]
) -> StepEstimate | None:
    """Return what a training step takes; None without a batch size or known times of blocks."""
    batch_size = _batch_size(experiment)
    if not batch_size:
        return None
    training = experiment.child_training if experiment else None
    return step_estimate(
        architecture, shape, batch_size, training.dtype_policy if training else FLOAT32
    )


def with_step(description: dict[str, Any], estimate: StepEstimate | None) -> dict[str, Any]:
    """Return a description as JSON with the milliseconds of a step, null where not known."""
    layers = [
        layer | {"ms": estimate and round(estimate.layers.get(layer["name"], 0.0), 3)}
        for layer in description["layers"]
    ]
    return description | {"step_ms": estimate and round(estimate.ms, 3), "layers": layers}


def _describe(
    architecture: Architecture, shape: tuple[int, ...], experiment: Experiment | None
) -> "NetworkDescription":
    from nac.models import build_model  # TensorFlow takes seconds: only after the checks
    from nac.models.description import describe

    options = weight_options(experiment) if experiment else {}
    return describe(architecture, build_model(architecture, shape, FLAGS.classes, **options))


def text(
    description: "NetworkDescription",
    estimate: StepEstimate | None = None,
    memory: "StepMemory | None" = None,
) -> str:
    """Return a description for people: notation, a table of the layers, totals.

    Args:
        description: The description.
        estimate: What a training step takes, None where that is not known.
        memory: The memory that training needs, None likewise.
    """
    header = ["layer", "shape", "branches", "sources", "parameters", "multiply-adds"]
    rows = [
        [
            layer.name,
            "x".join(map(str, layer.shape)),
            " ".join(layer.branches.values()) or layer.cell,
            _sources(layer),
            f"{layer.params:,}",
            f"{layer.multiply_adds:,}",
            *([f"{estimate.layers.get(layer.name, 0.0):.2f}"] if estimate else []),
        ]
        for layer in description.layers
    ]
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in description.params_by_kind.items())
    return "\n".join(
        [
            f"{description.notation}, images {'x'.join(map(str, description.input_shape))},"
            f" {description.classes} classes",
            "",
            table([*header, "ms"] if estimate else header, rows),
            "",
            f"parameters     {description.trainable_params:,} ({kinds})",
            f"multiply-adds  {description.multiply_adds:,} per image",
            *([_step_line(estimate)] if estimate else []),
            *([_memory_line(memory)] if memory else []),
        ]
    )


def _step_line(estimate: StepEstimate) -> str:
    return (
        f"step           {estimate.ms:.0f} ms for {estimate.batch_size} images on"
        f" {estimate.device} (estimated; nac measure)"
    )


def _memory_line(memory: "StepMemory") -> str:
    saving = MemorySaving(memory.recompute, memory.micro_batch)
    how = " and ".join([f"batches of {memory.batch_size}", *saving.flags])
    return (
        f"memory         about {mebibytes(memory.total_bytes)} to train with {how}"
        f" (activations and gradients {mebibytes(memory.step_bytes)},"
        f" weights and optimizer {mebibytes(memory.variables_bytes)})"
    )


def _sources(layer: "LayerDescription") -> str:
    return "" if layer.sources is None else " ".join(map(str, layer.sources)) or "none"


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
