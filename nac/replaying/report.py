"""A replay as a table for people."""

from nac.replaying.replay import GROUPED, Replay, Row
from nac.utils.tables import table

HEADER = ("rule", "noise", "tau", "readings", "accuracy", "deviation")

OMITTED = (
    "The noise is independent from reading to reading: a systematic bias, by which real rankings\n"
    "prefer the wrong branches again and again, is left out, and could make every rule worse."
)
"""What the model of the noise omits."""


def replay_text(replay: Replay) -> str:
    """Return what was done, a row per rule and noise, and what the noise leaves out."""
    rows = [_cells(row) for row in replay.rows]
    return f"{_heading(replay)}\n\n{table(HEADER, rows)}\n\n{OMITTED}"


def _heading(replay: Replay) -> str:
    return (
        f"Accuracy (%) of the network that each rule arrives at from {replay.start} within"
        f" {replay.flops:{GROUPED}} FLOPs,\n"
        f"by readings with Gaussian noise (points), mean and deviation over"
        f" {count_of(replay.seeds)}; {replay.networks:,} networks of\n{replay.table}."
    )


def count_of(seeds: int) -> str:
    """Return a number of seeds with its noun."""
    return "one seed" if seeds == 1 else f"{seeds:,} seeds"


def _cells(row: Row) -> list[str]:
    return [
        row.rule,
        "-" if row.noise is None else f"{row.noise:g}",
        _decimals(row.tau),
        f"{row.readings:.1f}",
        f"{row.accuracy:.2f}",
        _decimals(row.deviation),
    ]


def _decimals(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
