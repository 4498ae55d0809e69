"""What a construction says at its end, to people and to machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.construction.decisions import Decisions
from nac.display.run_events import Result
from nac.runs.layout import ARCHITECTURE, CLASSIFIER, FINAL, MODEL, REPORT
from nac.runs.result import TITLES, JobResult
from nac.utils.tables import table


@dataclass(frozen=True)
class Row:
    """A job of the closing table.

    Attributes:
        name: Number of its iteration, or "final".
        result: Its result.
        decisions: What was decided on it, None for the full training.
    """

    name: str
    result: JobResult
    decisions: Decisions | None = None

    def cells(self) -> list[str]:
        """Return its cells for people."""
        gone = self.decisions
        pruned = gone and f"{len(gone.pruned)} branches, {gone.pruned_skips} skips"
        return [*self.result.cells(self.name), pruned or "-"]

    def values(self) -> dict[str, Any]:
        """Return its values for machines."""
        result, gone = self.result, self.decisions
        return {
            "iteration": self.name,
            "network": result.notation,
            "parameters": result.parameters,
            "flops": result.flops,
            "accuracy": result.accuracy,
            "loss": result.loss,
            "split": result.split,
            "seconds": result.seconds,
            "pruned_branches": len(gone.pruned) if gone else None,
            "pruned_skips": gone.pruned_skips if gone else None,
        }


def closing_text(rows: Sequence[Row], constructed: str, directory: Path) -> str:
    """Return the closing table, and where the results are.

    Args:
        rows: The jobs.
        constructed: The constructed network and what it costs.
        directory: The run directory.
    """
    lines = [
        "",
        table([*TITLES, "pruned after it"], [row.cells() for row in rows]),
        "",
        f"constructed: {constructed}, in {directory / ARCHITECTURE}",
    ]
    if (directory / MODEL).exists():
        lines.append(f"trained model: {directory / MODEL}")
    if (directory / CLASSIFIER).exists():
        lines.append(f"classifier of photos: {directory / CLASSIFIER}")
    lines.append(f"inspect: tensorboard --logdir={directory}")
    return "\n".join(lines)


def closing_result(rows: Sequence[Row], network: str, directory: Path) -> Result:
    """Return the same for machines.

    Args:
        rows: The jobs.
        network: Notation of the constructed network.
        directory: The run directory.
    """
    last = rows[-1]
    final = last.result if last.name == FINAL else None
    return Result(
        {
            "directory": str(directory),
            "architecture": str(directory / ARCHITECTURE),
            "model": _existing(directory / MODEL),
            "classifier": _existing(directory / CLASSIFIER),
            "report": _existing(directory / REPORT),
            "network": network,
            "accuracy": final and final.accuracy,
            "split": final and final.split,
            "jobs": [row.values() for row in rows],
        }
    )


def _existing(path: Path) -> str | None:
    return str(path) if path.exists() else None
