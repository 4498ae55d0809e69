"""What ``nac.compare`` left in a run: results per network and seed, and their curves."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nac.config.splits import TEST
from nac.plots.files import NothingToShowError
from nac.runs.layout import COMPARISON
from nac.runs.saved_run import Run
from nac.tensorboard.events import Curve, read_evaluations
from nac.utils.schema import Section

KINDS = ("constructed", "prior", "worst_case", "random", "reference")
"""Kinds of networks in a comparison."""


@dataclass(frozen=True)
class Network:
    """A network of a comparison.

    Attributes:
        name: of its directory.
        kind: one of KINDS.
        notation: of its architecture.
        parameters: trainable ones, None if every seed failed.
        accuracies: seed -> final accuracy; seeds that failed are missing.
        curves: seed -> accuracy over the steps of its training.
        failed: number of seeds that failed.
    """

    name: str
    kind: str
    notation: str
    parameters: int | None
    accuracies: dict[int, float]
    curves: dict[int, Curve]
    failed: int = 0

    @property
    def mean(self) -> float | None:
        """Mean of the final accuracies, None if there are none."""
        return statistics.fmean(self.accuracies.values()) if self.accuracies else None

    @property
    def curve(self) -> Curve:
        """Mean over the seeds at each step that all of them have."""
        return [(step, mean) for step, mean, _ in mean_curve(list(self.curves.values()))]


@dataclass(frozen=True)
class Comparison:
    """The networks of a comparison.

    Attributes:
        networks: in the order of the file.
        split: of the final accuracies.
        curve_split: of the curves.
        dataset: what they were trained on.
        statement: its result in words.
    """

    networks: tuple[Network, ...]
    split: str
    curve_split: str
    dataset: str
    statement: str

    def of_kind(self, kind: str) -> list[Network]:
        """Return the networks of a kind."""
        return [network for network in self.networks if network.kind == kind]


def mean_curve(curves: Sequence[Curve]) -> list[tuple[int, float, float]]:
    """Return (step, mean, standard deviation) at each step that all curves have.

    The deviation is that of a sample (divisor n - 1), 0.0 of a single curve.
    """
    if not curves:
        return []
    values = [dict(curve) for curve in curves]
    steps = sorted(set.intersection(*map(set, values)))
    found = []
    for step in steps:
        column = [curve[step] for curve in values]
        deviation = statistics.stdev(column) if len(column) > 1 else 0.0
        found.append((step, statistics.fmean(column), deviation))
    return found


def read_comparison(run: Run) -> Comparison:
    """Read the comparison of a run.

    Raises:
        NothingToShowError: there is none.
        InputError: its file is damaged.
    """
    if run.comparison is None:
        raise NothingToShowError(
            f"{run.directory}: no comparison; run python -m nac.compare --run={run.directory}"
        )
    folder = run.directory / COMPARISON
    source = str(folder / f"{COMPARISON}.json")
    section = Section(run.comparison, source)
    rows = section.sequence("networks", "mappings", lambda value: isinstance(value, dict))
    found = [
        _network(Section(row, source, f"networks[{place}]"), folder)
        for place, row in enumerate(rows)
    ]
    return Comparison(
        tuple(network for network, _ in found),
        section.text("split", TEST),
        " and ".join(sorted({split for _, split in found if split})) or TEST,
        section.text("dataset", ""),
        section.text("statement", ""),
    )


def _network(section: Section, folder: Path) -> tuple[Network, str]:
    """Return a network and the split of its curves, "" if it has none."""
    name = section.text("name")
    accuracies = _by_seed(section.section("accuracies"))
    curves, splits = {}, {""}
    for seed in accuracies:
        split, curve = read_evaluations(folder / name / f"seed{seed}")
        if curve:
            curves[seed] = curve
            splits.add(split)
    kind = section.text("kind", choices=KINDS)
    # Where all seeds failed, both are null.
    notation, parameters = section.any("notation", None) or "", section.any("parameters", None)
    failed = len(section.any("failed", ()))
    return Network(name, kind, notation, parameters, accuracies, curves, failed), max(splits)


def _by_seed(section: Section) -> dict[int, float]:
    seeds = section.keys()
    return {int(seed): section.number(seed, maximum=1.0) for seed in seeds}
