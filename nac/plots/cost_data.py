"""What a search cost and what came out of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nac.plots.comparison_data import read_comparison
from nac.plots.files import NothingToShowError
from nac.runs.saved_run import Run

PUBLISHED_DATASET = "cifar10"
"""Data set whose errors may stand beside the published ones."""


@dataclass(frozen=True)
class Cost:
    """One run in two numbers.

    Attributes:
        run: its name.
        notation: of the constructed network.
        dataset: it was searched and trained on.
        device: the search ran on, as the jobs say.
        seconds: of the search, all truncated trainings without the final one; with several
            devices, those of all together.
        error: of the constructed network, in percent.
        split: the images of the error, "test" if not said otherwise.
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
        """Whether the error may stand beside the published ones."""
        return self.dataset == PUBLISHED_DATASET


def cost_of(run: Run) -> Cost:
    """Return the cost of a run.

    Raises:
        NothingToShowError: it is not finished, or its network was not trained.
    """
    if run.constructed is None:
        raise NothingToShowError(f"{run.directory}: no constructed network yet")
    if not run.iterations:
        raise NothingToShowError(f"{run.directory}: no iteration tells what the search cost")
    split, accuracy = _accuracy(run)
    jobs = [iteration.statistics for iteration in run.iterations]
    return Cost(
        run.name,
        str(run.constructed.notation),
        run.experiment.parameters.dataset or "unknown data set",
        " and ".join(sorted({str(job.get("device", "unknown device")) for job in jobs})),
        sum(device_seconds(job) for job in jobs),
        100 * (1 - accuracy),
        split,
    )


def device_seconds(job: Mapping[str, Any]) -> float:
    """Return the seconds of a job times its devices, which it gives as ``2 x NAME`` if several."""
    count = re.match(r"(\d+) x ", str(job.get("device", "")))
    return float(job.get("seconds", 0.0)) * (int(count[1]) if count else 1)


def _accuracy(run: Run) -> tuple[str, float]:
    """Return split and accuracy of the final training, or of the comparison."""
    if run.final is not None:
        return run.final.statistics["split"], run.final.statistics["accuracy"]
    if run.comparison is not None:
        comparison = read_comparison(run)
        means = [network.mean for network in comparison.of_kind("constructed")]
        if means and means[0] is not None:
            return comparison.split, means[0]
    raise NothingToShowError(
        f"{run.directory}: the constructed network was not trained"
        " (nac.construct --train_final, or nac.compare)"
    )
