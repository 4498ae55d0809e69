"""What a job puts out: ``statistics.json`` as a value. That the file exists means "done"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from nac.runs.layout import STATISTICS
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


@dataclass(frozen=True)
class JobResult:
    """The result of one training.

    Attributes:
        featuremaps: key of a branch, such as ``3/Branch2`` -> name of a ranking -> its value; the
            entry ``images`` counts the images that were measured.
        gates: key of a skip connection, such as ``1-5`` -> its gate.
        split: images that ``accuracy`` and ``loss`` are of, "test" or "validation".
        accuracy: share of right answers of the averaged weights after the last step.
        loss: mean cross-entropy on the same images.
        notation: of the network, ``C/n1-n2/M``.
        parameters: number of trainable parameters.
        flops: per image; a multiply-add counts as two.
        seconds: of training, without evaluations.
        device: what it ran on, ``2 x NAME`` for two.
        steps: number of training steps.
        scored_images: number of images scored.
        validation_accuracy: the same on the validation images, None without such images.
        validation_loss: likewise.
        training_loss: mean cross-entropy of the last steps.
        images_per_second: speed of training.
        input_wait: share of the training time spent waiting for data.
        energy_joules: of the whole machine, None where it is not available.
        strategy: class of the distribution strategy.
        versions: of the packages that computed it.
    """

    VERSION: ClassVar[int] = 1

    featuremaps: Mapping[str, Mapping[str, float]]
    gates: Mapping[str, float]
    split: str
    accuracy: float
    loss: float
    notation: str
    parameters: int
    flops: int
    seconds: float
    device: str
    steps: int = 0
    scored_images: int | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    training_loss: float | None = None
    images_per_second: float | None = None
    input_wait: float | None = None
    energy_joules: float | None = None
    strategy: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


def read_result(job: Path) -> JobResult:
    """Return the result of a job that is done.

    Raises:
        InputError: the file is damaged, or of a version that this nac does not read.
    """
    path = job / STATISTICS
    return from_json(JobResult, read_json(path), str(path))


def write_result(job: Path, result: JobResult) -> None:
    """Write the result of a job, whole or not at all; it is done from then on."""
    write_json(job / STATISTICS, to_json(result))
