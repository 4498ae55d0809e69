"""Print ratios of speed, measured in one run on this machine.

    python tools/benchmark.py --config=experiments/digits/construct.yaml

1. A step with instrumentation (featuremap metrics) over one without it.
2. A step of the whole loop (input, summaries, progress) over the bare compiled step.
3. Seconds from the start of a job's process to its first step done.

The two sides of each ratio take turns, so that a busy machine disturbs both alike.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from absl import flags

from nac.cli.command_line import require_flags
from nac.cli.command_line import run as run_command
from nac.config import experiment_to_dict, load_experiment, training_job
from nac.construction.prior import prior
from nac.utils.files import write_json

flags.DEFINE_string("config", None, "Experiment file; its prior and its recipe are measured.")
flags.DEFINE_integer("rounds", 10, "Times that the sides take turns.", lower_bound=2)
flags.DEFINE_integer("steps", 20, "Steps per turn.", lower_bound=2)
FLAGS = flags.FLAGS


def main() -> None:
    """Measure and print."""
    require_flags("config")
    experiment = load_experiment(FLAGS.config)
    network = prior(experiment.need("envelopenet"), experiment.stem, experiment.classifier)
    job = training_job(experiment, network, experiment.recipe)
    print(f"{network.notation} on {job.parameters.dataset}, {job.parameters.batch_size} images")
    print(f"process start to first step done: {start_up(job):.1f} s")
    measure_steps(job)


def start_up(job) -> float:
    """Return the seconds from the start of a job's process to its first step."""
    parameters = replace(job.parameters, steps=1, eval_interval=None)
    job = replace(job, recipe=replace(job.recipe, parameters=parameters))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "job.json")
        write_json(path, experiment_to_dict(job))
        command = [sys.executable, "-m", "nac.train", f"--job={path}", "--nosave_model"]
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if "compiled in" in line:
                seconds = time.monotonic() - started
        process.wait()
    return seconds


def measure_steps(job) -> None:
    """Print the two ratios of step times."""
    from nac.data.datasets import dataset_of
    from nac.training.batches import Batches
    from nac.training.strategies import describe_devices, make_strategy, set_determinism

    strategy = make_strategy()
    set_determinism("auto", job.parameters.seed, strategy)
    source = dataset_of(job.parameters)
    batches = Batches(source, job.recipe, strategy)
    print(f"device: {describe_devices(strategy)}")
    with_metrics, bare = (
        Side(make_steps(job, source, strategy, collect), batches) for collect in (True, False)
    )
    pairs = [(with_metrics.turn(), bare.turn()) for _ in range(FLAGS.rounds)]
    show("instrumented step / bare step", pairs)
    loop = LoopSide(job, source, strategy, batches)
    pairs = [(loop.turn(), with_metrics.turn()) for _ in range(FLAGS.rounds)]
    show("step of the loop / instrumented step", pairs)
    print(f"share of the loop's time spent waiting for input: {loop.input_wait:.1%}")


def show(label: str, pairs: list[tuple[float, float]]) -> None:
    """Print the median of the ratios, their range, and both sides in milliseconds."""
    ratios = sorted(first / second for first, second in pairs)
    milliseconds = [1e3 * median(side) for side in zip(*pairs, strict=True)]
    print(
        f"{label}: {median(ratios):.3f} (from {ratios[0]:.3f} to {ratios[-1]:.3f} in"
        f" {len(ratios)} turns; {milliseconds[0]:.2f} ms / {milliseconds[1]:.2f} ms)"
    )


def make_steps(job, source, strategy, collect: bool):
    """Return compiled steps of the job's network, with or without instrumentation."""
    from nac.models import build_model
    from nac.training.steps import Steps

    with strategy.scope():
        model = build_model(
            job.architecture, source.image_shape, source.classes, collect_statistics=collect
        )
        return Steps(model, job.recipe.training, strategy, job.parameters.global_batch_size)


class Side:
    """A compiled step on one batch, over and over.

    Args:
        steps: of the model.
        batches: where the batch comes from.
    """

    def __init__(self, steps, batches):
        import tensorflow as tf

        self._steps, self._decay = steps, tf.constant(0.5)
        self._batch = next(iter(batches.training(0, 1)))
        self.turn()

    def turn(self) -> float:
        """Return the seconds of a step."""
        started = time.monotonic()
        for _ in range(FLAGS.steps):
            loss, _ = self._steps.train(*self._batch, self._decay)
        float(loss)
        return (time.monotonic() - started) / FLAGS.steps


class LoopSide:
    """The whole loop, with real input, summaries and progress, compiled once.

    Args:
        job: what is trained.
        source: the data set.
        strategy: of the job.
        batches: of the job.
    """

    def __init__(self, job, source, strategy, batches):
        self._steps = make_steps(job, source, strategy, True)
        self._job, self._source, self._batches = job, source, batches
        self._directory = tempfile.TemporaryDirectory()
        self.input_wait = 0.0
        self.turn()

    def turn(self) -> float:
        """Return the seconds of a step, the first one of the turn left out."""
        from nac.tensorboard.curves import Summaries
        from nac.training.checkpoints import Checkpoints
        from nac.training.loop import Loop
        from nac.training.progress import Progress

        directory = Path(self._directory.name)
        parameters = replace(self._job.parameters, steps=5 * FLAGS.steps, eval_interval=None)
        recipe = replace(self._job.recipe, parameters=parameters)
        with open(directory / "out.txt", "a", encoding="utf-8") as stream:
            loop = Loop(
                self._steps,
                self._batches,
                recipe,
                self._source.train_examples,
                self._job.architecture,
                Checkpoints(directory / "checkpoints", self._steps, 1e9),
                Summaries(directory, self._job.architecture),
                Progress("loop", parameters.steps, None, stream),
            )
            outcome = loop.run(0)
        self.input_wait = outcome.input_wait
        return parameters.global_batch_size / outcome.images_per_second


if __name__ == "__main__":
    run_command(main)
