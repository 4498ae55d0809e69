"""The two recipes: values of keys that a file need not write, each as a section of a file.

``recipe: amla`` trains as AMLA does: the defaults of the dataclasses of its sections.
``recipe: modern`` is for short trainings of small networks, and prunes by what branches are worth
for their cost (docs/recipe.md).
"""

from typing import Any

from nac.utils.errors import InputError
from nac.utils.schema import nearest, shown

AMLA, MODERN = "amla", "modern"

RECIPES: dict[str, dict[str, dict[str, Any]]] = {
    AMLA: {},
    MODERN: {
        "parameters": {"score_flipped": True},
        "child_training": {
            "optimizer": {"type": "momentum", "momentum": 0.9},
            "lr": {
                "type": "one_cycle",
                "peak": 0.2,
                "batch_size": 128,
                "warmup": 0.2,
                "decay": "linear",
            },
            "weight_decay": 0.005,
            "label_smoothing": {"value": 0.1},
            "branch_dropout": 0.0,
            "batch_norm_scale": False,
            "average_share": 0.0,
        },
        "augmentation": {
            "crop": "reflect",
            "flip": True,
            "erasing": 0.0,
            "brightness": 0.0,
            "contrast": False,
            "min_epochs": 30.0,
        },
        # What beats random networks of equal cost (docs/results.md); the paper's ranking does not.
        "envelopenet": {"ranking": "taylor", "per_cost": True},
    },
}
"""Name of a recipe -> section of an experiment file -> key -> value where the file has none."""


CONSTRUCTION = "envelopenet"
"""Section that a recipe completes only if the file has it and names the recipe: a file that says
nothing of training, as some of AMLA's do, prunes as the paper does."""


def recipe_of(value: dict[str, Any], source: str) -> str:
    """Return the name of the recipe of an experiment file.

    A file that does not name one has AMLA's if it says how to train, as AMLA's files do, and
    otherwise the modern one.

    Args:
        value: The content of the file.
        source: Its path, the beginning of the message.

    Raises:
        InputError: There is no such recipe.

    Example:
    >>> recipe_of({"child_training": {"lr": {"type": "exponential_decay"}}}, "try.yaml")
    'amla'
    >>> recipe_of({"parameters": {"steps": 100}}, "try.yaml")
    'modern'
    """
    name = value.get("recipe", implied_recipe("child_training" in value))
    if not isinstance(name, str) or name not in RECIPES:
        raise InputError(
            f"{source}: recipe: expected one of {', '.join(RECIPES)},"
            f" received {shown(name)}{nearest(name, RECIPES)}"
        )
    return name


def implied_recipe(has_child_training: bool) -> str:
    """Return the recipe of a file that does not name one."""
    return AMLA if has_child_training else MODERN


def with_recipe(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the content of an experiment file with the values of a recipe where it has none.

    Example:
    >>> expanded = with_recipe({"child_training": {"branch_dropout": 0.1}}, "modern")
    >>> expanded["child_training"]["branch_dropout"], expanded["child_training"]["weight_decay"]
    (0.1, 0.005)
    """
    expanded = dict(value)
    for section, defaults in RECIPES[name].items():
        if section == CONSTRUCTION and not {section, "recipe"} <= value.keys():
            continue
        given = value.get(section, {})
        # What is not a mapping is an error, which is reported where the section is read.
        if isinstance(given, dict):
            expanded[section] = {**defaults, **given}
    return expanded
