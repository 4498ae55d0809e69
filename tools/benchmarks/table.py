"""The figures as a table, as Markdown and as JSON, with the machine that they belong to."""

import datetime
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nac.utils.tables import table
from tools.benchmarks.figures import Figure
from tools.benchmarks.turns import ROOT

TITLES = ("figure", "network", "median", "range", "times")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "tensorflow": version("tensorflow"),
        "nac": version("nac"),
        "commit": _commit(),
        "date": datetime.date.today().isoformat(),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> str | None:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def row(figure: Figure) -> list[str]:
    """Return a figure as cells."""
    span = f"{figure.lowest:.3f} to {figure.highest:.3f}"
    return [figure.name, figure.network, f"{figure.value:.3f}", span, figure.times]


def text(figures: Sequence[Figure]) -> str:
    """Return the table for a terminal."""
    return table(list(TITLES), [row(figure) for figure in figures])


def markdown(figures: Sequence[Figure]) -> str:
    """Return the table for docs/performance.md."""
    rows = [TITLES, ("---", "---", "---:", "---", "---"), *map(row, figures)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def as_json(figures: Sequence[Figure], failures: dict[str, str]) -> dict[str, Any]:
    """Return the figures with their machine, and why others are missing."""
    return {
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
        "failures": failures,
    }
