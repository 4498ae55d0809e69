"""The result of a comparison: ``comparison.json`` as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nac.comparison.networks import KINDS
from nac.comparison.significance import Difference
from nac.runs.layout import comparison_directories, comparison_json
from nac.utils.errors import InputError
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


@dataclass(frozen=True)
class NetworkResult:
    """What came of the trainings of one network.

    Attributes:
        name: The network's name, which is that of its directory.
        kind: One of :data:`nac.comparison.networks.KINDS`.
        notation: ``C/n1-n2/M``, None if it is not known yet.
        parameters: Number of trainable parameters; None here and below if no training is done.
        flops: Per image; a multiply-add counts as two.
        accuracies: Seed -> final accuracy of each training that is done.
        mean: Mean of the accuracies.
        deviation: Their sample deviation, None with fewer than two.
        seconds: Mean seconds of a training.
        failed: Seeds whose training has failed.
        images: Number of images that were scored; old results lack it.
        images_per_second: Mean speed of the trainings; old results lack it.
    """

    name: str
    kind: str
    notation: str | None
    parameters: int | None
    flops: int | None
    accuracies: Mapping[int, float]
    mean: float | None
    deviation: float | None
    seconds: float | None
    failed: tuple[int, ...]
    images: int | None = None
    images_per_second: float | None = None


@dataclass(frozen=True)
class Rank:
    """The place of the constructed network among the random ones.

    Attributes:
        rank: 1 for the best.
        of: Number of networks that are ranked.
        random: How many of them are random.
    """

    rank: int
    of: int
    random: int


@dataclass(frozen=True)
class ComparisonResult:
    """The result of a comparison.

    Attributes:
        run: Name of the run.
        dataset: The data set of the trainings.
        split: Images that were scored, "test" or "validation".
        seeds: Seeds of the trainings of each network.
        random: Number of random networks.
        random_skips: Their skip connections, see ``--random_skips`` of ``nac.compare``.
        baseline_seed: Seed of the choice of random networks.
        steps: Steps of each training.
        batch_size: Images per step and tower.
        device: What the trainings ran on, None if none is done.
        networks: All networks, the constructed one first.
        rank: None unless the constructed network and a random one have a result.
        differences: Accuracy of the constructed network minus that of each other kind.
        statement: What the comparison shows, in sentences.
        equal: What networks made by hand have as many of as the constructed one, "parameters" or
            "flops"; None if none takes part.
    """

    VERSION: ClassVar[int] = 1

    run: str
    dataset: str
    split: str
    seeds: tuple[int, ...]
    random: int
    random_skips: str
    baseline_seed: int
    steps: int
    batch_size: int
    device: str | None
    networks: tuple[NetworkResult, ...]
    rank: Rank | None
    differences: tuple[Difference, ...]
    statement: str
    equal: str | None = None


def of_kind(networks: Sequence[NetworkResult], kind: str) -> list[NetworkResult]:
    """Return the networks of a kind that have a result."""
    return [network for network in networks if network.kind == kind and network.accuracies]


def write_comparison(directory: Path, result: ComparisonResult) -> None:
    """Write ``comparison.json``, whole or not at all."""
    write_json(comparison_json(directory), to_json(result))


def read_comparisons(run: Path) -> dict[Path, ComparisonResult]:
    """Return directory -> result of each comparison of a run, the one on test images first.

    Raises:
        InputError: A result is damaged, or of a version that this nac does not read.
    """
    return {
        directory: _read(comparison_json(directory)) for directory in comparison_directories(run)
    }


def _read(path: Path) -> ComparisonResult:
    result = from_json(ComparisonResult, read_json(path), str(path))
    for number, network in enumerate(result.networks):
        if network.kind not in KINDS:
            raise InputError(
                f"{path}: networks[{number}].kind: expected one of {', '.join(KINDS)},"
                f" received {network.kind!r}"
            )
    return result
