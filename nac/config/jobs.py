"""The experiments that are jobs: one architecture, one recipe."""

from dataclasses import replace

from nac.architecture.network import Architecture
from nac.config.values import Experiment, Recipe


def training_job(experiment: Experiment, architecture: Architecture, recipe: Recipe) -> Experiment:
    """Return the experiment that trains one architecture by one recipe: the content of a job.

    Args:
        experiment: What the job is a part of.
        architecture: The network to train, with stem and classifier.
        recipe: How to train it: ``experiment.recipe`` or ``experiment.final``.
    """
    policy = experiment.envelopenet
    parameters = replace(
        recipe.parameters,
        mode="train",
        algorithm="deterministic",
        iterations=None,
        # A job has no envelopenet, but what it shows of branches should be what decides.
        ranking=policy.ranking if policy else recipe.parameters.ranking,
    )
    return Experiment(
        source=experiment.source,
        recipe_name=experiment.recipe_name,
        recipe=replace(recipe, parameters=parameters),
        architecture=architecture,
    )
