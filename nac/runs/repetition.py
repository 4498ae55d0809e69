"""Trainings that were limited in seconds, once more: with as many steps as they took."""

from dataclasses import replace
from pathlib import Path

from nac.config import Recipe, load_experiment
from nac.runs.layout import JOB, is_done
from nac.runs.result import read_result
from nac.utils.errors import InputError


def with_steps_taken(recipe: Recipe, job: Path, expected: str) -> Recipe:
    """Return a recipe with as many steps as a job with that recipe took.

    What else the machine does must not decide how long a training is that others are compared with.

    Args:
        recipe: The recipe. One that does not limit the seconds is returned as it is.
        job: Directory of the job.
        expected: What the user is told to be expected there, if the job is not done.

    Raises:
        InputError: The job is not done.
    """
    if recipe.parameters.seconds is None:
        return recipe
    if not is_done(job):
        raise InputError(f"{job}: not finished; expected {expected}")
    steps = read_result(job).steps
    planned = load_experiment(str(job / JOB)).need("parameters.steps")
    # Whether the job changed images at random was decided by the steps that were expected of it, so
    # with as many images it is decided likewise.
    augmentation = recipe.augmentation
    min_epochs = augmentation.min_epochs * steps / planned
    return replace(
        recipe,
        parameters=replace(recipe.parameters, seconds=None, steps=steps),
        augmentation=replace(augmentation, min_epochs=min_epochs),
    )
