"""The jobs of a comparison, which train each network with each seed."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from nac.architecture.json_form import architecture_to_json
from nac.architecture.network import Architecture
from nac.comparison.networks import RANDOM_SEARCH, WORST_CASE, Choice, Cost, Network
from nac.comparison.progress import Ended
from nac.comparison.random_search import best, candidates
from nac.config import Experiment, training_job
from nac.config.splits import search_recipe
from nac.construction.baselines import worst_case_policy
from nac.construction.prior import prior
from nac.construction.width import Limit
from nac.display.display import Display
from nac.runs.executors import Executor
from nac.runs.iterations import NO_MODEL
from nac.runs.jobs import JobRunner, check_same, runners_of
from nac.runs.layout import (
    ARCHITECTURE,
    DECODED,
    candidate_directory,
    comparison_directory,
    construction_directory,
    is_done,
    iteration_directory,
    seed_directory,
)
from nac.runs.queue import Task
from nac.runs.repetition import with_steps_taken
from nac.runs.restructuring import Earlier, next_step, truncated_job
from nac.runs.result import JobResult, read_result
from nac.runs.run_directory import open_run
from nac.utils.errors import NacError
from nac.utils.files import write_atomically


@dataclass(frozen=True)
class Comparison:
    """A run, and the networks that its constructed network is compared with.

    Attributes:
        run: The run directory.
        experiment: The experiment of the run, its full trainings scored on ``split`` alone.
        split: Images that decide, "test" or "validation".
        choice: Which networks take part.
        networks: The networks, the constructed one first.
        seeds: Seeds of the trainings of each network.
        arguments: Further flags for the jobs.
        limits: What each network may cost, see :func:`nac.runs.budget.limits_of`.
        costs: What random networks have as much of as the constructed one.
        environments: Environment variables for the jobs of each worker.
    """

    run: Path
    experiment: Experiment
    split: str
    choice: Choice
    networks: tuple[Network, ...]
    seeds: tuple[int, ...]
    arguments: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    costs: tuple[Cost, ...] = ()
    environments: Sequence[Mapping[str, str]] = ({},)

    @property
    def directory(self) -> Path:
        """Directory of the comparison."""
        return comparison_directory(self.run, self.split)

    def job_directory(self, network: str, seed: int) -> Path:
        """Return the directory of a network's job with a seed."""
        return seed_directory(self.directory / network, seed)

    def candidate_directory(self, number: int) -> Path:
        """Return the directory of a candidate's job in the random search."""
        return candidate_directory(self.directory, RANDOM_SEARCH, number)

    @property
    def construction(self) -> Path:
        """Run directory in which the worst case is constructed."""
        return construction_directory(self.directory, WORST_CASE)

    @property
    def worst_case(self) -> Experiment:
        """The experiment that constructs the worst case."""
        settings = worst_case_policy(self.experiment.need("envelopenet"))
        return replace(self.experiment, envelopenet=settings)

    @property
    def job_directories(self) -> list[Path]:
        """Directories of all jobs, those of the worst case's construction first."""
        iterations = range(self.experiment.need("parameters.iterations"))
        constructions = iterations if self.choice.worst_case else ()
        return (
            [iteration_directory(self.construction, number) for number in constructions]
            + [
                self.job_directory(network.name, seed)
                for network in self.networks
                for seed in self.seeds
            ]
            + [self.candidate_directory(number) for number in range(len(self.searched))]
        )

    @cached_property
    def searched(self) -> list[Experiment]:
        """The jobs of a random search, one for each candidate."""
        if not self.choice.random_search:
            return []
        constructed = self.networks[0].architecture
        assert constructed is not None
        given = self.run, self.experiment, constructed, self.choice, self.limits, self.costs
        return candidates(*given)


@contextmanager
def job_runners(
    comparison: Comparison, display: Display, executor: Executor | None = None
) -> Iterator[list[JobRunner]]:
    """Yield a runner of jobs for each worker, whose jobs a display shows.

    Args:
        comparison: The comparison.
        display: The display.
        executor: Starts the processes of the jobs, by default on this machine.
    """
    not_done = sum(not is_done(directory) for directory in comparison.job_directories)
    upcoming = deque([_arguments(comparison)] * not_done)
    decoded = comparison.directory / DECODED
    slots = comparison.environments
    with runners_of(executor, slots, upcoming, decoded, display) as runners:
        yield runners


def _arguments(comparison: Comparison) -> Sequence[str]:
    return [*comparison.arguments, NO_MODEL]


