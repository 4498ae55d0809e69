"""A run directory read back: what was asked, measured and decided."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.architecture.network import Architecture
from nac.config import Experiment, load_experiment
from nac.construction.restructure import Decisions, decide
from nac.construction.statistics import Statistics, parse_statistics
from nac.runs.construction import load_constructed
from nac.runs.layout import (
    ARCHITECTURE,
    COMPARISON,
    EXPERIMENT,
    FINAL,
    JOB,
    STATISTICS,
    is_done,
    iteration_directory,
)
from nac.utils.errors import InputError
from nac.utils.files import read_json


@dataclass(frozen=True)
class Job:
    """A job that is done.

    Attributes:
        directory: of the job.
        architecture: what was trained.
        statistics: the content of ``statistics.json``.
    """

    directory: Path
    architecture: Architecture
    statistics: dict[str, Any]


@dataclass(frozen=True)
class Iteration(Job):
    """A truncated training and what was decided by it.

    Attributes:
        measured: metric per branch and gate per skip connection, by the run's ranking.
        decisions: what was pruned, kept and grown after it.
    """

    measured: Statistics
    decisions: Decisions


@dataclass(frozen=True)
class Run:
    """A run as far as it got.

    Attributes:
        directory: of the run.
        experiment: what was asked, defaults written out.
        iterations: those that are done, in order.
        constructed: the constructed network, None as long as there is none.
        final: its full training, None if there is none (yet).
        comparison: the content of ``comparison.json``, None if no comparison was made.
    """

    directory: Path
    experiment: Experiment
    iterations: tuple[Iteration, ...]
    constructed: Architecture | None
    final: Job | None
    comparison: dict[str, Any] | None

    @property
    def name(self) -> str:
        """Name of the run directory."""
        return self.directory.resolve().name


def load_run(directory: Path) -> Run:
    """Read a run directory.

    Raises:
        InputError: it is none, or a file in it is damaged.
    """
    path = directory / EXPERIMENT
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the run directory of a nac.construct")
    experiment = load_experiment(str(path))
    count = experiment.need("parameters.iterations")
    places = [iteration_directory(directory, number) for number in range(count)]
    comparison = directory / COMPARISON / f"{COMPARISON}.json"
    return Run(
        directory,
        experiment,
        tuple(_iteration(place, experiment) for place in places if is_done(place)),
        load_constructed(directory, experiment) if (directory / ARCHITECTURE).is_file() else None,
        load_job(directory / FINAL) if is_done(directory / FINAL) else None,
        read_json(comparison) if comparison.is_file() else None,
    )


def load_job(directory: Path) -> Job:
    """Read a job that is done."""
    architecture = load_experiment(str(directory / JOB)).need("arch")
    return Job(directory, architecture, read_json(directory / STATISTICS))


def _iteration(directory: Path, experiment: Experiment) -> Iteration:
    job, policy = load_job(directory), experiment.need("envelopenet")
    source = str(directory / STATISTICS)
    measured = parse_statistics(job.statistics, job.architecture, source, policy.ranking)
    decisions = decide(job.architecture, measured, policy)
    return Iteration(directory, job.architecture, job.statistics, measured, decisions)
