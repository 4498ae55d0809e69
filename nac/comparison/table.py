"""The result of a comparison for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from nac.comparison.result import CONSTRUCTED, RANDOM, SINGLE, of_kind
from nac.utils.statistics import deviation, mean
from nac.utils.tables import table

HEADER = ("network", "parameters", "FLOPs", "accuracy", "deviation", "lowest", "highest", "seeds")


def comparison_text(report: Mapping[str, Any]) -> str:
    """Return table, rank and statement.

    Deviation, lowest and highest are over the seeds of a network; in the row of the random
    networks they are over the networks, of their means over seeds.

    Args:
        report: the content of ``comparison.json``.
    """
    networks = report["networks"]
    rows = [_row(entry) for kind in (CONSTRUCTED, *SINGLE) for entry in of_kind(networks, kind)]
    rows += _random_row(of_kind(networks, RANDOM))
    lines = [f"{report['split']} accuracy on {report['dataset']}", "", table(HEADER, rows), ""]
    if report["rank"]:
        place = report["rank"]
        lines.append(f"rank of the constructed network: {place['rank']} of {place['of']}")
    return "\n".join([*lines, report["statement"]])


def _row(entry: Mapping[str, Any]) -> list[str]:
    found = list(entry["accuracies"].values())
    numbers = [entry["parameters"], entry["flops"], entry["mean"], entry["deviation"]]
    return [entry["name"], *_cells(*numbers), *_extremes(found), str(len(found))]


def _random_row(entries: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    if not entries:
        return []
    means = [entry["mean"] for entry in entries]
    costs = (mean([entry[key] for entry in entries]) for key in ("parameters", "flops"))
    counts = sorted({len(entry["accuracies"]) for entry in entries})
    seeds = "-".join(map(str, {counts[0]: 0, counts[-1]: 0}))
    cells = _cells(*costs, mean(means), deviation(means))
    return [[f"random ({len(entries)})", *cells, *_extremes(means), seeds]]


def _cells(parameters: float, flops: float, average: float, spread: float | None) -> list[str]:
    deviation_cell = "-" if spread is None else f"{spread:.4f}"
    return [f"{parameters:,.0f}", f"{flops:,.0f}", f"{average:.4f}", deviation_cell]


def _extremes(values: Sequence[float]) -> list[str]:
    return [f"{min(values):.4f}", f"{max(values):.4f}"]
