"""The result of a job: ``statistics.json`` as a value. That the file exists means "done"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from nac.config.rankings import RANKINGS, Entry
from nac.construction.statistics import Round
from nac.runs.layout import STATISTICS
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json

TITLES = ("iteration", "network", "parameters", "accuracy", "of", "seconds")
"""Titles of the columns that :meth:`JobResult.cells` fills."""

COUNTED = "images"
"""Key of the number of measured images in a branch's entry; it says nothing about its strength."""


@dataclass(frozen=True)
class Latency:
    """How long a network takes for one image at a time.

    Attributes:
        milliseconds: Median of all repetitions.
        repetitions: Number of times that it was measured.
        device: Name of the processor or GPU.
    """

    milliseconds: float
    repetitions: int
    device: str


@dataclass(frozen=True)
class Retry:
    """What a job did when its loss stopped being finite (``child_training.nan_retries``).

    Attributes:
        step: The step with that loss.
        resumed_after: Number of steps after which it went on, with half the learning rate.
    """

    step: int
    resumed_after: int


@dataclass(frozen=True)
class JobResult:
    """The result of one training.

    Attributes:
        featuremaps: Key of a branch, such as ``3/Branch2`` -> name of a measured value -> value.
        gates: Key of a skip connection, such as ``1-5`` -> its gate.
        split: Images that ``accuracy`` and ``loss`` refer to, "test" or "validation".
        accuracy: Share of right answers of the averaged weights after the last step.
        loss: Mean cross-entropy on the same images.
        notation: The network, ``C/n1-n2/M``.
        parameters: Number of trainable parameters.
        flops: Per image; a multiply-add counts as two.
        seconds: Duration of the training without evaluations.
        device: The device that it ran on, ``2 x NAME`` for two of them.
        steps: Number of training steps.
        scored_images: Number of images that were scored.
        validation_accuracy: Accuracy on the validation images, None without such images.
        validation_loss: Mean cross-entropy on them, None likewise.
        flipped_accuracy: Accuracy as ``accuracy``, of the mean output for each image and its mirror
            image; None unless ``parameters.score_flipped`` asks for it.
        training_loss: Mean cross-entropy of the last steps.
        late_training_loss: The same of the last third of all steps.
        images_per_second: Speed of the training.
        input_wait: Share of the training time that was spent waiting for data.
        elapsed_seconds: Duration of the whole job once its process was ready: reading of images,
            compilation, training and evaluations; of what was before a resumption, the training
            only. Old results lack it.
        energy_joules: Energy that the machine used, None where it is not available.
        peak_memory_bytes: The most that weights, optimizer and tensors of a training step occupied
            on a device, without images of the dataset; None where it is not available.
        latency: How long the trained network takes for one image, None if no model was saved.
        strategy: Class of the distribution strategy.
        rounds: What it removed in each of its rounds, None if there were none. If there were some,
            ``featuremaps`` and ``gates`` are those of the complete network, before the first one.
        rounds_seconds: How long the rounds took, after a resumption only those since.
        retries: How often it went back because its loss was not finite, None if it never did.
        versions: Versions of the packages that it was computed with.
        files: Names of the trained networks that it wrote; old results lack it.
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
    flipped_accuracy: float | None = None
    training_loss: float | None = None
    late_training_loss: float | None = None
    images_per_second: float | None = None
    input_wait: float | None = None
    elapsed_seconds: float | None = None
    energy_joules: float | None = None
    peak_memory_bytes: int | None = None
    latency: Latency | None = None
    strategy: str | None = None
    rounds: tuple[Round, ...] | None = None
    rounds_seconds: float | None = None
    retries: tuple[Retry, ...] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] | None = None

    def cells(self, name: str) -> tuple[str, ...]:
        """Return the job's row of a table for people, under :data:`TITLES`.

        Args:
            name: The job's name.
        """
        return (
            name,
            self.notation,
            f"{self.parameters:,}",
            f"{self.accuracy:.4f}",
            self.split,
            f"{self.seconds:.0f}",
        )

    def measured_values(self, branch: str) -> dict[str, float]:
        """Return all values of a branch that rankings are computed from, by their names."""
        entry = self.featuremaps[branch]
        return {name: value for name, value in entry.items() if name != COUNTED}

    def strengths(self, ranking: str) -> dict[str, float]:
        """Return key of a branch -> its strength, for the branches that it was measured for."""
        values = {key: strength_of(entry, ranking) for key, entry in self.featuremaps.items()}
        return {key: strength for key, strength in values.items() if strength is not None}


def strength_of(entry: Entry, ranking: str) -> float | None:
    """Return the strength of a branch by a ranking, None if it cannot be computed.

    Args:
        entry: What was measured of the branch.
        ranking: A name in :data:`nac.config.rankings.RANKINGS`.
    """
    try:
        return RANKINGS[ranking].strength(entry)
    except (KeyError, ArithmeticError):
        return None


def read_result(job: Path) -> JobResult:
    """Return the result of a job that is done.

    Raises:
        InputError: The file is damaged, or of a version that this nac does not read.
    """
    path = job / STATISTICS
    return from_json(JobResult, read_json(path), str(path))


def write_result(job: Path, result: JobResult) -> None:
    """Write the result of a job, whole or not at all; from then on the job is done."""
    write_json(job / STATISTICS, to_json(result))
