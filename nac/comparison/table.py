"""The result of a comparison as a table, for people and as CSV."""

import csv
import io
from collections.abc import Sequence

from nac.comparison.conclusions import Results
from nac.comparison.networks import DRAWN, KINDS
from nac.comparison.result import ComparisonResult, NetworkResult, RivalEntry, of_kind
from nac.utils.statistics import deviation, mean
from nac.utils.tables import table

HEADER = (
    *("network", "parameters", "FLOPs", "accuracy", "deviation", "lowest", "highest", "seeds"),
    *("seconds", "images/s"),
)

RIVAL = "rival"
"""Kind of a rival in the table for machines."""

COLUMNS = (
    *("network", "kind", "seed", "accuracy", "loss", "parameters", "flops", "seconds"),
    "images_per_second",
)


def comparison_text(result: ComparisonResult) -> str:
    """Return table, rank and statement for people.

    Deviation, lowest and highest are over the seeds of a network. In the row of networks that are
    drawn at random they are over the networks, each with its mean over seeds. Seconds of a rival
    include its search.
    """
    networks = result.networks
    rows = [_row(x) for kind in KINDS if kind not in DRAWN for x in of_kind(networks, kind)]
    rows += [row for kind in DRAWN for row in _drawn_row(kind, of_kind(networks, kind))]
    rows += [_rival_row(entry) for entry in result.rivals if entry.results]
    lines = [f"{result.split} accuracy on {result.dataset}", "", table(HEADER, rows), ""]
    if result.rank:
        lines.append(f"rank of the constructed network: {result.rank.rank} of {result.rank.of}")
    return "\n".join([*lines, result.statement])


def as_csv(result: ComparisonResult, results: Results) -> str:
    """Return a row per network or rival and seed that has a result."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for network in result.networks:
        for seed, job in results[network.name].items():
            values = [getattr(job, column) for column in COLUMNS[3:]]
            writer.writerow([network.name, network.kind, seed, *values])
    for entry in result.rivals:
        for seed, found in entry.results.items():
            values = [getattr(found, column, None) for column in COLUMNS[3:]]
            writer.writerow([entry.name, RIVAL, seed, *values])
    return text.getvalue()


def _row(network: NetworkResult) -> list[str]:
    accuracies = list(network.accuracies.values())
    numbers = [network.parameters, network.flops, network.mean, network.deviation]
    counts = [*_extremes(accuracies), str(len(accuracies))]
    return [network.name, *_cells(*numbers), *counts, *_speed([network])]


def _rival_row(entry: RivalEntry) -> list[str]:
    parameters, _, *accuracy = _cells(entry.parameters, 0, entry.mean, entry.deviation)
    accuracies = list(entry.accuracies.values())
    counts = [*_extremes(accuracies), str(len(accuracies))]
    # FLOPs and images per second of other libraries' networks are not counted.
    return [entry.name, parameters, "-", *accuracy, *counts, f"{entry.seconds:,.0f}", "-"]


def _drawn_row(kind: str, networks: Sequence[NetworkResult]) -> list[list[str]]:
    if not networks:
        return []
    means = [network.mean for network in networks]
    parameters = mean([network.parameters for network in networks])
    flops = mean([network.flops for network in networks])
    counts = sorted({len(network.accuracies) for network in networks})
    seeds = "-".join(map(str, {counts[0]: 0, counts[-1]: 0}))
    cells = _cells(parameters, flops, mean(means), deviation(means))
    return [[f"{kind} ({len(networks)})", *cells, *_extremes(means), seeds, *_speed(networks)]]


def _cells(parameters: float, flops: float, average: float, spread: float | None) -> list[str]:
    deviation_cell = "-" if spread is None else f"{spread:.4f}"
    return [f"{parameters:,.0f}", f"{flops:,.0f}", f"{average:.4f}", deviation_cell]


def _extremes(values: Sequence[float]) -> list[str]:
    return [f"{min(values):.4f}", f"{max(values):.4f}"]


def _speed(networks: Sequence[NetworkResult]) -> list[str]:
    """Return the cells of the mean seconds of a training, and of the mean images per second."""
    columns = (
        [network.seconds for network in networks],
        [network.images_per_second for network in networks],
    )
    known = [[value for value in column if value is not None] for column in columns]
    return [f"{mean(values):,.0f}" if values else "-" for values in known]
