"""The architecture diagrams of a run: each iteration with what was decided, and the result."""

from collections.abc import Iterator, Sequence

from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT
from nac.construction.restructure import Decisions
from nac.construction.statistics import Statistics
from nac.drawing.architecture_diagram import architecture_figure
from nac.plots.files import Drawing, NothingToShowError, Table
from nac.runs.saved_run import Iteration, Run

HEADER = ("kind", "layer", "stage", "channels", "name", "block", "value", "stays")
"""Of the data of a diagram: a row per branch and per skip connection.

``name`` is the branch, or the source of the skip connection; ``value`` its metric or gate.
"""


def architecture_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``architecture_000`` and so on, and ``architecture_final``.

    Args:
        run: whose networks are drawn.
        others: not looked at.

    Raises:
        NothingToShowError: no iteration is done, and there is no constructed network.
    """
    if not run.iterations and run.constructed is None:
        raise NothingToShowError(f"{run.directory}: no iteration is done yet")
    for number, iteration in enumerate(run.iterations):
        yield iteration_drawing(run, number, iteration)
    if run.constructed is not None:
        title = f"{run.name}: constructed network"
        figure = architecture_figure(run.constructed, title=title)
        yield Drawing("architecture_final", figure, architecture_table(run.constructed))


def iteration_drawing(run: Run, number: int, iteration: Iteration) -> Drawing:
    """Draw the network of an iteration with its measurements and what goes after it."""
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
    """Return ``, ranking NAME`` for a run that does not rank by the default metric, else ""."""
    name = run.experiment.envelopenet.ranking
    return "" if name == DEFAULT else f", ranking {name}"


def architecture_table(
    architecture: Architecture,
    measured: Statistics | None = None,
    decisions: Decisions | None = None,
) -> Table:
    """Return the data of a diagram; values and decisions are empty where they are not known."""
    stages = {
        index: number
        for number, stage in enumerate(architecture.stages, start=1)
        for index in stage
    }
    rows = []
    for index, layer in architecture.branch_layers():
        place = (index, stages[index], layer.channels)
        for name, block in layer.branches:
            metric = measured and measured.metrics.get((index, name))
            stays = decisions and (index, name) not in decisions.pruned
            rows.append(("branch", *place, name, block, metric, _word(stays)))
        for source in architecture.sources(index) or ():
            gate = measured and measured.gates.get((source, index))
            stays = decisions and source in decisions.kept_skips.get(index, (source,))
            rows.append(("skip", *place, source, "", gate, _word(stays)))
    return Table(HEADER, rows)


def _word(stays: bool | None) -> str:
    return "" if stays is None else "yes" if stays else "no"
