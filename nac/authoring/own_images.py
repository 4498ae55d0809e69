"""The experiment of a run that begins with a folder of images instead of an experiment file."""

import re
from dataclasses import dataclass
from pathlib import Path

from nac.authoring.choices import Choices
from nac.authoring.experiment_file import as_experiment, chosen_for, experiment_text, explained
from nac.authoring.image_set import ImageSet, look_at
from nac.config import Experiment, load_experiment
from nac.runs.devices import visible_gpus
from nac.runs.layout import INIT, has_progress
from nac.utils import limits
from nac.utils.errors import NacError
from nac.utils.files import expanded
from nac.utils.processes import available_cores
from nac.utils.schema import positive_number, whole_number

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


@dataclass(frozen=True)
class Wishes:
    """What the user decides; None leaves it to the images and to the time.

    Attributes:
        minutes: Minutes of the whole run, by default :data:`MINUTES`.
        parameters: Largest number of parameters of a network.
        image_size: Side in pixels to which images are stretched.
    """

    minutes: float | None = None
    parameters: int | None = None
    image_size: int | None = None

    def check(self) -> None:
        """Raise InputError unless all of them are positive numbers, and whole ones but for time."""
        if self.minutes is not None:
            positive_number(self.minutes, "--minutes", limits.SECONDS / 60)
        if self.parameters is not None:
            whole_number(self.parameters, "--max_parameters", 1)
        if self.image_size is not None:
            whole_number(self.image_size, "--image_size", 1, limits.PIXELS)


NONE = Wishes()


def author(images: ImageSet, source: Path, name: str, choices: Choices) -> Authored:
    """Return an experiment file for images.

    Args:
        images: What is known about them.
        source: Path that the file will have, for messages.
        name: Name of the experiment.
        choices: The values that fit them, see :func:`choices_for`.
    """
    text = experiment_text(images, choices, name)
    lines = explained(images, choices, operations_per_second())
    return Authored(as_experiment(text, str(source)), text, tuple(lines))


def choices_for(images: ImageSet, wishes: Wishes) -> Choices:
    """Return the values that fit images, wishes and this machine."""
    minutes, speed = wishes.minutes or MINUTES, operations_per_second()
    return chosen_for(images, minutes, speed, wishes.image_size, wishes.parameters)


def author_folder(images: Path, source: Path, name: str, wishes: Wishes = NONE) -> Authored:
    """Return an experiment file for a folder of images (see :func:`author`).

    Raises:
        InputError: A wish is not a positive number, or the folder is not one of images.
    """
    wishes.check()
    found = look_at(expanded(images).absolute())
    return author(found, source, name, choices_for(found, wishes))


def author_run(images: Path, directory: Path, wishes: Wishes = NONE) -> Authored:
    """Return the experiment of a run on a folder of images: the one that it was begun with, if any.

    Args:
        images: The folder.
        directory: The run directory.
        wishes: What the user decides.

    Raises:
        InputError: See :func:`author_folder`.
        NacError: The directory holds a run on other images.
    """
    dataset = f"folder:{expanded(images).absolute()}"
    return begun(directory, dataset) or author_folder(
        images, directory / INIT, directory.name, wishes
    )


def begun(directory: Path, dataset: str) -> Authored | None:
    """Return the experiment of a run that has begun, None if it has not.

    Args:
        directory: The run directory.
        dataset: The data set that it must be on.

    Raises:
        NacError: The directory holds a run on other images.
    """
    if not any(map(has_progress, directory.glob("*/"))):
        return None
    path = directory / INIT
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
    name = re.sub(r"[^\w.-]+", "_", expanded(images).absolute().name.lower()).strip("_.")
    return name or "images"


def operations_per_second() -> float:
    """Return about how many operations per second the trainings on this machine do."""
    gpus = len(visible_gpus())
    return gpus * GPU_OPERATIONS if gpus else available_cores() * CORE_OPERATIONS
