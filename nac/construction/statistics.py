"""What construction needs to know of a trained network, read from ``statistics.json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nac.architecture import Architecture
from nac.errors import InputError
from nac.schema import Section, is_number, shown


@dataclass(frozen=True)
class Statistics:
    """Measurements of one network.

    Attributes:
        metrics: (layer index, branch name) -> featuremap metric, here the mean square.
        gates: (source, destination) -> learned gate.
    """

    metrics: Mapping[tuple[int, str], float]
    gates: Mapping[tuple[int, int], float]


def branch_key(layer: int, branch: str) -> str:
    """Return the key of a branch in ``statistics.json``, for instance ``3/Branch2``."""
    return f"{layer}/{branch}"


def gate_key(source: int, destination: int) -> str:
    """Return the key of a skip connection in ``statistics.json``, for instance ``1-5``."""
    return f"{source}-{destination}"


def parse_statistics(
    value: Any, architecture: Architecture, source: str = "statistics"
) -> Statistics:
    """Take the metric of each branch and the gate of each skip connection.

    Args:
        value: the content of ``statistics.json``; keys beside ``featuremaps`` and ``gates`` are
            not looked at.
        architecture: the network that was measured; it says which entries there must be.
        source: the beginning of each error message.

    Raises:
        InputError: an entry is missing, unknown or not a finite number.
    """
    section = Section(value, source)
    featuremaps = section.section("featuremaps")
    gates = section.section("gates") if "gates" in section else Section({}, source, "gates")
    metrics = {
        (layer, branch): _finite(
            featuremaps.section(branch_key(layer, branch)), "mean_square", minimum=0.0
        )
        for layer, branch in architecture.branches()
    }
    values = {
        (start, end): _finite(gates, gate_key(start, end))
        for start, end in architecture.skip_connections()
    }
    featuremaps.finish()
    gates.finish()
    return Statistics(metrics, values)


def _finite(section: Section, key: str, minimum: float | None = None) -> float:
    value = section.any(key)
    if not is_number(value) or (minimum is not None and value < minimum):
        limit = "" if minimum is None else f" >= {minimum:g}"
        raise InputError(
            f"{section.at(key)}: expected a finite number{limit}, received {shown(value)}"
        )
    return float(value)
