"""What accuracy costs: all networks of a comparison by size and time. Needs matplotlib."""

from collections.abc import Iterator, Sequence

from matplotlib.figure import Figure

from nac.comparison.result import ComparisonResult
from nac.drawing.style import new_figure, styled
from nac.plots.comparison_data import comparisons_of
from nac.plots.comparison_marks import (
    BOTTOM,
    HEIGHT,
    PLOT_HEIGHT,
    draw_legend,
    draw_marks,
    network_marks,
    rival_marks,
)
from nac.plots.files import Drawing, Table
from nac.runs.saved_run import Run

LEFT, RIGHT, WIDTH = 0.055, 0.555, 0.43
"""Left edges and width of the axes, as shares of the figure's width."""


def size_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``comparison_sizes`` and ``comparison_validation_sizes``, those of the two that exist.

    Args:
        run: The run whose comparisons are drawn.
        others: Not used.

    Raises:
        NothingToShowError: There is no comparison.
        InputError: The result of one is damaged.
    """
    for directory, result in comparisons_of(run).items():
        figure = size_figure(result, f"{run.name}: what accuracy costs")
        yield Drawing(f"{directory.name}_sizes", figure, size_table(result))


def size_table(result: ComparisonResult) -> Table:
    """Return a row per network that has a result, and per rival. Theirs have no seconds here."""
    header = ("network", "kind", "notation", "parameters", "flops", "seconds", "mean", "deviation")
    networks = [mark.entry for mark in network_marks(result)]
    rivals = [mark.entry for mark in rival_marks(result)]
    rows = [
        (x.name, x.kind, x.notation, x.parameters, x.flops, x.seconds, x.mean, x.deviation)
        for x in networks
    ]
    rows += [(x.name, "rival", None, x.parameters, None, None, x.mean, x.deviation) for x in rivals]
    return Table(header, rows)


@styled
def size_figure(result: ComparisonResult, title: str = "") -> Figure:
    """Return accuracy against parameters at the left, against seconds of a training at the right.

    Rivals are at the left only, as a search is no training (see
    :mod:`nac.plots.comparison_seconds`).

    Args:
        result: The comparison.
        title: Title of the figure.
    """
    subtitle = f"Mean {result.split} accuracy over the seeds, and one deviation on both sides."
    figure = new_figure(HEIGHT, title or "What accuracy costs", subtitle)
    networks, rivals = network_marks(result), rival_marks(result)
    sizes = [(mark.entry.parameters, mark) for mark in networks + rivals]
    times = [(mark.entry.seconds, mark) for mark in networks]
    for left, marks, label in (
        (LEFT, sizes, "trainable parameters (logarithmic)"),
        (RIGHT, times, "seconds of a training (logarithmic)"),
    ):
        axes = figure.add_axes((left, BOTTOM, WIDTH, PLOT_HEIGHT))
        draw_marks(axes, [(x, mark) for x, mark in marks if x], label)
    draw_legend(figure, networks + rivals)
    figure.axes[0].set_ylabel(f"{result.split} accuracy (%)")
    return figure
