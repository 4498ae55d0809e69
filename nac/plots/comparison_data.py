"""The curves of a comparison, read from the event files of its trainings."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nac.comparison.result import ComparisonResult, read_comparisons
from nac.config.splits import TEST
from nac.plots.files import NothingToShowError
from nac.runs.layout import seed_directory
from nac.runs.saved_run import Run
from nac.tensorboard.events import Curve, read_evaluations


def comparisons_of(run: Run) -> dict[Path, ComparisonResult]:
    """Return directory -> result of each comparison of a run.

    Raises:
        NothingToShowError: There is no comparison.
        InputError: The result of one is damaged.
    """
    comparisons = read_comparisons(run.directory)
    if not comparisons:
        raise NothingToShowError(
            f"{run.directory}: no comparison; run python -m nac.compare --run={run.directory}"
        )
    return comparisons


@dataclass(frozen=True)
class ComparisonCurves:
    """Accuracy over the steps of each training of a comparison.

    Attributes:
        split: Images of the accuracies.
        by_network: Network -> seed -> curve; trainings without event files are missing.
    """

    split: str
    by_network: Mapping[str, Mapping[int, Curve]]

    def mean(self, network: str) -> Curve:
        """Return the mean over the seeds of a network at each step that all of them have."""
        curves = list(self.by_network.get(network, {}).values())
        return [(step, mean) for step, mean, _ in mean_curve(curves)]


def mean_curve(curves: Sequence[Curve]) -> list[tuple[int, float, float]]:
    """Return (step, mean, standard deviation) at each step that all curves have.

    The deviation is that of a sample (divisor n - 1), 0.0 of a single curve.
    """
    if not curves:
        return []
    values = [dict(curve) for curve in curves]
    steps = sorted(set.intersection(*map(set, values)))
    points = []
    for step in steps:
        column = [curve[step] for curve in values]
        deviation = statistics.stdev(column) if len(column) > 1 else 0.0
        points.append((step, statistics.fmean(column), deviation))
    return points


def read_curves(directory: Path, result: ComparisonResult) -> ComparisonCurves:
    """Read the curves of a comparison.

    Args:
        directory: Directory of the comparison.
        result: Its result, which names the networks and seeds.
    """
    by_network: dict[str, dict[int, Curve]] = {}
    splits = set()
    for network in result.networks:
        for seed in network.accuracies:
            split, curve = read_evaluations(seed_directory(directory / network.name, seed))
            if curve:
                by_network.setdefault(network.name, {})[seed] = curve
                splits.add(split)
    return ComparisonCurves(" and ".join(sorted(splits)) or TEST, by_network)
