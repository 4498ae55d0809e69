"""Writes an Experiment as the content of an experiment file."""

from collections.abc import Callable
from typing import Any

from nac.architecture import fixed_cells
from nac.architecture.json_form import architecture_to_dict
from nac.config.final_training import final_training_to_dict
from nac.config.keys import write
from nac.config.reading import VERSION
from nac.config.recipes import implied_recipe
from nac.config.values import Experiment


def experiment_to_file(experiment: Experiment) -> dict[str, Any]:
    """Return the content of an experiment file that a run or a job keeps, with its version."""
    return {"version": VERSION} | experiment_to_dict(experiment)


def experiment_to_dict(experiment: Experiment) -> dict[str, Any]:
    """Return the content of an experiment file that parses to this experiment.

    Defaults are written out, so the result says what was in effect.
    """
    recipe, name = experiment.recipe, experiment.recipe_name
    implied = implied_recipe(recipe.training is not None)
    sections: dict[str, tuple[Callable[[Any], dict[str, Any]], Any]] = {
        "parameters": (write, recipe.parameters),
        "child_training": (write, recipe.training),
        "augmentation": (write, recipe.augmentation),
        "final_training": (final_training_to_dict, experiment.final),
        "envelopenet": (write, experiment.envelopenet),
        "budget": (write, experiment.budget),
        "pruning": (write, experiment.pruning),
        "inherit": (write, experiment.inherit),
        "arch": (architecture_to_dict, experiment.architecture),
        "init_cell": (fixed_cells.to_dict, experiment.stem),
        "classification_cell": (fixed_cells.to_dict, experiment.classifier),
    }
    return ({} if name == implied else {"recipe": name}) | {
        section: to_dict(value)
        for section, (to_dict, value) in sections.items()
        if value is not None
    }
