"""What construction needs to know about a trained network, read from ``statistics.json``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config import rankings
from nac.utils.errors import InputError
from nac.utils.records import from_json
from nac.utils.schema import Section, is_number, shown


@dataclass(frozen=True)
class Round:
    """What a training measured and removed in one of its rounds (policy ``rounds``).

    Attributes:
        step: Number of steps before it.
        loss: Cross-entropy of the network on the validation images that were used.
        missed: Key of a branch or skip connection, such as ``3/Branch2`` or ``1-5`` -> by how much
            the loss is higher without it.
        removed: Keys of those that went, least missed first.
    """

    step: int
    loss: float
    missed: Mapping[str, float]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Statistics:
    """Measurements of one network.

    Attributes:
        metrics: (layer index, branch name) -> strength of the branch by the ranking that decides.
        gates: (source, destination) -> learned gate of the skip connection.
        rounds: The rounds in which the training removed branches, none for most policies.
        parameters: (layer index, branch name) -> number of parameters, where it is known.
        source: The file that they were read from, the beginning of error messages.
    """

    metrics: Mapping[tuple[int, str], float]
    gates: Mapping[tuple[int, int], float]
    rounds: tuple[Round, ...] = ()
    parameters: Mapping[tuple[int, str], float] = field(default_factory=dict)
    source: str = field(default="statistics", compare=False)


def parse_statistics(
    value: Any,
    architecture: Architecture,
    source: str = "statistics",
    ranking: str = rankings.DEFAULT,
) -> Statistics:
    """Return the strength of each branch by a ranking, and the gate of each skip connection.

    Args:
        value: A mapping with ``featuremaps``, ``gates`` and ``rounds``, such as the content of
            ``statistics.json``; its other keys are ignored.
        architecture: The network that was measured; it says which entries there must be.
        source: The file that it was read from, the beginning of each error message.
        ranking: A name in :data:`nac.config.rankings.RANKINGS`.

    Raises:
        InputError: The ranking is unknown, or an entry is missing, unknown or not a finite number.
    """
    rankings.RANKINGS.check(ranking, f"{source}: ranking")
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
    rounds = section.sections("rounds") if "rounds" in section else []
    removed = tuple(_round(entry) for entry in rounds)
    return Statistics(metrics, values, removed, _parameters(value, metrics), source)


def _parameters(value: Any, branches: Iterable[tuple[int, str]]) -> dict[tuple[int, str], float]:
    """Return the number of parameters of each branch whose entry has it."""
    counts = {key: value["featuremaps"][branch_key(*key)].get("parameters") for key in branches}
    return {key: count for key, count in counts.items() if is_number(count)}


def _round(section: Section) -> Round:
    entry = from_json(Round, section, "")
    for key in entry.removed:
        if key not in entry.missed:
            raise InputError(
                f"{section.at('removed')}: expected keys of missed, received {shown(key)}"
            )
    return entry


def _strength(featuremap: Section, ranking: str) -> float:
    entry = {key: featuremap.any(key) for key in featuremap.keys()}  # noqa: SIM118
    row = rankings.RANKINGS[ranking]
    strength: float | None = None
    try:
        strength = row.strength(entry)
    except KeyError as missing:
        hint = f"; a training measures it with {row.needs}" if row.needs else ""
        raise InputError(f"{featuremap.at(missing.args[0])}: missing{hint}") from None
    except (TypeError, ValueError, ArithmeticError):
        pass
    if not is_number(strength) or (row.minimum is not None and strength < row.minimum):
        limit = "" if row.minimum is None else f" >= {row.minimum:g}"
        raise InputError(
            f"{featuremap.at(ranking)}: expected a finite number{limit}, received"
            f" {shown(entry.get(ranking, strength))}"
        )
    return float(strength)


def _finite(section: Section, key: str) -> float:
    value = section.any(key)
    if not is_number(value):
        raise InputError(f"{section.at(key)}: expected a finite number, received {shown(value)}")
    return float(value)
