"""Simulations with several seeds, and their outcome as a row of a table."""

import math
import random
import statistics
from collections.abc import Callable, Sequence
from functools import partial

from nac.utils.tables import table
from tools.simulation.cluster import Cluster, Run
from tools.simulation.queue import simulate
from tools.simulation.tally import DAY, Tally

SHARES = ("useful", "saving", "starting", "lost", "detecting", "down", "idle")
TITLES = ("jobs", "lost jobs", "days", "jobs/day", *(f"{share} %" for share in SHARES))


def tallies(cluster: Cluster, runs: Sequence[Run], seeds: int) -> list[Tally]:
    """Return the outcome of a simulation with each of the seeds from 0 on."""
    return [simulate(cluster, runs, lifetimes(cluster, seed)) for seed in range(seeds)]


def lifetimes(cluster: Cluster, seed: int) -> Callable[[], float]:
    """Return a function that draws the seconds until a node fails."""
    if math.isinf(cluster.mtbf):
        return lambda: math.inf
    return partial(random.Random(seed).expovariate, 1.0 / cluster.mtbf)


def row(outcomes: Sequence[Tally]) -> list[str]:
    """Return the cells of a row: means and deviations over simulations."""
    return [
        f"{outcomes[0].jobs:,}",
        _spread([outcome.failures for outcome in outcomes], 1),
        _spread([outcome.makespan / DAY for outcome in outcomes], 2),
        _spread([outcome.jobs_per_day for outcome in outcomes], 2),
        *(
            _spread([100.0 * outcome.shares()[share] for outcome in outcomes], 1)
            for share in SHARES
        ),
    ]


def _spread(values: Sequence[float], digits: int) -> str:
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    return f"{mean:,.{digits}f} ± {deviation:,.{digits}f}"


def table_text(titles: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> str:
    """Return a table for a terminal, or as Markdown."""
    if not markdown:
        return table(list(titles), [list(row) for row in rows])
    kinds = ["---:" if _is_number(cell) else "---" for cell in rows[0]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [titles, kinds, *rows])


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace(" ± ", "").rstrip("%").isdecimal()
