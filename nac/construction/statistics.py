"""What construction needs to know of a trained network, read from ``statistics.json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config import rankings
from nac.utils.errors import InputError
from nac.utils.schema import Section, is_number, shown


@dataclass(frozen=True)
class Statistics:
    """Measurements of one network.

    Attributes:
        metrics: (layer index, branch name) -> strength of the branch by the ranking.
        gates: (source, destination) -> learned gate.
    """

    metrics: Mapping[tuple[int, str], float]
    gates: Mapping[tuple[int, int], float]


def parse_statistics(
    value: Any,
    architecture: Architecture,
    source: str = "statistics",
    ranking: str = rankings.DEFAULT,
) -> Statistics:
    """Take the strength of each branch by a ranking, and the gate of each skip connection.

    Args:
        value: the content of ``statistics.json``; keys beside ``featuremaps`` and ``gates``, and
            what a branch's entry says beside the ranking, are not looked at.
        architecture: the network that was measured; it says which entries there must be.
        source: the beginning of each error message.
        ranking: a name in :data:`nac.config.rankings.RANKINGS`.

    Raises:
        InputError: an entry is missing, unknown or not a finite number.
    """
    section = Section(value, source)
    featuremaps = section.section("featuremaps")
    gates = section.section("gates") if "gates" in section else Section({}, source, "gates")
    metrics = {
        (layer, branch): _strength(featuremaps.section(branch_key(layer, branch)), ranking)
        for layer, branch in architecture.branches()
    }
    values = {
        (start, end): _finite(gates, gate_key(start, end))
        for start, end in architecture.skip_connections()
    }
    featuremaps.finish()
    gates.finish()
    return Statistics(metrics, values)


def _strength(featuremap: Section, ranking: str) -> float:
    if ranking == rankings.BRANCH_GATE and ranking not in featuremap:
        raise InputError(
            f"{featuremap.at(ranking)}: missing; a training has it if parameters.branch_gates is"
            " true"
        )
    row = rankings.RANKINGS[ranking]
    return row.strength(_finite(featuremap, ranking, row.minimum))


def _finite(section: Section, key: str, minimum: float | None = None) -> float:
    value = section.any(key)
    if not is_number(value) or (minimum is not None and value < minimum):
        limit = "" if minimum is None else f" >= {minimum:g}"
        raise InputError(
            f"{section.at(key)}: expected a finite number{limit}, received {shown(value)}"
        )
    return float(value)
