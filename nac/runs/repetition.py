"""Trainings that were limited in seconds, once more: with as many steps as they took."""

from dataclasses import replace
from pathlib import Path

from nac.config import Recipe, load_experiment
from nac.runs.layout import JOB
from nac.runs.result import read_result


def with_steps_taken(recipe: Recipe, job: Path) -> Recipe:
    """Return a recipe with as many steps as a job with that recipe took.

    What else the machine does must not decide how long a training is that others are compared with.

    Args:
        recipe: The recipe. One that does not limit the seconds is returned as it is.
        job: Directory of the job, which is done.
    """
    if recipe.parameters.seconds is None:
        return recipe
    steps = read_result(job).steps
    expected = load_experiment(str(job / JOB)).need("parameters.steps")
    # Whether the job changed images at random was decided by the steps that were expected of it, so
    # with as many images it is decided likewise.
    augmentation = recipe.augmentation
    min_epochs = augmentation.min_epochs * steps / expected
    return replace(
        recipe,
        parameters=replace(recipe.parameters, seconds=None, steps=steps),
        augmentation=replace(augmentation, min_epochs=min_epochs),
    )
