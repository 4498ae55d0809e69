"""A judgement for machines and for people."""

from collections.abc import Mapping
from typing import Any

from nac.architecture.keys import branch_key
from nac.architecture.network import Architecture, BranchLayer
from nac.config.rankings import RANKINGS
from nac.utils.tables import table


def judged_branches(
    architecture: Architecture,
    statistics: Mapping[str, Any],
    whole: Any,
    without: Mapping[tuple[int, str], Any],
) -> list[dict[str, Any]]:
    """Return what is known of each branch, in the order of the architecture.

    Args:
        architecture: the judged network.
        statistics: the content of its ``statistics.json``.
        whole: score of the network, with ``loss`` and ``accuracy``.
        without: (layer, branch) -> score without that branch.
    """
    stages = {
        index: number
        for number, stage in enumerate(architecture.stages, start=1)
        for index in stage
    }
    return [
        {
            "layer": index,
            "branch": name,
            "block": _block(architecture, index, name),
            "stage": stages[index],
            "loss_increase": score.loss - whole.loss,
            "accuracy_loss": whole.accuracy - score.accuracy,
            "metrics": _metrics(statistics["featuremaps"][branch_key(index, name)]),
        }
        for (index, name), score in without.items()
    ]


def judgement_text(judgement: Mapping[str, Any]) -> str:
    """Return the agreement of each ranking as a table, best first.

    Args:
        judgement: the content of ``judgement.json``.
    """
    found, seeds = judgement["agreement"], judgement["seeds"]
    names = sorted(found, key=lambda name: -_sortable(found[name]["mean"]))
    numbers = range(1, 1 + max((len(row["stages"]) for row in found.values()), default=0))
    header = ["ranking", *(f"stage {number}" for number in numbers), "mean", "deviation"]
    rows = [
        [
            name,
            *map(tau_cell, [*found[name]["stages"], found[name]["mean"], found[name]["deviation"]]),
        ]
        for name in names
    ]
    if len(seeds) == 1:
        header, rows = header[:-1], [row[:-1] for row in rows]
    return "\n".join([_heading(judgement), "", table(header, rows)])


def _heading(judgement: Mapping[str, Any]) -> str:
    seeds = judgement["seeds"]
    first = next(iter(seeds.values()))
    calibrated = ", batch norms re-estimated without the branch" if judgement["recalibrate"] else ""
    return (
        f"{judgement['notation']} on {judgement['dataset']}, iteration {judgement['iteration']},"
        f" seed {', '.join(seeds)}\n"
        f"Kendall's tau of each ranking with the loss increase on {first['images']:,} validation"
        f" images without a branch{calibrated}; {len(first['branches'])} branches"
    )


def _metrics(featuremap: Mapping[str, Any]) -> dict[str, float]:
    return {name: featuremap[name] for name in RANKINGS if name in featuremap}


def _block(architecture: Architecture, index: int, name: str) -> str:
    layer = architecture.layer(index)
    return dict(layer.branches)[name] if isinstance(layer, BranchLayer) else ""


def _sortable(tau: float | None) -> float:
    return -2.0 if tau is None else tau


def tau_cell(tau: float | None) -> str:
    """Return a tau as it stands in a table."""
    return "-" if tau is None else f"{tau:.3f}"
