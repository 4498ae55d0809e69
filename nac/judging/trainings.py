"""The trainings of a judgement and their places: all branches, or all but one."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nac.architecture.keys import layer_name
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.display.display import Display
from nac.display.run_events import Line, Planned, StagePlan
from nac.judging.retrained_worth import Increases
from nac.judging.retraining import Key
from nac.runs.executors import Executor, Slots
from nac.runs.iterations import NO_MODEL
from nac.runs.jobs import check_same, runners_of
from nac.runs.layout import (
    DECODED,
    is_done,
    retrained_directory,
    seed_directory,
    without_branch_directory,
)
from nac.runs.queue import Task, results_of
from nac.runs.result import JobResult
from nac.utils.errors import InputError, NacError

Jobs = Mapping[int, Experiment]
"""Seed -> job, see :func:`nac.judging.jobs.judged_jobs`."""

Results = Mapping[Path, JobResult]
"""Directory of a training -> its result."""


@dataclass(frozen=True)
class Training:
    """A training of a judgement.

    Attributes:
        name: Its name for people.
        job: The complete job.
        directory: The job's directory.
        keeps_model: Whether the trained network is needed afterwards.
    """

    name: str
    job: Experiment
    directory: Path
    keeps_model: bool


@dataclass(frozen=True)
class Trainings:
    """All trainings of a judgement.

    Attributes:
        complete: Seed -> training of the complete network.
        without: Branch -> seed -> training of the network without that branch.
    """

    complete: Mapping[int, Training]
    without: Mapping[Key, Mapping[int, Training]] = field(default_factory=dict)

    @property
    def in_order(self) -> list[Training]:
        """All of them, in the order in which they are done."""
        without = (training for by_seed in self.without.values() for training in by_seed.values())
        return [*self.complete.values(), *without]

    def increases(self, results: Results) -> Increases:
        """Return by how much more networks without a branch lose than the complete one."""
        losses = {seed: results[one.directory].loss for seed, one in self.complete.items()}
        return {
            key: {seed: results[one.directory].loss - losses[seed] for seed, one in by_seed.items()}
            for key, by_seed in self.without.items()
        }


def complete_trainings(jobs: Jobs, directory: Path) -> dict[int, Training]:
    """Return the trainings of the network of an iteration by their seed.

    Args:
        jobs: Their jobs.
        directory: Directory of the judgement of the iteration.

    Raises:
        InputError: The judgement was begun with other settings.
    """
    _check_same(jobs, directory, directory)
    return {
        seed: Training(f"complete network, seed {seed}", job, seed_directory(directory, seed), True)
        for seed, job in jobs.items()
    }


def trainings_without(
    networks: Mapping[Key, Architecture], jobs: Jobs, directory: Path
) -> dict[Key, dict[int, Training]]:
    """Return the trainings of networks without a branch: branch -> seed -> training.

    Args:
        networks: Branch -> the network without it.
        jobs: Jobs of the complete network.
        directory: Directory of the judgement of the iteration.

    Raises:
        InputError: The judgement was begun with other settings.
    """
    trainings = {}
    for (layer, branch), network in networks.items():
        parent = without_branch_directory(directory, layer, branch)
        changed = {seed: replace(job, architecture=network) for seed, job in jobs.items()}
        _check_same(changed, parent, retrained_directory(directory))
        name = f"without {layer_name(layer)}.{branch}"
        trainings[layer, branch] = {
            seed: Training(f"{name}, seed {seed}", job, seed_directory(parent, seed), False)
            for seed, job in changed.items()
        }
    return trainings


def _check_same(jobs: Jobs, parent: Path, removed: Path) -> None:
    """Raise InputError, which says what to remove, if other jobs are in the places of these."""
    try:
        for seed, job in jobs.items():
            check_same(job, seed_directory(parent, seed))
    except NacError as error:
        raise InputError(
            f"{error}. Remove {removed} to judge anew, or use the flags that this judgement was"
            " begun with"
        ) from None


def train(
    trainings: Sequence[Training],
    directory: Path,
    arguments: Sequence[str],
    display: Display,
    executor: Executor | None = None,
    slots: Slots = ({},),
) -> Results:
    """Return the results of trainings, after those that are not done yet.

    Args:
        trainings: The trainings.
        directory: Directory of the judgement of the iteration.
        arguments: Further flags of ``nac.train``.
        display: Shows what is going on.
        executor: Starts the processes of the trainings, by default on this machine.
        slots: Variables of the environment for as many trainings as run at a time.

    Raises:
        NacError: A training failed. The others are done before.
    """
    flags = [[*arguments, *([] if one.keeps_model else [NO_MODEL])] for one in trainings]
    pairs = list(zip(trainings, flags, strict=True))
    upcoming = deque[Sequence[str]](given for one, given in pairs if not is_done(one.directory))
    decoded, workers = directory / DECODED, len(slots)
    display.show(Planned((StagePlan("trainings", len(pairs), workers=workers),)))

    def task(number: int, one: Training, given: Sequence[str]) -> Task:
        def run(worker: int) -> JobResult:
            if not is_done(one.directory):
                display.show(Line(f"[{number}/{len(pairs)}] {one.name}"))
            return runners[worker].run(one.job, one.directory, given)

        return Task(one.name, run)

    tasks = [task(number, *pair) for number, pair in enumerate(pairs, start=1)]
    beside = workers > 1
    with display, runners_of(executor, slots, upcoming, decoded, display, beside) as runners:
        results = results_of(tasks, workers)
    return {one.directory: result for one, result in zip(trainings, results, strict=True)}
