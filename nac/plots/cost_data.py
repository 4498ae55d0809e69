"""What a search cost, and the error of the network that it constructed."""

import re
from dataclasses import dataclass

from nac.comparison.networks import CONSTRUCTED
from nac.comparison.result import of_kind, read_comparisons
from nac.plots.files import NothingToShowError
from nac.runs.result import JobResult
from nac.runs.saved_run import Run

PUBLISHED_DATASET = "cifar10"
"""Data set whose errors can be compared with the published ones."""


@dataclass(frozen=True)
class Cost:
    """One run in two numbers.

    Attributes:
        run: Name of the run.
        notation: Notation of the constructed network.
        dataset: Data set of search and training.
        device: Device of the search.
        seconds: Duration of the search, which is all truncated trainings without the final one;
            with several devices, the sum over them.
        error: Error of the constructed network, in percent.
        split: Images of the error.
    """

    run: str
    notation: str
    dataset: str
    device: str
    seconds: float
    error: float
    split: str

    @property
    def days(self) -> float:
        """The seconds as days."""
        return self.seconds / 86400

    @property
    def comparable(self) -> bool:
        """Whether the error can be compared with the published ones."""
        return self.dataset == PUBLISHED_DATASET


def cost_of(run: Run) -> Cost:
    """Return the cost of a run.

    Raises:
        NothingToShowError: It is not finished, or its network was not trained.
    """
    if run.constructed is None:
        raise NothingToShowError(f"{run.directory}: no constructed network yet")
    if not run.iterations:
        raise NothingToShowError(f"{run.directory}: no iteration, so the search cost is unknown")
    split, accuracy = _accuracy(run)
    results = [result for iteration in run.iterations for result in iteration.results]
    return Cost(
        run.name,
        str(run.constructed.notation),
        run.experiment.parameters.dataset or "unknown data set",
        " and ".join(sorted({result.device for result in results})),
        sum(map(device_seconds, results)),
        100 * (1 - accuracy),
        split,
    )


def device_seconds(result: JobResult) -> float:
    """Return the seconds of a job times the number of its devices."""
    count = re.match(r"(\d+) x ", result.device)
    return result.seconds * (int(count[1]) if count else 1)


def _accuracy(run: Run) -> tuple[str, float]:
    """Return split and accuracy of the final training, or of a comparison."""
    if run.final is not None:
        return run.final.result.split, run.final.result.accuracy
    for comparison in read_comparisons(run.directory).values():
        for network in of_kind(comparison.networks, CONSTRUCTED):
            return comparison.split, network.mean
    raise NothingToShowError(
        f"{run.directory}: the constructed network was not trained"
        " (nac.construct --train_final, or nac.compare)"
    )
