"""A run directory read back: its settings, measurements and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nac.architecture.network import Architecture
from nac.config import EnvelopeNet, Experiment, load_experiment
from nac.construction.decisions import Decisions
from nac.construction.statistics import Statistics
from nac.construction.tournament import ranking_of
from nac.runs.construction import load_constructed
from nac.runs.layout import (
    ARCHITECTURE,
    EXPERIMENT,
    FINAL,
    JOB,
    children_directories,
    is_done,
    iteration_directory,
)
from nac.runs.restructuring import Earlier, decisions_after, is_decided, proposals_after
from nac.runs.result import JobResult, read_result
from nac.runs.tournament import Choice, read_choice
from nac.utils.errors import InputError


@dataclass(frozen=True)
class Job:
    """A job that is done.

    Attributes:
        directory: The job's directory.
        name: The number of the iteration, or "final".
        architecture: The network that was trained.
        result: What the training measured.
    """

    directory: Path
    name: str
    architecture: Architecture
    result: JobResult


@dataclass(frozen=True)
class Iteration(Job):
    """A truncated training and what followed from it.

    Attributes:
        measured: Strength per branch by the run's ranking, and gate per skip connection.
        decisions: What was pruned, kept and grown after it.
        ranking: Name of the ranking whose strengths the decisions tell; the run's, unless a
            tournament chose a proposal by another one.
        choice: What a tournament chose, None for other policies.
        children: Results of the trainings that chose the next network, for most policies none.
    """

    measured: Statistics
    decisions: Decisions
    ranking: str
    choice: Choice | None = None
    children: tuple[JobResult, ...] = ()

    @property
    def results(self) -> tuple[JobResult, ...]:
        """The results of all trainings of the iteration."""
        return self.result, *self.children


@dataclass(frozen=True)
class Run:
    """A run as far as it got.

    Attributes:
        directory: The run directory.
        experiment: The settings of the run, defaults written out.
        iterations: The iterations that are done and decided, in order.
        constructed: The constructed network, None as long as there is none.
        final: Its full training, None if there is none (yet).
    """

    directory: Path
    experiment: Experiment
    iterations: tuple[Iteration, ...]
    constructed: Architecture | None
    final: Job | None

    @property
    def name(self) -> str:
        """Name of the run directory."""
        return self.directory.resolve().name

    @property
    def ranking(self) -> str:
        """Name of the ranking that decides which branches are pruned."""
        return self.experiment.need("envelopenet").ranking

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that are done, in order."""
        return (*self.iterations, *([self.final] if self.final else []))


def load_run(directory: Path) -> Run:
    """Read a run directory.

    Raises:
        InputError: It is not a run directory, or a file in it is damaged.
    """
    path = directory / EXPERIMENT
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the run directory of a nac.construct")
    experiment = load_experiment(str(path))
    numbers = range(experiment.need("parameters.iterations"))
    done = [number for number in numbers if is_done(iteration_directory(directory, number))]
    return Run(
        directory,
        experiment,
        _iterations(directory, done, experiment),
        load_constructed(directory, experiment) if (directory / ARCHITECTURE).is_file() else None,
        _job(directory / FINAL, FINAL) if is_done(directory / FINAL) else None,
    )


def _job(directory: Path, name: str) -> Job:
    architecture = load_experiment(str(directory / JOB)).need("arch")
    return Job(directory, name, architecture, read_result(directory))


def _iteration(
    job: Job, settings: EnvelopeNet, before: Sequence[Earlier], choice: Choice | None
) -> Iteration:
    measured, decisions = decisions_after(
        job.directory, job.architecture, job.result, settings, before
    )
    children = filter(is_done, children_directories(job.directory))
    return Iteration(
        **vars(job),
        measured=measured,
        decisions=decisions,
        ranking=ranking_of(choice.winner, settings) if choice else settings.ranking,
        choice=choice,
        children=tuple(map(read_result, children)),
    )


def _iterations(run: Path, numbers: Sequence[int], experiment: Experiment) -> tuple[Iteration, ...]:
    """Return the iterations, without a newest one whose tournament has not chosen yet."""
    settings, before = experiment.need("envelopenet"), list[Earlier]()
    iterations = []
    for number in numbers:
        job = _job(iteration_directory(run, number), str(number))
        proposals = proposals_after(job.directory, job.architecture, job.result, settings, before)
        if is_decided(job.directory, proposals):
            choice = read_choice(job.directory) if len(proposals) > 1 else None
            iterations.append(_iteration(job, settings, before, choice))
        before.append((job.architecture, job.result))
    return tuple(iterations)
