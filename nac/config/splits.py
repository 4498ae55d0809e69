"""The two sets of images that a network is scored on, and which one scores what."""

from dataclasses import replace

from nac.config.values import Experiment, Recipe
from nac.utils.errors import InputError

TEST = "test"
"""The test images; also the folder of event files with evaluations on them."""

VALIDATION = "validation"
"""Images held out of the training images; also the folder of event files of their evaluations."""


def search_recipe(experiment: Experiment) -> Recipe:
    """Return the recipe of the truncated trainings, which leaves test images alone if it can.

    Their scores guide choices, so where images are held out they are scored on those alone.
    """
    parameters = experiment.parameters
    score_test = parameters.score_test and not parameters.validation_share
    return replace(experiment.recipe, parameters=replace(parameters, score_test=score_test))


def scored_on(experiment: Experiment, split: str) -> Experiment:
    """Return the experiment whose full trainings are scored on a split, and on no other.

    Args:
        experiment: of a run.
        split: "test"; or "validation", which full trainings then hold out as the iterations did.

    Raises:
        InputError: full trainings do not score test images, or iterations hold nothing out.
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
