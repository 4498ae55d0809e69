"""The architecture diagrams of a run. Needs matplotlib."""

from collections.abc import Iterator, Sequence

from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT
from nac.construction.restructure import Decisions
from nac.construction.statistics import Statistics
from nac.drawing.architecture_diagram import architecture_figure
from nac.plots.files import Drawing, NothingToShowError, Table
from nac.runs.saved_run import Iteration, Run

HEADER = ("kind", "layer", "stage", "channels", "name", "block", "value", "stays")
"""Columns of the data of a diagram, which has a row per branch and per skip connection.

``name`` is the name of a branch or the source of a skip connection, and ``value`` is its metric or
gate.
"""


def architecture_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Yield the diagrams ``architecture_000``, ``architecture_001``, ..., ``architecture_final``.

    Args:
        run: The run whose networks are drawn.
        others: Ignored. All functions that draw figures accept it.

    Raises:
        NothingToShowError: The run has neither a finished iteration nor a constructed network.
    """
    if not run.iterations and run.constructed is None:
        raise NothingToShowError(f"{run.directory}: no iteration has finished yet")
    for number, iteration in enumerate(run.iterations):
        yield iteration_drawing(run, number, iteration)
    if run.constructed is not None:
        title = f"{run.name}: constructed network"
        figure = architecture_figure(run.constructed, title=title)
        yield Drawing("architecture_final", figure, architecture_table(run.constructed))


def iteration_drawing(run: Run, number: int, iteration: Iteration) -> Drawing:
    """Return the diagram of an iteration: its network, its measurements and what is pruned next."""
    measured, decisions = iteration.measured, iteration.decisions
    figure = architecture_figure(
        iteration.architecture,
        metrics=measured.metrics,
        pruned=decisions.pruned,
        gates=measured.gates,
        kept_skips=decisions.kept_skips,
        title=f"{run.name}: iteration {number}{other_ranking(run)}",
    )
    table = architecture_table(iteration.architecture, measured, decisions)
    return Drawing(f"architecture_{number:03d}", figure, table)


def other_ranking(run: Run) -> str:
    """Return ``", ranking NAME"`` for titles, or ``""`` if the run uses the default ranking."""
    name = run.experiment.envelopenet.ranking
    return "" if name == DEFAULT else f", ranking {name}"


def architecture_table(
    architecture: Architecture,
    measured: Statistics | None = None,
    decisions: Decisions | None = None,
) -> Table:
    """Return the data of a diagram. Unknown values and decisions are left empty."""
    rows = []
    for index, layer in architecture.branch_layers():
        position = (index, architecture.stage_of(index), layer.channels)
        for name, block in layer.branches:
            metric = measured and measured.metrics.get((index, name))
            stays = decisions and (index, name) not in decisions.pruned
            rows.append(("branch", *position, name, block, metric, _yes_or_no(stays)))
        for source in architecture.sources(index) or ():
            gate = measured and measured.gates.get((source, index))
            stays = decisions and source in decisions.kept_skips.get(index, (source,))
            rows.append(("skip", *position, source, "", gate, _yes_or_no(stays)))
    return Table(HEADER, rows)


def _yes_or_no(stays: bool | None) -> str:
    return "" if stays is None else "yes" if stays else "no"
