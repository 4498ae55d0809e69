"""The trainings of a run side by side, each small enough that all fit on a phone. Pure Python."""

from collections.abc import Sequence
from dataclasses import dataclass

from nac.architecture.network import Architecture, BranchLayer
from nac.reporting.facts import JobRow, job_rows
from nac.runs.layout import FINAL
from nac.runs.saved_run import Iteration, Run

SQUARE, GAP = 8, 2
"""Side of the square that stands for a branch, and the space between two, in pixels."""


@dataclass(frozen=True)
class Mark:
    """A square or a line of the small picture of a network.

    Attributes:
        kind: "kept" or "pruned", a branch; "line", anything between two stages.
        x: Left edge in pixels.
        y: Upper edge.
    """

    kind: str
    x: int
    y: int


@dataclass(frozen=True)
class Card:
    """One training at a glance.

    Attributes:
        title: Such as "Iteration 0".
        row: The training in numbers.
        marks: Its network, a row per layer.
        width: Width of that picture in pixels, the same on all cards.
        height: Its height.
        parameters: Its parameters as a share of the largest number on any card, for a bar.
        seconds: Its seconds likewise.
    """

    title: str
    row: JobRow
    marks: tuple[Mark, ...]
    width: int
    height: int
    parameters: float
    seconds: float


def cards(run: Run) -> list[Card]:
    """Return a card for each training that is done, in order."""
    rows = job_rows(run)
    most = max((row.result.parameters for row in rows), default=0) or 1
    longest = max((row.result.seconds for row in rows), default=0.0) or 1.0
    pictures = [network_marks(job.architecture, _pruned(job)) for job in run.jobs]
    width = max((mark.x for marks in pictures for mark in marks), default=0) + SQUARE
    return [
        Card(
            "Final training" if row.name == FINAL else f"Iteration {row.name}",
            row,
            marks,
            width,
            max((mark.y for mark in marks), default=0) + SQUARE,
            row.result.parameters / most,
            row.result.seconds / longest,
        )
        for row, marks in zip(rows, pictures, strict=True)
    ]


def _pruned(job) -> Sequence[tuple[int, str]]:
    return job.decisions.pruned if isinstance(job, Iteration) else ()


def network_marks(
    architecture: Architecture, pruned: Sequence[tuple[int, str]]
) -> tuple[Mark, ...]:
    """Return the small picture of a network: squares for branches, lines between stages.

    Args:
        architecture: The network.
        pruned: (layer, branch) of the branches that went after its training.
    """
    step = SQUARE + GAP
    marks = []
    for index, layer in enumerate(architecture.network, start=1):
        y = (index - 1) * step
        if not isinstance(layer, BranchLayer):
            marks.append(Mark("line", 0, y))
            continue
        for column, (name, _) in enumerate(layer.branches):
            kind = "pruned" if (index, name) in pruned else "kept"
            marks.append(Mark(kind, column * step, y))
    return tuple(marks)
