"""A comparison: the jobs that train each network with each seed, and what came of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nac.architecture.json_form import architecture_to_json
from nac.architecture.network import Architecture
from nac.comparison.networks import WORST_CASE, Network
from nac.config import Experiment, training_job
from nac.config.splits import search_recipe
from nac.construction.baselines import worst_case_policy
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.construction.statistics import parse_statistics
from nac.runs.construction import NO_MODEL
from nac.runs.jobs import check_same, run_in_process
from nac.runs.layout import ARCHITECTURE, STATISTICS, is_done, iteration_directory
from nac.runs.queue import Task
from nac.runs.run_directory import open_run
from nac.utils.errors import NacError
from nac.utils.files import read_json, write_atomically


@dataclass(frozen=True)
class Comparison:
    """A run, the networks to compare, and where.

    Attributes:
        experiment: of the run.
        directory: of the comparison.
        networks: all that take part, the constructed one first.
        seeds: of the trainings of each network.
        arguments: further flags for the jobs.
        environments: variables for the jobs of each worker.
    """

    experiment: Experiment
    directory: Path
    networks: tuple[Network, ...]
    seeds: tuple[int, ...]
    arguments: tuple[str, ...] = ()
    environments: Sequence[Mapping[str, str]] = ({},)

    def place(self, name: str, seed: int) -> Path:
        """Return the directory of a network's job with a seed."""
        return self.directory / name / f"seed{seed}"

    @property
    def construction(self) -> Path:
        """The run directory of the worst case's construction."""
        return self.directory / WORST_CASE / "construction"

    @property
    def worst_case(self) -> Experiment:
        """The experiment that constructs the worst case."""
        policy = worst_case_policy(self.experiment.envelopenet)
        return replace(self.experiment, envelopenet=policy)

    @property
    def places(self) -> list[Path]:
        """The directories of all jobs, those of the worst case's construction first."""
        iterations = range(self.experiment.parameters.iterations)
        return [iteration_directory(self.construction, number) for number in iterations] + [
            self.place(network.name, seed) for network in self.networks for seed in self.seeds
        ]


@dataclass(frozen=True)
class JobResult:
    """What a task of a comparison returns.

    Attributes:
        statistics: of the job.
        seconds: that it took, with the start of its process; None if it was done before.
    """

    statistics: dict[str, Any]
    seconds: float | None


def comparison_tasks(comparison: Comparison) -> list[Task]:
    """Return the jobs to begin with, the worst case's construction first: others wait for it.

    Raises:
        NacError: a directory holds the result of another job.
    """
    experiment = comparison.worst_case
    open_run(comparison.construction, experiment, [])
    network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    begin = [_construction_task(comparison, 0, network)]
    for network in comparison.networks:
        if network.architecture is not None:
            begin += _trainings(comparison, network.name, network.architecture)
    return begin


def _trainings(comparison: Comparison, name: str, architecture: Architecture) -> list[Task]:
    found = []
    for seed in comparison.seeds:
        recipe = comparison.experiment.final
        recipe = replace(recipe, parameters=replace(recipe.parameters, seed=seed))
        job = training_job(comparison.experiment, architecture, recipe)
        place = comparison.place(name, seed)
        _check_same(comparison, job, place)
        found.append(Task(f"{name} seed {seed}", _runner(comparison, job, place)))
    return found


def _check_same(comparison: Comparison, job: Experiment, place: Path) -> None:
    try:
        check_same(job, place)
    except NacError as error:
        raise NacError(
            f"{error}. So {comparison.directory} is a comparison of another run or other random"
            " networks: go on with its --random_skips and --baseline_seed, or move it away"
        ) from None


def _construction_task(comparison: Comparison, iteration: int, network: Architecture) -> Task:
    """Return an iteration of the worst case's construction; the next one follows from it."""
    experiment = comparison.worst_case
    place = iteration_directory(comparison.construction, iteration)
    job = training_job(experiment, network, search_recipe(experiment))

    def following(result: JobResult) -> list[Task]:
        policy, source = experiment.envelopenet, str(place / STATISTICS)
        statistics = parse_statistics(result.statistics, network, source, policy.ranking)
        after = restructure(network, statistics, policy)
        if iteration + 1 < experiment.parameters.iterations:
            return [_construction_task(comparison, iteration + 1, after)]
        write_atomically(comparison.construction / ARCHITECTURE, architecture_to_json(after))
        return _trainings(comparison, WORST_CASE, after)

    name = f"{WORST_CASE} construction {iteration:03d}"
    return Task(name, _runner(comparison, job, place), following)


def _runner(comparison: Comparison, job: Experiment, place: Path) -> Callable[[int], JobResult]:
    def run(worker: int) -> JobResult:
        before, started = is_done(place), time.monotonic()
        environment = comparison.environments[worker]
        arguments = [*comparison.arguments, NO_MODEL]
        statistics = run_in_process(job, place, arguments, environment, quiet=True)
        return JobResult(statistics, None if before else time.monotonic() - started)

    return run


def results(comparison: Comparison) -> dict[str, dict[int, dict[str, Any]]]:
    """Return network -> seed -> statistics of all trainings that are done."""
    return {
        network.name: {
            seed: read_json(comparison.place(network.name, seed) / STATISTICS)
            for seed in comparison.seeds
            if is_done(comparison.place(network.name, seed))
        }
        for network in comparison.networks
    }
