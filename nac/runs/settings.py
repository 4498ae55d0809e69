"""What the flags of a construction change in its experiment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nac.config import Budget, Experiment, Recipe
from nac.config.rankings import RANKINGS
from nac.config.splits import TEST, VALIDATION, scored_on
from nac.construction.time_plan import planned, time_plan
from nac.construction.tournament import tournament_rungs
from nac.display.display import Display
from nac.display.job_events import Note
from nac.utils.errors import InputError
from nac.utils.schema import is_number, shown


def with_seed(experiment: Experiment, seed: int | None) -> Experiment:
    """Return an experiment with another seed, where one is given."""
    if seed is None:
        return experiment
    final = experiment.final and _seeded(experiment.final, seed)
    return replace(experiment, recipe=_seeded(experiment.recipe, seed), final=final)


def _seeded(recipe: Recipe, seed: int) -> Recipe:
    return replace(recipe, parameters=replace(recipe.parameters, seed=seed))


def with_ranking(experiment: Experiment, ranking: str | None) -> Experiment:
    """Return an experiment with another ranking, where one is given.

    Raises:
        InputError: There is no such ranking.
    """
    if ranking is None:
        return experiment
    RANKINGS.check(ranking, "--ranking")
    settings = replace(experiment.need("envelopenet"), ranking=ranking)
    return replace(experiment, envelopenet=settings)


def with_budget(experiment: Experiment, budget: Mapping[str, float | None]) -> Experiment:
    """Return an experiment with another budget, where a flag has a value in place of its own.

    Args:
        experiment: The experiment.
        budget: ``max_parameters``, ``max_flops``, ``max_step_ms`` and ``minutes`` -> their value.

    Raises:
        InputError: A value is not a positive number.
    """
    given = {flag: value for flag, value in budget.items() if value is not None}
    for flag, value in given.items():
        whole = flag == "max_parameters"
        if not is_number(value) or value <= 0 or (whole and value % 1):
            expected = "an integer >= 1" if whole else "a number > 0"
            raise InputError(f"--{flag}: expected {expected}, received {shown(value)}")
    if not given:
        return experiment
    limits: dict[str, Any] = {flag.removeprefix("max_"): value for flag, value in given.items()}
    return replace(experiment, budget=replace(experiment.budget or Budget(), **limits))


def with_time_plan(
    experiment: Experiment, train_final: bool, display: Display | None = None
) -> Experiment:
    """Return an experiment whose trainings share the minutes of its budget, if it has any.

    Args:
        experiment: The experiment.
        train_final: Whether the constructed network is trained fully.
        display: Shows the plan, by default nowhere.

    Raises:
        InputError: The minutes are too few for a single iteration.
    """
    if experiment.budget is None or experiment.budget.minutes is None:
        return experiment
    place = f"{experiment.source}: budget.minutes"
    iterations = experiment.need("parameters.iterations")
    choosing = tournament_rungs(experiment.need("envelopenet"))
    plan = time_plan(experiment.budget.minutes, iterations, train_final, place, choosing)
    if display:
        display.show(Note(str(plan)))
    return planned(experiment, plan)


def with_split(experiment: Experiment, split: str) -> Experiment:
    """Return an experiment whose full training is scored on the images of a split.

    Raises:
        InputError: There is no such split, or the experiment holds no images out.
    """
    if split not in (TEST, VALIDATION):
        raise InputError(f"--split: expected one of {TEST}, {VALIDATION}, received {split!r}")
    return experiment if split == TEST else scored_on(experiment, split)
