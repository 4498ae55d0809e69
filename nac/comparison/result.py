"""The result of a comparison: ``comparison.json`` as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nac.comparison.networks import KINDS
from nac.comparison.significance import Difference
from nac.rivals.result import RivalResult
from nac.runs.layout import comparison_directories, comparison_json
from nac.utils.errors import InputError
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json
from nac.utils.schema import check_name, is_plain, shown
from nac.utils.statistics import deviation, mean


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
class RivalEntry:
    """What came of the searches of one rival.

    Attributes:
        name: Its name in :data:`nac.rivals.table.RIVALS`.
        label: Its name for people.
        budget: Seconds that each search had, for everything.
        results: Seed -> result of each search that is done.
        failed: Seed -> why that search has no result.
    """

    name: str
    label: str
    budget: float
    results: Mapping[int, RivalResult]
    failed: Mapping[int, str]

    @property
    def accuracies(self) -> dict[int, float]:
        """Seed -> accuracy on the test images."""
        return {seed: result.accuracy for seed, result in self.results.items()}

    @property
    def mean(self) -> float | None:
        """Mean of the accuracies, None without any; so are the other means."""
        return mean(list(self.accuracies.values()))

    @property
    def deviation(self) -> float | None:
        """Sample deviation of the accuracies, None with fewer than two."""
        return deviation(list(self.accuracies.values()))

    @property
    def parameters(self) -> float | None:
        """Mean number of trainable parameters; each search ends with a network of its own."""
        return mean([result.parameters for result in self.results.values()])

    @property
    def seconds(self) -> float | None:
        """Mean seconds of a search, with the training at its end."""
        return mean([result.seconds for result in self.results.values()])

    @property
    def candidates(self) -> float | None:
        """Mean number of candidates that a search tried."""
        return mean([result.candidates for result in self.results.values()])


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
        rivals: Other libraries, which searched networks of their own in equal seconds.
        run_seconds: Seconds that the run took, search included; None if that is not known.
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
    rivals: tuple[RivalEntry, ...] = ()
    run_seconds: float | None = None


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
    content = read_json(path)
    if not is_plain(content):  # no figure could be drawn of it
        raise InputError(f"{path}: expected finite numbers, received others as well")
    result = from_json(ComparisonResult, content, str(path))
    for number, network in enumerate(result.networks):
        _check_network(network, f"{path}: networks[{number}]")
    for number, rival in enumerate(result.rivals):
        check_name(rival.name, f"{path}: rivals[{number}].name")
    return result


def _check_network(network: NetworkResult, place: str) -> None:
    check_name(network.name, f"{place}.name")  # that of its directory
    if network.kind not in KINDS:
        raise InputError(
            f"{place}.kind: expected one of {', '.join(KINDS)}, received {shown(network.kind)}"
        )
    if network.deviation is not None and network.deviation < 0:
        raise InputError(f"{place}.deviation: expected a number >= 0, received {network.deviation}")
