"""Compare the estimated memory of training steps with what they take here, and time them.

    python -m tools.memory_table --config=experiments/cifar10/figures.yaml --batches=50:10,256:32

trains the prior of a construction on random images, without a flag, with ``--recompute`` and with
``--micro_batch``, for each batch size with its micro batch, and prints a table as Markdown.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from absl import flags

from nac.cli.command import command, require_flags
from nac.config import Experiment, load_experiment, training_job
from nac.construction.prior import prior
from nac.data.datasets import image_facts
from nac.runs.memory_saving import MemorySaving
from nac.utils.errors import InputError
from nac.utils.processes import quietly

if TYPE_CHECKING:
    from nac.training.steps import Steps

MIB = 2**20

FLAGS = flags.FlagValues()
flags.DEFINE_string("config", None, "Experiment file of a construction.", flag_values=FLAGS)
flags.DEFINE_list(
    "batches", ["32:8"], "Images per step, each with those of a micro batch.", flag_values=FLAGS
)
flags.DEFINE_integer(
    "steps", 4, "Steps that are timed, after two others.", lower_bound=1, flag_values=FLAGS
)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        batch_size: Images per step.
        flags: How memory is saved.
        estimate: Estimated bytes.
        measured: Bytes of the measured peak, None where TensorFlow does not count.
        milliseconds: Time of a step.
    """

    batch_size: int
    flags: str
    estimate: int
    measured: int | None
    milliseconds: float


def main() -> None:
    """Print the table."""
    require_flags(FLAGS, "config")
    experiment = load_experiment(FLAGS.config)
    with quietly():
        from nac.training.strategies import describe_devices, make_strategy

        print(f"{experiment.source}, prior, on {describe_devices(make_strategy('one'))}\n")
    print("| batch | flags | estimate | measured | ms/step |\n| ---: | --- | ---: | ---: | ---: |")
    for size, part in batches(FLAGS.batches):
        for saving in (MemorySaving(), MemorySaving(True), MemorySaving(micro_batch=part)):
            with quietly():
                row = measured(experiment, size, saving, FLAGS.steps)
            print(text(row), flush=True)


def batches(given: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the batch sizes with their micro batches.

    Raises:
        InputError: Something else is given.

    Example:
    >>> list(batches(["50:10", "256:32"]))
    [(50, 10), (256, 32)]
    """
    for pair in given:
        size, _, part = pair.partition(":")
        if not (size.isdecimal() and part.isdecimal() and int(size) and int(part)):
            raise InputError(f"--batches: expected pairs such as 50:10, received {pair!r}")
        yield int(size), int(part)


def text(row: Row) -> str:
    """Return a row as Markdown, with memory in MiB."""
    peak = "-" if row.measured is None else f"{row.measured / MIB:,.0f}"
    flags_ = f"`{row.flags}`" if row.flags else ""
    cells = (row.batch_size, flags_, f"{row.estimate / MIB:,.0f}", peak, f"{row.milliseconds:.1f}")
    return f"| {' | '.join(map(str, cells))} |".replace("|  |", "| |")


def measured(experiment: Experiment, size: int, saving: MemorySaving, count: int) -> Row:
    """Train the prior of a construction for some steps on random images."""
    import keras

    from nac.training.memory import PeakMemory, variables_bytes
    from nac.training.strategies import make_strategy
    from nac.training.untrained import untrained_steps

    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    strategy, shape = make_strategy("one"), image_facts(experiment).shape
    network = prior(
        experiment.need("envelopenet"), experiment.need("init_cell"), experiment.classifier, ()
    )
    parameters = replace(experiment.parameters, batch_size=size, gpus=())
    job = training_job(experiment, network, replace(experiment.recipe, parameters=parameters))
    steps = untrained_steps(job, shape, None, strategy, saving=saving)
    memory = PeakMemory(strategy.extended.worker_devices, variables_bytes(steps))
    seconds = _timed(steps, (size, *shape), memory, count)
    return Row(
        size, " ".join(saving.flags), _estimate(steps, (size, *shape)), memory.bytes, 1e3 * seconds
    )


def _estimate(steps: "Steps", images: tuple[int, ...]) -> int:
    from nac.training.dataflow import peak_bytes
    from nac.training.memory import variables_bytes
    from nac.training.step_memory import step_operations

    return variables_bytes(steps) + peak_bytes(step_operations(steps, images))


def _timed(steps: "Steps", shape: tuple[int, ...], memory, count: int) -> float:
    """Return the seconds of a step, and measure its memory."""
    import numpy as np
    import tensorflow as tf

    random = np.random.default_rng(0)
    with tf.device(steps.strategy.extended.worker_devices[0]):
        images = tf.constant(random.normal(size=shape).astype("float32"))
        labels = tf.constant((np.arange(shape[0]) % 10).astype("int32"))
    with memory.measured():  # which compiles it, and is left out of the peak
        steps.train(images, labels, tf.constant(0.5))[0].numpy()
    with memory.measured():
        steps.train(images, labels, tf.constant(0.5))[0].numpy()
        started = time.perf_counter()
        for _ in range(count):
            loss, _ = steps.train(images, labels, tf.constant(0.5))
        loss.numpy()  # waits for a GPU
        return (time.perf_counter() - started) / count


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
