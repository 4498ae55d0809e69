"""The trainings in which proposals of the policy ``tournament`` are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from nac.architecture.network import Architecture
from nac.config import Experiment, Recipe, training_job
from nac.construction.tournament import rungs, surviving
from nac.display.display import Display
from nac.display.run_events import Chosen, Stage
from nac.display.run_events import Rung as RungDone
from nac.runs.jobs import JobRunner
from nac.runs.layout import CHOICE, child_directory
from nac.runs.queue import Task, results_of
from nac.runs.result import JobResult
from nac.runs.stages import rung_stage
from nac.utils.errors import InputError, NacError
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


@dataclass(frozen=True)
class Rung:
    """One round of a tournament.

    Attributes:
        steps: Steps of each training.
        losses: Name of a network -> mean training loss of the last third of the steps.
    """

    steps: int
    losses: Mapping[str, float]


@dataclass(frozen=True)
class Choice:
    """What a tournament chose: ``choice.json``.

    Attributes:
        winner: Name of the network.
        networks: Name of each network -> its notation.
        rungs: The rungs in order.
    """

    VERSION: ClassVar[int] = 1

    winner: str
    networks: Mapping[str, str]
    rungs: tuple[Rung, ...]


def read_choice(iteration: Path) -> Choice:
    """Return what the tournament after an iteration chose.

    Raises:
        InputError: It has not chosen yet, or the file is damaged.
    """
    path = iteration / CHOICE
    if not path.is_file():
        raise InputError(f"{path}: no such file; the tournament of this iteration is not finished")
    return from_json(Choice, read_json(path), str(path))


def choose(
    experiment: Experiment,
    children: Mapping[str, Architecture],
    recipe: Recipe,
    iteration: Path,
    runners: Sequence[JobRunner],
    arguments: Sequence[str],
    display: Display | None = None,
) -> Choice:
    """Train the proposed networks, longer and longer, until one is left; write ``choice.json``.

    Args:
        experiment: The experiment of the run.
        children: Name of each network -> the network.
        recipe: Recipe of a whole truncated training, limited in steps.
        iteration: Directory of the iteration that the tournament follows.
        runners: Runners of jobs that work side by side.
        arguments: Flags of the jobs.
        display: Shows what is going on, by default nothing.

    Raises:
        NacError: A job failed.
    """
    display = display or Display()
    if (iteration / CHOICE).is_file():
        return read_choice(iteration)
    left, done = list(children), list[Rung]()
    for number, (_, share) in enumerate(rungs(len(children)), start=1):
        short = _shortened(recipe, share)
        jobs = {name: training_job(experiment, children[name], short) for name in left}
        places = {name: child_directory(iteration, number, name) for name in left}
        stage = rung_stage(iteration.name, number)
        display.show(Stage(stage, stage))
        losses = _losses(jobs, places, runners, arguments)
        done.append(Rung(short.parameters.steps or 0, losses))
        left = surviving(losses)
        display.show(RungDone(number, losses))
    networks = {name: str(network.notation) for name, network in children.items()}
    choice = Choice(left[0], networks, tuple(done))
    write_json(iteration / CHOICE, to_json(choice))
    display.show(Chosen(choice.winner))
    return choice


def _shortened(recipe: Recipe, share: float) -> Recipe:
    """Return the recipe of a rung. Nothing is measured there but the loss."""
    parameters = recipe.parameters
    steps = max(1, round(share * (parameters.steps or 1)))
    return replace(
        recipe, parameters=replace(parameters, steps=steps, seconds=None, log_stats=False)
    )


def _losses(
    jobs: Mapping[str, Experiment],
    places: Mapping[str, Path],
    runners: Sequence[JobRunner],
    arguments: Sequence[str],
) -> dict[str, float]:
    """Return name -> late training loss of each network of a rung, in the order of the jobs."""

    def task(name: str) -> Task:
        return Task(name, lambda worker: runners[worker].run(jobs[name], places[name], arguments))

    results = results_of([task(name) for name in jobs], len(runners))
    pairs = zip(jobs, results, strict=True)
    return {name: _late_loss(result, places[name]) for name, result in pairs}


def _late_loss(result: JobResult, place: Path) -> float:
    if result.late_training_loss is None:
        raise NacError(f"{place}: expected a curve of the training loss, received none")
    return result.late_training_loss
