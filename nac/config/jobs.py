"""The experiments that are jobs: one architecture, one recipe."""

from dataclasses import replace

from nac.architecture.network import Architecture
from nac.config.values import Experiment, Recipe


def training_job(experiment: Experiment, architecture: Architecture, recipe: Recipe) -> Experiment:
    """Return the experiment that trains one architecture by one recipe: the content of a job."""
    parameters = replace(
        recipe.parameters, mode="train", algorithm="deterministic", iterations=None
    )
    return Experiment(
        source=experiment.source,
        recipe=replace(recipe, parameters=parameters),
        architecture=architecture,
    )
