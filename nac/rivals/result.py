"""What a rival is given and what comes of it, as values: ``job.json`` and ``statistics.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from nac.runs.layout import JOB, STATISTICS
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json

VALIDATION_SHARE = 0.2
"""Share of the training images that rivals hold out if the run does not: AutoKeras' default."""


@dataclass(frozen=True)
class RivalJob:
    """The search of a rival with a seed.

    Attributes:
        rival: Its name in :data:`nac.rivals.table.RIVALS`.
        seconds: Seconds that it has, for everything.
        seed: Seed of the search.
        dataset: The data set, as in an experiment.
        validation_share: Share of the training images on which it chooses.
        data_dir: Directory of the data set, None for its default.
        image_size: As in an experiment.
    """

    VERSION: ClassVar[int] = 1

    rival: str
    seconds: float
    seed: int
    dataset: str
    validation_share: float
    data_dir: str | None = None
    image_size: int | None = None


@dataclass(frozen=True)
class RivalResult:
    """What a rival has reached with a seed.

    Attributes:
        accuracy: Share of the test images that the network it ended with knows.
        parameters: Number of trainable parameters of that network.
        seconds: Seconds that it took, for everything.
        search_seconds: Seconds until the search had ended, which they include.
        candidates: Number of candidates that it tried.
        images: Number of test images.
        device: What it ran on.
        versions: Versions of the packages that it was computed with.
    """

    VERSION: ClassVar[int] = 1

    accuracy: float
    parameters: int
    seconds: float
    search_seconds: float
    candidates: int
    images: int
    device: str
    versions: Mapping[str, str] = field(default_factory=dict)


def read_rival_job(path: Path) -> RivalJob:
    """Return the job in a file.

    Raises:
        InputError: The file is missing or damaged.
    """
    return from_json(RivalJob, read_json(path), str(path))


def write_rival_job(directory: Path, job: RivalJob) -> None:
    """Write a job into its directory, whole or not at all."""
    write_json(directory / JOB, to_json(job))


def read_rival_result(directory: Path) -> RivalResult:
    """Return the result of a job that is done.

    Raises:
        InputError: The file is damaged, or of a version that this nac does not read.
    """
    path = directory / STATISTICS
    return from_json(RivalResult, read_json(path), str(path))


def write_rival_result(directory: Path, result: RivalResult) -> None:
    """Write a result, whole or not at all; from then on the job is done."""
    write_json(directory / STATISTICS, to_json(result))
