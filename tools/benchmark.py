"""Measure the overhead of the instrumentation and of the training loop on this machine.

    python tools/benchmark.py --config=experiments/digits/construct.yaml

This prints:

1. The time of a step with instrumentation (featuremap metrics), relative to one without.
2. The time of a step of the entire loop (input, summaries, progress), relative to the compiled
   step alone.
3. The seconds from the start of a job's process to the end of its first step.

The two sides of each ratio are measured in turns, so that other load affects both alike.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from absl import flags

from nac.cli.command import command, require_flags
from nac.config import experiment_to_dict, load_experiment, training_job
from nac.construction.prior import prior
from nac.utils.files import write_json

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "config", None, "Experiment file whose prior and recipe are measured.", flag_values=FLAGS
)
flags.DEFINE_integer(
    "rounds", 10, "Number of turns of each side.", lower_bound=2, flag_values=FLAGS
)
flags.DEFINE_integer("steps", 20, "Number of steps per turn.", lower_bound=2, flag_values=FLAGS)


def main() -> None:
    """Measure and print."""
    require_flags(FLAGS, "config")
    experiment = load_experiment(FLAGS.config)
    network = prior(experiment.need("envelopenet"), experiment.stem, experiment.classifier)
    job = training_job(experiment, network, experiment.recipe)
    print(f"{network.notation} on {job.parameters.dataset}, {job.parameters.batch_size} images")
    print(f"start of the process to end of the first step: {start_up(job):.1f} s")
    measure_steps(job)


def start_up(job) -> float:
    """Return the seconds from the start of a job's process to the end of its first step."""
    parameters = replace(job.parameters, steps=1, eval_interval=None)
    job = replace(job, recipe=replace(job.recipe, parameters=parameters))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "job.json")
        write_json(path, experiment_to_dict(job))
        arguments = [sys.executable, "-m", "nac.train", f"--job={path}", "--nosave_model"]
        started = time.monotonic()
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
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
    source = dataset_of(job)
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
    """Print the median and the range of the ratios, and the time of both sides."""
    ratios = sorted(first / second for first, second in pairs)
    milliseconds = [1e3 * median(side) for side in zip(*pairs, strict=True)]
    print(
        f"{label}: {median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f} in"
        f" {len(ratios)} turns; {milliseconds[0]:.2f} ms / {milliseconds[1]:.2f} ms)"
    )


def make_steps(job, source, strategy, collect: bool):
    """Return the compiled steps of the job's network, with or without instrumentation."""
    from nac.models import build_model
    from nac.training.steps import Steps

    with strategy.scope():
        model = build_model(
            job.architecture, source.image_shape, source.classes, collect_statistics=collect
        )
        return Steps(model, job.recipe.training, strategy, job.parameters.global_batch_size)


class Side:
    """Repeats a compiled step on the same batch.

    Args:
        steps: Compiled steps of the model.
        batches: Source of the batch.
    """

    def __init__(self, steps, batches):
        import tensorflow as tf

        self._steps, self._decay = steps, tf.constant(0.5)
        self._batch = next(iter(batches.training(0, 1)))
        self.turn()

    def turn(self) -> float:
        """Return the seconds per step."""
        started = time.monotonic()
        for _ in range(FLAGS.steps):
            loss, _ = self._steps.train(*self._batch, self._decay)
        float(loss)
        return (time.monotonic() - started) / FLAGS.steps


class LoopSide:
    """Runs the entire loop with real input, summaries and progress. It is compiled only once.

    Args:
        job: The job to train.
        source: Dataset of the job.
        strategy: Distribution strategy of the job.
        batches: Batches of the job.
    """

    def __init__(self, job, source, strategy, batches):
        self._steps = make_steps(job, source, strategy, True)
        self._job, self._source, self._batches = job, source, batches
        self._directory = tempfile.TemporaryDirectory()
        self.input_wait = 0.0
        self.turn()

    def turn(self) -> float:
        """Return the seconds per step, not counting the first step of the turn."""
        from nac.tensorboard.curves import Curves
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
                Checkpoints(directory / "checkpoints", self._steps, 1e9),
                Curves(directory, self._job.architecture),
                Progress("loop", parameters.steps, None, stream),
            )
            outcome = loop.run(0)
        self.input_wait = outcome.input_wait
        return parameters.global_batch_size / outcome.images_per_second


if __name__ == "__main__":
    command(main, FLAGS, __doc__)()
