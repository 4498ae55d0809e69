"""What the flags of a construction change in its experiment."""

import math
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
from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.schema import plain_number, positive_number, whole_number


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


def checked_seed(seed: Any) -> int | None:
    """Return a seed as an int, None if none is given.

    Args:
        seed: An integer of Python or NumPy, from the values of ``parameters.seed``.

    Raises:
        InputError: It is none.
    """
    return None if seed is None else whole_number(seed, "--seed")


def checked_budget(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Return a budget whose values are numbers of Python, or None where none is given.

    Args:
        budget: ``max_parameters``, ``max_flops``, ``max_step_ms`` and ``minutes`` -> their value.

    Raises:
        InputError: A value is not a positive number.
    """
    return {
        flag: None if value is None else _positive(flag, value) for flag, value in budget.items()
    }


def _positive(flag: str, value: Any) -> float:
    if flag != "max_parameters":
        most = limits.SECONDS / 60 if flag == "minutes" else math.inf
        return positive_number(value, f"--{flag}", most)
    number = plain_number(value)  # may be 1e5, as in a file
    return whole_number(int(number) if _is_whole(number) else value, f"--{flag}", 1)


def _is_whole(number: Any) -> bool:
    return isinstance(number, float) and number.is_integer()


def with_budget(experiment: Experiment, budget: Mapping[str, float | None]) -> Experiment:
    """Return an experiment with another budget, where a flag has a value in place of its own.

    Args:
        experiment: The experiment.
        budget: As :func:`checked_budget` returns it.
    """
    given = {flag: value for flag, value in budget.items() if value is not None}
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