def comparison_tasks(comparison: Comparison, runners: Sequence[JobRunner]) -> list[Task]:
    """Return the jobs to begin with. The worst case's construction is first: others wait for it.

    Args:
        comparison: The comparison.
        runners: The runner of each worker.

    Raises:
        NacError: A directory holds the result of another job.
    """
    tasks = [_worst_case_task(comparison, runners)] if comparison.choice.worst_case else []
    tasks += [_search_task(comparison, runners, 0)] if comparison.choice.random_search else []
    for network in comparison.networks:
        if network.architecture is not None:
            tasks += _trainings(comparison, runners, network.name, network.architecture)
    return tasks


def _worst_case_task(comparison: Comparison, runners: Sequence[JobRunner]) -> Task:
    """Return the first iteration of the worst case's construction."""
    experiment = comparison.worst_case
    open_run(comparison.construction, experiment, [])
    settings, stem = experiment.need("envelopenet"), experiment.need("init_cell")
    worst = prior(settings, stem, experiment.classifier, comparison.limits)
    return _construction_task(comparison, runners, 0, worst)


def _trainings(
    comparison: Comparison, runners: Sequence[JobRunner], name: str, architecture: Architecture
) -> list[Task]:
    tasks = []
    for seed in comparison.seeds:
        recipe = comparison.experiment.need("final_training")
        recipe = replace(recipe, parameters=replace(recipe.parameters, seed=seed))
        job = training_job(comparison.experiment, architecture, recipe)
        directory = comparison.job_directory(name, seed)
        _check_same(comparison, job, directory)
        tasks.append(Task(f"{name} seed {seed}", _training(comparison, runners, job, directory)))
    return tasks


def _check_same(comparison: Comparison, job: Experiment, directory: Path) -> None:
    try:
        check_same(job, directory)
    except NacError as error:
        raise NacError(
            f"{error}. So {comparison.directory} is a comparison of another run or with other"
            " random networks: use its --random_skips and --baseline_seed, or move it away"
        ) from None


def _construction_task(
    comparison: Comparison,
    runners: Sequence[JobRunner],
    iteration: int,
    network: Architecture,
    before: Sequence[Earlier] = (),
) -> Task:
    """Return an iteration of the worst case's construction; the next one follows from it."""
    experiment = comparison.worst_case
    settings, count = experiment.need("envelopenet"), experiment.need("parameters.iterations")
    directory = iteration_directory(comparison.construction, iteration)
    done = iteration_directory(comparison.run, iteration)
    recipe = with_steps_taken(search_recipe(experiment), done, "an iteration that is done")
    job = truncated_job(experiment, network, recipe)

    def following(trained: Ended[JobResult]) -> list[Task]:
        result, done = trained.result, list(before)
        step = next_step(directory, network, result, settings, comparison.limits, done)
        if iteration + 1 < count:
            done.append((network, result))
            return [_construction_task(comparison, runners, iteration + 1, step.network, done)]
        path = comparison.construction / ARCHITECTURE
        write_atomically(path, architecture_to_json(step.network))
        return _trainings(comparison, runners, WORST_CASE, step.network)

    name = f"{WORST_CASE} construction {iteration:03d}"
    return Task(name, _training(comparison, runners, job, directory), following)


def _search_task(comparison: Comparison, runners: Sequence[JobRunner], number: int) -> Task:
    """Return a candidate of the random search; the next one follows, and the best of all."""
    job = comparison.searched[number]
    directory = comparison.candidate_directory(number)
    _check_same(comparison, job, directory)

    def following(trained: Ended[JobResult]) -> list[Task]:
        if number + 1 < len(comparison.searched):
            return [_search_task(comparison, runners, number + 1)]
        found = {
            index: read_result(comparison.candidate_directory(index))
            for index in range(len(comparison.searched))
        }
        winner = comparison.searched[best(found)].need("arch")
        return _trainings(comparison, runners, RANDOM_SEARCH, winner)

    name = f"{RANDOM_SEARCH} candidate {number:02d}"
    return Task(name, _training(comparison, runners, job, directory), following)


def _training(
    comparison: Comparison, runners: Sequence[JobRunner], job: Experiment, directory: Path
) -> Callable[[int], Ended[JobResult]]:
    def run(worker: int) -> Ended[JobResult]:
        done_before, started = is_done(directory), time.monotonic()
        result = runners[worker].run(job, directory, _arguments(comparison))
        return Ended(result, None if done_before else time.monotonic() - started)

    return run


def results(comparison: Comparison) -> dict[str, dict[int, JobResult]]:
    """Return network -> seed -> result of all trainings that are done."""
    return {
        network.name: {
            seed: read_result(comparison.job_directory(network.name, seed))
            for seed in comparison.seeds
            if is_done(comparison.job_directory(network.name, seed))
        }
        for network in comparison.networks
    }
