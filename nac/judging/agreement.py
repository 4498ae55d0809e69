"""How far each ranking agrees with what branches are worth. Pure Python.

A judged branch is a mapping as in ``judgement.json``: ``stage`` (from 1), ``loss_increase`` without
the branch, and ``metrics``, its values by the name of each ranking.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nac.config.rankings import RANKINGS
from nac.utils.statistics import deviation, kendall_tau, mean


def agreement(branches: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return ranking -> Kendall's tau-b between strength and loss increase.

    It has ``stages``, a tau per stage or None where the ranking or the loss says nothing (all
    equal), and ``mean``, that of the stages' taus, each counting as much as the others.

    Args:
        branches: of one training, of all stages.
    """
    known = [name for name in RANKINGS if all(name in branch["metrics"] for branch in branches)]
    stages = sorted({branch["stage"] for branch in branches})
    found = {}
    for name in known:
        taus = [_tau([b for b in branches if b["stage"] == stage], name) for stage in stages]
        found[name] = {"stages": taus, "mean": _mean(taus)}
    return found


def over_seeds(found: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return ranking -> ``stages`` and ``mean``, means over trainings, and ``deviation``.

    The deviation is that of the trainings' own means, None for a single one.

    Args:
        found: :func:`agreement` of each training of one network.
    """
    summary = {}
    for name in found[0]:
        means = [one[name]["mean"] for one in found if one[name]["mean"] is not None]
        by_stage = zip(*(one[name]["stages"] for one in found), strict=True)
        summary[name] = {
            "stages": [_mean(taus) for taus in by_stage],
            "mean": _mean(means),
            "deviation": deviation(means),
        }
    return summary


def _tau(branches: Sequence[Mapping[str, Any]], name: str) -> float | None:
    strengths = [RANKINGS[name].strength(branch["metrics"][name]) for branch in branches]
    return kendall_tau(strengths, [branch["loss_increase"] for branch in branches])


def _mean(values: Sequence[float | None]) -> float | None:
    return mean([value for value in values if value is not None])
