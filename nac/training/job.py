"""One job: an experiment with one architecture goes in, a result and a model come out.

All files are in one directory. The job is ``job.json``, a complete experiment file with an ``arch``
section. Its result is ``statistics.json``; that this file exists means that the job is done.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import tensorflow as tf

from nac.config import Experiment, Recipe
from nac.config.splits import check_validation
from nac.data.datasets import dataset_of
from nac.display.display import Display
from nac.display.job_events import Note, Opened, Working
from nac.models.description import describe
from nac.quality.file import write_predictions
from nac.runs.layout import CHECKPOINTS, CLASSIFIER, MODEL, WEIGHTS
from nac.runs.result import JobResult, write_result
from nac.tensorboard.board import TensorBoard
from nac.tensorboard.events import late_loss
from nac.training.batches import Batches
from nac.training.calls import STEPS_PER_CALL, Calls
from nac.training.checkpoints import Checkpoints
from nac.training.delivery import deliver
from nac.training.energy import EnergyMeter
from nac.training.evaluation import CALIBRATION_BATCHES, evaluation_split
from nac.training.graphs import use_fitting_optimizer
from nac.training.inheritance import inherit
from nac.training.job_result import job_result
from nac.training.latency import measure_latency
from nac.training.loop import Loop, Outcome
from nac.training.plan import Plan, TimedPlan, seconds_to_end
from nac.training.predicted import predictions_of, show
from nac.training.progress import Progress
from nac.training.retries import Retries
from nac.training.rounds import PruningRounds
from nac.training.saving import inference_model, write_model
from nac.training.steps import Steps
from nac.training.strategies import describe_devices, make_strategy, set_determinism
from nac.training.threads import use_fitting_threads
from nac.training.untrained import make_steps
from nac.training.weights_file import write_weights
from nac.utils.errors import LossError, SystemRefusal
from nac.utils.failures import reason_in
from nac.utils.signals import StopRequest

NEEDED = (
    "parameters.dataset",
    "parameters.steps",
    "parameters.batch_size",
    "child_training",
    "arch",
)


@dataclass(frozen=True)
class Machine:
    """How a job is run: settings that do not belong to the experiment.

    Attributes:
        strategy: See :func:`nac.training.strategies.make_strategy`.
        logical_cpus: See there.
        deterministic: See :func:`nac.training.strategies.set_determinism`.
        data_dir: Directory of the data set, in place of the experiment's.
        jit_compile: Whether XLA compiles the training step.
        steps_per_call: Largest number of steps between which no Python runs.
        checkpoint_seconds: Seconds between checkpoints.
        keep_checkpoints: Whether the newest checkpoints stay when the job is done.
        save_model: Whether to write the trained network, its classifier of photos, and what it
            answers for the images on which it is scored.
        save_weights: Whether to write the trained weights alone, too, for a job that starts from
            them.
        decoded_dir: Where jobs of a run hand decoded images on to each other, None for nowhere.
    """

    strategy: str = "auto"
    logical_cpus: int = 0
    deterministic: str = "auto"
    jit_compile: bool = False
    steps_per_call: int = STEPS_PER_CALL
    data_dir: str | None = None
    checkpoint_seconds: float = 120.0
    keep_checkpoints: bool = False
    save_model: bool = True
    save_weights: bool = False
    decoded_dir: str | None = None


def check_job(experiment: Experiment) -> None:
    """Raise InputError unless the experiment has everything that a job needs."""
    for name in NEEDED:
        experiment.need(name)
    experiment.architecture.need_cells(experiment.source)
    if experiment.pruning:
        check_validation(experiment)


def run_job(
    experiment: Experiment,
    directory: Path,
    machine: Machine,
    name: str,
    log: TextIO | None = None,
    display: Display | None = None,
    stop: StopRequest | None = None,
) -> JobResult:
    """Train one architecture and write its result; resume from a checkpoint if there is one.

    Args:
        experiment: An experiment with everything in :data:`NEEDED`.
        directory: The job's directory for checkpoints, event files and results.
        machine: Strategy and other settings that do not belong to the experiment.
        name: Name of the job in its reports.
        log: Open log file.
        display: Where progress is shown, by default nowhere.
        stop: Whether the process is asked to end, by default never.

    Raises:
        InputError: The experiment is incomplete or does not fit the data.
        JobError: The loss stopped being finite.
        Interrupted: The process was asked to end; a checkpoint is saved.
    """
    check_job(experiment)
    started = time.monotonic()
    parameters, architecture = experiment.parameters, experiment.architecture
    # First: devices and threads are fixed by the first operation, such as decoding an image.
    use_fitting_threads(experiment)
    strategy = make_strategy(machine.strategy, machine.logical_cpus)
    use_fitting_optimizer(strategy)
    progress = Progress(name, parameters.steps, log, display)
    progress.show(Working("reading images"))
    before_reading = time.monotonic()
    source = dataset_of(experiment, machine.data_dir, machine.decoded_dir)
    reading = time.monotonic() - before_reading
    progress.show(Working("building the network"))
    set_determinism(machine.deterministic, parameters.seed, strategy, machine.jit_compile)
    recipe = experiment.recipe.for_examples(source.train_examples)
    batches = Batches(source, recipe, strategy)
    steps = make_steps(experiment, source, strategy, machine.jit_compile)
    description = describe(architecture, steps.model)
    rounds = _rounds(experiment, steps, batches)
    log_of_rounds = rounds.log if rounds else None
    checkpoints = Checkpoints(
        directory / CHECKPOINTS, steps, machine.checkpoint_seconds, log_of_rounds
    )
    start = checkpoints.restore()
    trained_before = float(checkpoints.seconds.numpy())
    split = evaluation_split(parameters)
    board = TensorBoard(experiment, directory, split, start, lambda text: progress.show(Note(text)))
    board.begin(steps.model, description)
    retries = _retries(experiment, steps, checkpoints)
    calls = Calls(steps, machine.steps_per_call)
    for note in (*(f"note: {note}" for note in source.notes), *_damages(checkpoints, start)):
        progress.show(Note(note))
    if experiment.inherit and not checkpoints.restored:
        progress.show(Note(inherit(steps, experiment)))
    progress.show(_opened(experiment, strategy, start, time.monotonic() - started))

    def train(start: int) -> Outcome:
        plan = _plan(recipe, batches, checkpoints, trained_before - started, reading)
        parts = (calls, batches, recipe, plan, source.train_examples, checkpoints, board.curves)
        return Loop(*parts, progress, rounds, retries, stop).run(start)

    with EnergyMeter() as meter:
        outcome = _trained(train, start, retries, board, progress)
        joules = None if start else meter.joules()
    progress.show(Working("saving"))
    if machine.save_model:
        write_model(steps, directory / MODEL)
        note = deliver(steps, experiment, source, outcome.score, directory)
        if note:
            progress.show(Note(note))
    if machine.save_weights:
        write_weights(steps, directory / WEIGHTS)
    if machine.keep_checkpoints:
        checkpoints.save(outcome.steps, outcome.seconds, 1.0)
    elapsed = trained_before + time.monotonic() - started
    result = job_result(experiment, calls, strategy, outcome, elapsed, joules, description)
    result = replace(result, late_training_loss=late_loss(directory, outcome.steps))
    result = _with_rounds(result, rounds) if rounds else result
    if retries and retries.done:
        result = replace(result, retries=retries.done)
    if machine.save_model:
        predictions = predictions_of(outcome.answers, source, result.split)
        write_predictions(directory, predictions)
        latency = measure_latency(inference_model(steps.model), strategy)
        files = tuple(name for name in (MODEL, CLASSIFIER) if (directory / name).exists())
        result = replace(result, latency=latency, files=files)
    write_result(directory, result)
    if not machine.keep_checkpoints:
        shutil.rmtree(directory / CHECKPOINTS, ignore_errors=True)
    # Last: the training must not be lost if a picture cannot be drawn.
    try:
        if machine.save_model:
            show(predictions, source, directory, board, result.steps)
        board.end(result)
    except (OSError, SystemRefusal, tf.errors.OpError) as error:
        progress.show(Note(f"note: the training is done, but {_missing(directory, error)}"))
    return result


def _missing(directory: Path, error: Exception) -> str:
    return f"pictures or TensorBoard's summary in {directory} are not: {reason_in(error)}"


def _plan(
    recipe: Recipe, batches: Batches, checkpoints: Checkpoints, offset: float, reading: float
) -> Plan:
    """Return the number of steps of a job.

    Args:
        recipe: Its recipe.
        batches: Its batches.
        checkpoints: What was done of it.
        offset: From the clock to the seconds that it has taken, also in earlier processes.
        reading: Seconds that it took to read the images.
    """
    parameters = recipe.parameters
    plan = Plan(parameters.steps)
    if parameters.seconds is not None:
        plan = TimedPlan(
            parameters.steps,
            seconds_to_end(parameters.seconds, reading),
            CALIBRATION_BATCHES + batches.final_evaluation(),
            lambda: offset + time.monotonic(),
        )
    plan.resume(int(checkpoints.step.numpy()), float(checkpoints.progress.numpy()))
    return plan


def _rounds(experiment: Experiment, steps: Steps, batches: Batches) -> PruningRounds | None:
    """Return what removes branches while the job trains, None if nothing is to be removed."""
    if experiment.pruning is None:
        return None
    return PruningRounds(steps, batches, experiment.pruning, experiment.parameters.seed)


def _with_rounds(result: JobResult, rounds: PruningRounds) -> JobResult:
    """Return the result with what the rounds did, and what was measured before them."""
    measured = rounds.measured
    if measured is not None:
        result = replace(result, featuremaps=measured.featuremaps, gates=measured.gates)
    return replace(result, rounds=rounds.rounds, rounds_seconds=round(rounds.seconds, 3))


def _retries(experiment: Experiment, steps: Steps, checkpoints: Checkpoints) -> Retries | None:
    """Return what a job does if its loss stops being finite, None for nothing."""
    most = experiment.need("child_training").nan_retries
    if not most:
        return None
    # Those of a checkpoint: a copy of the weights that a step makes may still be that of a bad one.
    variables = [*steps.model.variables, *steps.optimizer.variables, steps.average.vector]
    return Retries(checkpoints, variables, most, experiment.need("parameters.steps"))


def _damages(checkpoints: Checkpoints, start: int) -> list[str]:
    """Return a line about each checkpoint that could not be restored, and what that means."""
    if not checkpoints.notes:
        return []
    then = f"goes on after step {start}" if checkpoints.restored else "starts anew"
    return [f"{note}; the job {then}" for note in checkpoints.notes]


def _trained(
    train: Callable[[int], Outcome],
    start: int,
    retries: Retries | None,
    board: TensorBoard,
    progress: Progress,
) -> Outcome:
    """Train; as long as there is a retry left, go back if the loss stops being finite.

    Args:
        train: Trains, after so many steps, with what is restored.
        start: Number of steps that an earlier process did.
        retries: What to go back to.
        board: TensorBoard, whose curves go back as well.
        progress: Reports.
    """
    while True:
        try:
            return train(start)
        except LossError as error:
            if retries is None:
                raise
            progress.show(Note(retries.go_back(error)))
            start = retries.done[-1].resumed_after
            board.restart_curves(start)


def _opened(
    experiment: Experiment, strategy: tf.distribute.Strategy, start: int, seconds: float
) -> Opened:
    parameters = experiment.parameters
    return Opened(
        network=str(experiment.architecture.notation),
        dataset=str(parameters.dataset),
        steps=parameters.steps,
        batch_size=parameters.global_batch_size,
        device=describe_devices(strategy),
        seconds=seconds,
        resumed_after=start,
    )
