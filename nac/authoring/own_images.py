"""The experiment of a run that begins with a folder of images instead of an experiment file."""

import re
from dataclasses import dataclass
from pathlib import Path

from nac.authoring.experiment_file import as_experiment, chosen_for, experiment_text, explained
from nac.authoring.image_set import look_at
from nac.config import Experiment, load_experiment
from nac.runs.devices import visible_gpus
from nac.runs.layout import INIT, has_progress
from nac.utils.errors import InputError, NacError
from nac.utils.processes import available_cores
from nac.utils.schema import is_number, shown

MINUTES = 15.0
"""Minutes of a run where the user does not say how many."""

CORE_OPERATIONS, GPU_OPERATIONS = 2e10, 3e12
"""Floating-point operations per second of a training on one core or one GPU, about: a core of 2023
with AVX-512 reached 3.4e10. They only decide how large images and networks are."""


@dataclass(frozen=True)
class Authored:
    """An experiment file for a folder of images.

    Attributes:
        experiment: What it says.
        text: The file; None if it was there already.
        lines: What was chosen and why, for people.
    """

    experiment: Experiment
    text: str | None
    lines: tuple[str, ...]


def author(
    images: Path,
    source: Path,
    name: str,
    minutes: float | None = None,
    parameters: int | None = None,
    image_size: int | None = None,
) -> Authored:
    """Return an experiment file for a folder of images.

    Args:
        images: The folder.
        source: Path that the file will have, for messages.
        name: Name of the experiment.
        minutes: Minutes of the whole run, by default :data:`MINUTES`.
        parameters: Largest number of parameters of a network, by default as time allows.
        image_size: Side in pixels to which images are stretched, by default as time allows.

    Raises:
        InputError: The folder is not one of images, or an argument is not positive.
    """
    wishes = (("minutes", minutes), ("max_parameters", parameters), ("image_size", image_size))
    for flag, value in wishes:
        if value is not None and (not is_number(value) or value <= 0):
            raise InputError(f"--{flag}: expected a number > 0, received {shown(value)}")
    speed = operations_per_second()
    found = look_at(images.expanduser().absolute())
    choices = chosen_for(found, minutes or MINUTES, speed, image_size, parameters)
    text = experiment_text(found, choices, name)
    experiment = as_experiment(text, str(source))
    return Authored(experiment, text, tuple(explained(found, choices, speed)))


def author_run(
    images: Path, directory: Path, minutes: float | None = None, parameters: int | None = None
) -> Authored:
    """Return the experiment of a run on a folder of images: the one that it was begun with, if any.

    Args:
        images: The folder.
        directory: The run directory.
        minutes: See :func:`author`.
        parameters: See there.

    Raises:
        InputError: See :func:`author`.
        NacError: The directory holds a run on other images.
    """
    path = directory / INIT
    if not any(map(has_progress, directory.glob("*/"))):
        return author(images, path, directory.name, minutes, parameters)
    dataset = f"folder:{images.expanduser().absolute()}"
    experiment = load_experiment(str(path)) if path.is_file() else None
    if experiment is None or experiment.parameters.dataset != dataset:
        received = experiment.parameters.dataset if experiment else "a run with a --config"
        raise NacError(
            f"{directory}: expected a run on {dataset}, received {received}; choose another --name"
        )
    return Authored(experiment, None, (f"continuing with {path}",))


def name_of(images: Path) -> str:
    """Return the name of a run on a folder of images: that of the folder.

    Example:
    >>> name_of(Path("/data/My Photos/"))
    'my_photos'
    """
    name = re.sub(r"[^\w.-]+", "_", images.expanduser().absolute().name.lower()).strip("_.")
    return name or "images"


def operations_per_second() -> float:
    """Return about how many operations per second the trainings on this machine do."""
    gpus = len(visible_gpus())
    return gpus * GPU_OPERATIONS if gpus else available_cores() * CORE_OPERATIONS
