"""A job that is ready to train: images are read, the network is built, its state is restored."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf

from nac.config import Experiment, Recipe
from nac.data.datasets import dataset_of
from nac.data.source import Source
from nac.display.job_events import Note, Opened, Working
from nac.models.description import NetworkDescription, describe
from nac.runs.layout import CHECKPOINTS
from nac.tensorboard.board import TensorBoard
from nac.training.batches import Batches
from nac.training.calls import Calls
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import evaluation_split
from nac.training.graphs import use_fitting_optimizer
from nac.training.inheritance import inherit
from nac.training.machine import Machine
from nac.training.progress import Progress
from nac.training.retries import Retries
from nac.training.rounds import PruningRounds
from nac.training.steps import Steps
from nac.training.strategies import describe_devices, make_strategy, set_determinism
from nac.training.threads import use_fitting_threads
from nac.training.untrained import make_steps


@dataclass
class Clock:
    """The seconds of a job.

    Attributes:
        began: When this process began it, by the system's monotonic clock.
        before: Seconds that it took in earlier processes.
        reading: Seconds that reading the images took here.
    """

    began: float = field(default_factory=time.monotonic)
    before: float = 0.0
    reading: float = 0.0

    def here(self) -> float:
        """Return the seconds since this process began the job."""
        return time.monotonic() - self.began

    def elapsed(self) -> float:
        """Return the seconds of the whole job until now."""
        return self.before + self.here()


@dataclass(frozen=True)
class OpenJob:
    """A job that is ready to train.

    Attributes:
        experiment: The job.
        directory: Its directory.
        machine: How it is run.
        progress: Its reports.
        clock: Its seconds.
        strategy: The devices that it runs on.
        source: Its data.
        recipe: Its recipe, for that number of images.
        batches: Its batches.
        steps: The steps of its network.
        description: The network in numbers.
        rounds: What removes branches while it trains, None for nothing.
        checkpoints: Where its state is saved.
        start: Number of steps that earlier processes did.
        board: Its event files for TensorBoard.
        retries: What it goes back to if its loss stops being finite, None for nothing.
        calls: The calls that train the network.
    """

    experiment: Experiment
    directory: Path
    machine: Machine
    progress: Progress
    clock: Clock
    strategy: tf.distribute.Strategy
    source: Source
    recipe: Recipe
    batches: Batches
    steps: Steps
    description: NetworkDescription
    rounds: PruningRounds | None
    checkpoints: Checkpoints
    start: int
    board: TensorBoard
    retries: Retries | None
    calls: Calls


def open_job(
    experiment: Experiment, directory: Path, machine: Machine, progress: Progress
) -> OpenJob:
    """Read images, build the network, and restore what a checkpoint has or inherit weights.

    Args:
        experiment: A complete job.
        directory: Its directory.
        machine: How it is run.
        progress: Its reports.

    Raises:
        InputError: The job does not fit the data.
    """
    clock = Clock()
    # First: devices and threads are fixed by the first operation, such as decoding an image.
    use_fitting_threads(experiment)
    strategy = make_strategy(machine.strategy, machine.logical_cpus)
    use_fitting_optimizer(strategy)
    progress.show(Working("reading images"))
    before_reading = clock.here()
    source = dataset_of(experiment, machine.data_dir, machine.decoded_dir)
    clock.reading = clock.here() - before_reading
    progress.show(Working("building the network"))
    job = _built(experiment, directory, machine, progress, clock, strategy, source)
    _begin(job)
    return job


def _built(
    experiment: Experiment,
    directory: Path,
    machine: Machine,
    progress: Progress,
    clock: Clock,
    strategy: tf.distribute.Strategy,
    source: Source,
) -> OpenJob:
    parameters = experiment.parameters
    set_determinism(machine.deterministic, parameters.seed, strategy, machine.jit_compile)
    recipe = experiment.recipe.for_examples(source.train_examples)
    batches = Batches(source, recipe, strategy)
    steps = make_steps(experiment, source, strategy, machine.jit_compile, machine.saving)
    description = describe(experiment.architecture, steps.model)
    rounds = _rounds(experiment, steps, batches)
    place, log = machine.checkpoint_dir or directory / CHECKPOINTS, rounds.log if rounds else None
    checkpoints = Checkpoints(place, steps, machine.checkpoint_seconds, log)
    start = checkpoints.restore()
    clock.before = float(checkpoints.seconds.numpy())
    split = evaluation_split(parameters)
    board = TensorBoard(experiment, directory, split, start, lambda text: progress.show(Note(text)))
    return OpenJob(
        experiment=experiment,
        directory=directory,
        machine=machine,
        progress=progress,
        clock=clock,
        strategy=strategy,
        source=source,
        recipe=recipe,
        batches=batches,
        steps=steps,
        description=description,
        rounds=rounds,
        checkpoints=checkpoints,
        start=start,
        board=board,
        retries=_retries(experiment, steps, checkpoints),
        calls=Calls(steps, machine.steps_per_call),
    )


def _rounds(experiment: Experiment, steps: Steps, batches: Batches) -> PruningRounds | None:
    if experiment.pruning is None:
        return None
    return PruningRounds(steps, batches, experiment.pruning, experiment.parameters.seed)


def _retries(experiment: Experiment, steps: Steps, checkpoints: Checkpoints) -> Retries | None:
    most = experiment.need("child_training").nan_retries
    if not most:
        return None
    # Those of a checkpoint: a copy of the weights that a step makes may still be that of a bad one.
    variables = [*steps.model.variables, *steps.optimizer.variables, steps.average.vector]
    return Retries(checkpoints, variables, most, experiment.need("parameters.steps"))


def _begin(job: OpenJob) -> None:
    """Write and say what is known before the training; take weights that are inherited."""
    job.board.begin(job.steps.model, job.description)
    for note in (*(f"note: {note}" for note in job.source.notes), *_damages(job)):
        job.progress.show(Note(note))
    if job.experiment.inherit and not job.checkpoints.restored:
        job.progress.show(Note(inherit(job.steps, job.experiment)))
    job.progress.show(_opened(job))


def _damages(job: OpenJob) -> list[str]:
    """Return a line about each checkpoint that could not be restored, and what that means."""
    then = f"goes on after step {job.start}" if job.checkpoints.restored else "starts anew"
    return [f"{note}; the job {then}" for note in job.checkpoints.notes]


def _opened(job: OpenJob) -> Opened:
    parameters = job.experiment.parameters
    return Opened(
        network=str(job.experiment.architecture.notation),
        dataset=str(parameters.dataset),
        steps=parameters.steps,
        batch_size=parameters.global_batch_size,
        device=describe_devices(job.strategy),
        seconds=job.clock.here(),
        resumed_after=job.start,
    )
