"""Noisy readings of accuracies, and what a rule arrives at by them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from nac.replaying.table import NetworkTable
from nac.utils.statistics import kendall_tau


@dataclass(frozen=True)
class Readings:
    """What was read of some networks, between which a rule decides.

    Attributes:
        networks: The networks.
        values: The reading of each, in percent.
        tau: Kendall's tau of the readings with the true accuracies, None where there is no order.
    """

    networks: Sequence[str]
    values: Sequence[float]
    tau: float | None

    @property
    def best(self) -> str:
        """The network with the highest reading, the first of equal ones."""
        return self.networks[self.values.index(max(self.values))]


@dataclass(frozen=True)
class Outcome:
    """What a rule arrived at.

    Attributes:
        network: The network.
        readings: Number of readings that it took.
        tau: Kendall's tau of readings and true accuracies: the mean over the decisions between
            networks that differ, None if there was no such decision.
    """

    network: str
    readings: int
    tau: float | None


def read(table: NetworkTable, networks: Sequence[str], noise: float, generator: Random) -> Readings:
    """Return a reading of each network: its true accuracy plus Gaussian noise.

    Args:
        table: The true accuracies.
        networks: The networks to read.
        noise: Deviation of the noise, in points.
        generator: What the noise is drawn from, anew for each reading.
    """
    true = [table.accuracies[network] for network in networks]
    values = [accuracy + generator.gauss(0.0, noise) for accuracy in true]
    return Readings(networks, values, kendall_tau(values, true))


def outcome(
    network: str, decisions: Sequence[Readings], others: Sequence[Readings] = ()
) -> Outcome:
    """Return an outcome whose readings are counted.

    Args:
        network: What was arrived at.
        decisions: The readings whose tau counts.
        others: Further ones that were taken.
    """
    count = sum(len(readings.values) for readings in (*decisions, *others))
    return Outcome(network, count, mean_known([decision.tau for decision in decisions]))


def mean_known(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are known, None if none is."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None
