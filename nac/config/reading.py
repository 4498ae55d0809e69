"""Reads experiment files: YAML, or AMLA's JSON as it was published."""

from typing import Any

from nac.architecture import fixed_cells
from nac.architecture.json_form import experiment_architecture
from nac.config.budget import Budget
from nac.config.envelopenet import EnvelopeNet
from nac.config.final_training import parse_final_training
from nac.config.inheritance import Inheritance
from nac.config.keys import Keys, read
from nac.config.parameters import Parameters
from nac.config.pruning import Pruning
from nac.config.recipes import recipe_of, with_recipe
from nac.config.training import Augmentation, Training
from nac.config.values import Experiment, Recipe
from nac.utils.errors import InputError
from nac.utils.files import read_structured
from nac.utils.schema import Section
from nac.utils.versions import check_version

VERSION = 1
"""Version of experiment files; those that people write need not have it."""


def load_experiment(path: str) -> Experiment:
    """Read an experiment file; docs/experiment.md describes its keys.

    Args:
        path: Path of the file, which is JSON if the name ends in ``.json``, else YAML.

    Raises:
        InputError: The file cannot be read, a key is unknown or missing, or a value is wrong.

    Example:
    >>> load_experiment("experiments/digits/construct.yaml").parameters.dataset
    'digits'
    """
    return parse_experiment(read_structured(path), str(path))


def parse_experiment(value: Any, source: str) -> Experiment:
    """Parse the content of an experiment file (see :func:`load_experiment`).

    Args:
        value: The content, as YAML or JSON gives it.
        source: Path of the file. Error messages begin with it.
    """
    Section(value, source)  # raises InputError unless it is a mapping
    recipe_name = recipe_of(value, source)
    section = Section(with_recipe(value, recipe_name), source)
    check_version(section, VERSION)
    section.any("recipe", None)

    def optional(name: str, parse: Any, *more: Any) -> Any:
        return parse(section.section(name), *more) if name in section else None

    parameters = read(Parameters, section.section("parameters", {}))
    training = optional("child_training", _training)
    augmentation = read(Augmentation, section.section("augmentation", {}))
    recipe = Recipe(parameters, training, augmentation)
    experiment = Experiment(
        source=source,
        recipe_name=recipe_name,
        recipe=recipe,
        final=optional("final_training", parse_final_training, recipe),
        envelopenet=optional("envelopenet", lambda inner: read(EnvelopeNet, inner)),
        budget=optional("budget", lambda inner: read(Budget, inner)),
        pruning=optional("pruning", lambda inner: read(Pruning, inner)),
        inherit=optional("inherit", lambda inner: read(Inheritance, inner)),
        stem=optional("init_cell", fixed_cells.parse_stem),
        classifier=optional("classification_cell", fixed_cells.parse_classifier),
        architecture=_architecture(section),
        unused=(
            *_unused(section, "parameters", Parameters),
            *_unused(section, "envelopenet", EnvelopeNet),
        ),
    )
    section.finish()
    return experiment


def _training(section: Section) -> Training:
    if "lr" not in section:
        raise InputError(f"{section.at('lr')}: missing (`recipe: modern` has one)")
    return read(Training, section)


def _architecture(section: Section) -> Any:
    """Return the network of the ``arch`` section with the cells that are beside it in the file."""
    if "arch" not in section:
        return None
    names = ("init_cell", "classification_cell")
    cells = {name: section.any(name) for name in names if name in section}
    return experiment_architecture(section.any("arch"), cells, section.at("arch"))


def _unused(section: Section, name: str, kind: type[Keys]) -> list[str]:
    return [f"{name}.{key}" for key in kind.WITHOUT_EFFECT if key in section.any(name, {})]
