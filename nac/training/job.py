"""One job: an experiment with one architecture in, statistics and model out, all in one directory.

The job is the file ``job.json``, an experiment file with an ``arch`` section and nothing left
open. ``statistics.json`` is its result; that it exists means that the job is done.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import keras
import tensorflow as tf

from nac.config import Experiment
from nac.config.splits import TEST, VALIDATION
from nac.data.datasets import dataset_of
from nac.data.splits import Source
from nac.models import build_model
from nac.models.description import describe
from nac.runs.layout import CHECKPOINTS, MODEL, STATISTICS
from nac.tensorboard.curves import Summaries
from nac.tensorboard.inspection import Inspection
from nac.training.batches import Batches
from nac.training.checkpoints import Checkpoints
from nac.training.energy import EnergyMeter
from nac.training.evaluation import evaluation_split
from nac.training.loop import Loop, Outcome, write_model
from nac.training.measurements import final_statistics
from nac.training.progress import Progress
from nac.training.steps import Steps
from nac.training.strategies import describe_devices, make_strategy, set_determinism
from nac.utils.files import write_json

NEEDED = (
    "parameters.dataset",
    "parameters.steps",
    "parameters.batch_size",
    "child_training",
    "arch",
)


@dataclass(frozen=True)
class Machine:
    """What a job is run with that is no part of the experiment.

    Attributes:
        strategy: see :func:`nac.training.strategies.make_strategy`.
        logical_cpus: see there.
        deterministic: see :func:`nac.training.strategies.set_determinism`.
        data_dir: directory of the data set, in place of the experiment's.
        jit_compile: whether XLA compiles the training step.
        checkpoint_seconds: time between checkpoints.
        keep_checkpoints: whether the newest stay when the job is done.
        save_model: whether to write the trained model.
    """

    strategy: str = "auto"
    logical_cpus: int = 0
    deterministic: str = "auto"
    jit_compile: bool = False
    data_dir: str | None = None
    checkpoint_seconds: float = 120.0
    keep_checkpoints: bool = False
    save_model: bool = True


def check_job(experiment: Experiment) -> None:
    """Raise InputError unless the experiment says all that a job needs."""
    for name in NEEDED:
        experiment.need(name)
    experiment.architecture.need_cells(experiment.source)


def run_job(
    experiment: Experiment,
    directory: Path,
    machine: Machine,
    name: str,
    log: TextIO | None = None,
    stream: TextIO | None = None,
) -> dict[str, Any]:
    """Train one architecture and write ``statistics.json``; resume from a checkpoint if there.

    Args:
        experiment: with everything in :data:`NEEDED`.
        directory: of the job; checkpoints, event files and results go there.
        machine: strategy and other things that are no part of the experiment.
        name: of the job in its reports.
        log: open log file.
        stream: where progress is shown, default standard output.

    Returns:
        the content of ``statistics.json``.

    Raises:
        InputError: the experiment is incomplete or does not fit the data.
        JobError: the loss stopped being finite.
    """
    check_job(experiment)
    started = time.monotonic()
    parameters = experiment.parameters
    # First: devices can be divided only as long as no operation, such as decoding, has run.
    strategy = make_strategy(machine.strategy, machine.logical_cpus)
    source = dataset_of(parameters, machine.data_dir)
    set_determinism(machine.deterministic, parameters.seed, strategy)
    steps = make_steps(experiment, source, strategy, machine.jit_compile)
    progress = Progress(name, parameters.steps, log, stream)
    checkpoints = Checkpoints(directory / CHECKPOINTS, steps, machine.checkpoint_seconds)
    start = checkpoints.restore()
    loop = Loop(
        steps,
        Batches(source, experiment.recipe, strategy),
        experiment.recipe,
        source.train_examples,
        experiment.architecture,
        checkpoints,
        Summaries(directory, experiment.architecture, evaluation_split(parameters)),
        progress,
    )
    for note in source.notes:
        progress.line(f"note: {note}")
    description = describe(experiment.architecture, steps.model)
    inspection = Inspection(experiment, directory)
    inspection.start(steps.model, description)
    progress.line(_opening(experiment, strategy, start, time.monotonic() - started))
    outcome, joules = _measured(loop, start)
    if machine.save_model:
        write_model(loop, steps, directory / MODEL)
    if machine.keep_checkpoints:
        checkpoints.save(parameters.steps, outcome.seconds)
    statistics = _statistics(experiment, steps, strategy, outcome, joules, description)
    write_json(directory / STATISTICS, statistics)
    if not machine.keep_checkpoints:
        shutil.rmtree(directory / CHECKPOINTS, ignore_errors=True)
    inspection.end(statistics)  # last: no picture is worth a training
    return statistics


def _measured(loop: Loop, start: int) -> tuple[Outcome, float | None]:
    """Train; the joules are None where nobody tells them, or only those of a resumed job's end."""
    with EnergyMeter() as meter:
        outcome = loop.run(start)
        return outcome, None if start else meter.joules()


def make_steps(
    experiment: Experiment,
    source: Source,
    strategy: tf.distribute.Strategy,
    jit_compile: bool = False,
) -> Steps:
    """Return the steps of a job's network, untrained.

    Args:
        experiment: the job.
        source: its data set.
        strategy: where it runs.
        jit_compile: whether XLA compiles the training step.
    """
    parameters, training = experiment.parameters, experiment.recipe.training
    keras.config.set_dtype_policy("mixed_float16" if training.mixed_precision else "float32")
    with strategy.scope():
        model = build_model(
            experiment.architecture,
            source.image_shape,
            source.classes,
            collect_statistics=parameters.log_stats,
            branch_dropout=training.branch_dropout,
            seed=parameters.seed,
            branch_gates=parameters.branch_gates,
        )
        return Steps(model, training, strategy, parameters.global_batch_size, jit_compile)


def _opening(
    experiment: Experiment, strategy: tf.distribute.Strategy, start: int, seconds: float
) -> str:
    parameters = experiment.parameters
    resumed = f", resumed after step {start}" if start else ""
    return (
        f"{experiment.architecture.notation} on {parameters.dataset}: {parameters.steps} steps of"
        f" {parameters.global_batch_size} images on {describe_devices(strategy)}"
        f" (ready in {seconds:.1f} s{resumed})"
    )


def _statistics(
    experiment: Experiment,
    steps: Steps,
    strategy: tf.distribute.Strategy,
    outcome: Outcome,
    joules: float | None,
    description: dict[str, Any],
) -> dict[str, Any]:
    return {
        **final_statistics(experiment.architecture, steps.model, experiment.parameters.seed),
        "split": TEST if experiment.parameters.score_test else VALIDATION,
        "accuracy": outcome.score.accuracy,
        "loss": outcome.score.loss,
        "scored_images": outcome.score.images,
        **_validation(outcome),
        "training_loss": outcome.training_loss,
        "steps": experiment.parameters.steps,
        "notation": description["notation"],
        "parameters": description["trainable_params"],
        "flops": description["flops"],
        "seconds": round(outcome.seconds, 3),
        "images_per_second": round(outcome.images_per_second, 1),
        "input_wait": round(outcome.input_wait, 4),
        "energy_joules": joules,
        "device": describe_devices(strategy),
        "strategy": type(strategy).__name__,
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
    }


def _validation(outcome: Outcome) -> dict[str, float]:
    score = outcome.validation
    return {"validation_accuracy": score.accuracy, "validation_loss": score.loss} if score else {}
