"""How long the next training of a run may take, after those before it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nac.config import Experiment, Recipe
from nac.construction.time_plan import expected_steps, iteration_seconds, seconds_left
from nac.construction.tournament import tournament_rungs
from nac.runs.duration import job_seconds, search_results
from nac.runs.result import JobResult


def after(recipe: Recipe, before: Sequence[JobResult], late: float = 0.0) -> Recipe:
    """Return the recipe of a training with the seconds and the steps that can be expected.

    Args:
        recipe: The recipe. One that does not limit the seconds is returned as it is.
        before: Results of the trainings before it. The newest is that of a network of about the
            same size.
        late: Seconds that this training has to make up for.
    """
    parameters = recipe.parameters
    if parameters.seconds is None or not before:
        return recipe
    seconds, speed = seconds_left(parameters.seconds, late), before[-1].images_per_second
    steps = parameters.steps
    if speed:
        steps = expected_steps(seconds, speed, parameters.global_batch_size)
    return replace(recipe, parameters=replace(parameters, seconds=seconds, steps=steps))


def late(experiment: Experiment, directory: Path, iterations: int) -> float:
    """Return by how many seconds iterations took longer than planned, 0 without a plan.

    Args:
        experiment: The experiment. Seconds of its own, instead of a budget, are left as they are.
        directory: The run directory.
        iterations: Number of the iterations.
    """
    seconds, budget = experiment.parameters.seconds, experiment.budget
    if seconds is None or budget is None or budget.minutes is None:
        return 0.0
    planned = iteration_seconds(seconds, tournament_rungs(experiment.need("envelopenet")))
    return sum(map(job_seconds, search_results(directory, iterations))) - planned * iterations
