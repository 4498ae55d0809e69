"""The ``final_training`` section: what the full training of the constructed network changes.

A full training differs from the truncated ones in a few keys of two sections: it takes more steps
(``parameters``), for instance, and another schedule (``child_training``). One flat section holds
both, as no key is in both. It states only the changes, so everything else is inherited.
"""

from dataclasses import fields, replace
from typing import Any

from nac.config.keys import check, take, write
from nac.config.parameters import Parameters
from nac.config.training import Training
from nac.config.values import Recipe
from nac.utils.schema import Section

PARAMETERS = tuple(entry.name for entry in fields(Parameters) if entry.metadata.get("final"))
"""Keys that override ``parameters``; all others override ``child_training``."""


def parse_final_training(section: Section, recipe: Recipe) -> Recipe:
    """Return the recipe of the full training.

    Args:
        section: The ``final_training`` section.
        recipe: Recipe of the truncated trainings, which it changes.

    Raises:
        InputError: An unknown key, a wrong value, or no ``lr`` in either section.
    """
    # Nothing is pruned after the full training, so it measures no featuremaps unless asked to.
    parameters = replace(recipe.parameters, log_stats=False)
    parameters = take(Parameters, section, parameters, PARAMETERS)
    # A key of child_training, such as lr, replaces the inherited value as a whole: half a cosine
    # schedule and half an exponential one would make no sense.
    training = take(Training, section, recipe.training)
    # Only now are all known keys read, so a typo finds the nearest key of both sections.
    section.finish()
    check(parameters, section)
    return Recipe(parameters, training, recipe.augmentation)


def final_training_to_dict(final: Recipe) -> dict[str, Any]:
    """Return the ``final_training`` section that reads as this recipe, whatever it changes."""
    parameters = write(final.parameters)
    own = {key: parameters[key] for key in PARAMETERS if key in parameters}
    return own | (write(final.training) if final.training else {})
