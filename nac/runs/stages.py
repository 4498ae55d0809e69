"""What a construction does in all, for a display: its stages, and how much each of them takes."""

from pathlib import Path

from nac.config import Experiment, Recipe
from nac.config.splits import search_recipe
from nac.construction.time_plan import BETWEEN, CHILD_SECONDS, STARTING
from nac.construction.tournament import tournament_rungs
from nac.display.run_events import Planned, StagePlan
from nac.runs.duration import job_seconds, search_results
from nac.runs.layout import FINAL, is_done
from nac.runs.result import read_result


def iteration_stage(number: int | str) -> str:
    """Return the name of the stage with the truncated training of an iteration.

    Args:
        number: Its number, or the name of its directory.

    Example:
    >>> iteration_stage(2), iteration_stage("002")
    ('iteration 2', 'iteration 2')
    """
    return f"iteration {str(number).lstrip('0') or 0}"


def rung_stage(iteration: int | str, rung: int) -> str:
    """Return the name of the stage with a rung of the tournament that follows an iteration.

    Args:
        iteration: Number of the iteration, or the name of its directory.
        rung: Number of the rung, from 1.
    """
    return f"{iteration_stage(iteration)}, rung {rung}"


def construction_plan(
    experiment: Experiment, directory: Path, train_final: bool, workers: int = 1
) -> Planned:
    """Return what a construction does in all.

    Args:
        experiment: A complete experiment.
        directory: The run directory, which says what earlier commands did.
        train_final: Whether the constructed network is trained fully.
        workers: Number of networks that are trained at a time where several are compared.
    """
    budget, count = experiment.budget, experiment.need("parameters.iterations")
    search = search_recipe(experiment)
    rungs = tournament_rungs(experiment.need("envelopenet"))
    stages = []
    for iteration in range(count):
        stages.append(_stage(iteration_stage(iteration), search))
        for rung, (jobs, share) in enumerate(rungs, start=1):
            name = rung_stage(iteration, rung)
            stages.append(_stage(name, search, jobs, share, min(workers, jobs)))
    if train_final:
        stages.append(_stage(FINAL, experiment.need("final_training")))
    if budget is None or budget.minutes is None:
        return Planned(tuple(stages))
    return Planned(tuple(stages), budget.minutes, _seconds_before(directory, count))


def _stage(
    name: str, recipe: Recipe, jobs: int = 1, share: float = 1.0, workers: int = 1
) -> StagePlan:
    """Return a stage whose jobs each are a share of a training."""
    parameters = recipe.parameters
    if parameters.seconds is not None:
        starting = CHILD_SECONDS if share < 1.0 else 0.0
        seconds = share * parameters.seconds + starting
        return StagePlan(name, jobs, seconds=seconds, workers=workers)
    steps = max(1, round(share * (parameters.steps or 1)))
    return StagePlan(name, jobs, images=steps * parameters.global_batch_size, workers=workers)


def _seconds_before(directory: Path, iterations: int) -> float:
    """Return how long the jobs took that are done already."""
    results = search_results(directory, iterations)
    if is_done(directory / FINAL):
        results.append(read_result(directory / FINAL))
    if not results:
        return 0.0
    return STARTING + sum(job_seconds(result) + BETWEEN for result in results)
