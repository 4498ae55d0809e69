"""The two sets of images on which a network can be scored, and which of them scores what."""

from dataclasses import replace

from nac.config.values import Experiment, Recipe
from nac.utils.errors import InputError

TEST = "test"
"""The test images, and the directory of event files with evaluations on them."""

VALIDATION = "validation"
"""Held-out training images, and the directory of event files with evaluations on them."""


def search_recipe(experiment: Experiment) -> Recipe:
    """Return the recipe of the truncated trainings.

    Their scores guide choices, so they leave the test images alone if validation images exist.
    """
    parameters = experiment.parameters
    score_test = parameters.score_test and not parameters.validation_share
    return replace(experiment.recipe, parameters=replace(parameters, score_test=score_test))


def check_validation(experiment: Experiment) -> None:
    """Raise InputError unless validation images are held out, on which a construction decides."""
    if not experiment.parameters.validation_share:
        raise InputError(
            f"{experiment.source}: parameters.validation_share: expected more than 0, as the"
            " construction decides by held-out images, received 0"
        )


def scored_on(experiment: Experiment, split: str) -> Experiment:
    """Return the experiment with full trainings that are scored on one split only.

    Args:
        experiment: An experiment with ``final_training``.
        split: :data:`TEST` or :data:`VALIDATION`. For the latter, full trainings hold out the same
            images as the truncated ones.

    Raises:
        InputError: Full trainings do not score the test images, or no images are held out.
    """
    final, share = experiment.need("final_training"), experiment.parameters.validation_share
    if split == TEST:
        if not final.parameters.score_test:
            raise InputError(
                f"{experiment.source}: final_training.score_test: expected true for --split=test,"
                " received false"
            )
        return experiment
    if not share:
        raise InputError(
            f"{experiment.source}: parameters.validation_share: expected more than 0 for"
            f" --split={split}, received {share:g}"
        )
    parameters = replace(final.parameters, validation_share=share, score_test=False)
    return replace(experiment, final=replace(final, parameters=parameters))
