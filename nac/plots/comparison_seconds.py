"""What accuracy costs in time, search included where there is one. Needs matplotlib."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from nac.comparison.networks import CONSTRUCTED
from nac.comparison.result import ComparisonResult, NetworkResult, of_kind
from nac.drawing.style import new_figure, styled
from nac.plots.comparison_data import comparisons_of
from nac.plots.comparison_marks import (
    BOTTOM,
    HEIGHT,
    PLOT_HEIGHT,
    Mark,
    draw_legend,
    draw_marks,
    network_marks,
    rival_marks,
)
from nac.plots.files import Drawing, Table
from nac.runs.duration import job_seconds
from nac.runs.saved_run import Run

SUBTITLE = (
    "Mean {split} accuracy over the seeds, and one deviation on both sides. Filled: search and"
    " training. Hollow: the training alone, as for a network that was chosen before."
)


def seconds_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Draw ``comparison_seconds`` and ``comparison_validation_seconds``, if they exist.

    Args:
        run: The run whose comparisons are drawn.
        others: Not used.

    Raises:
        NothingToShowError: There is no comparison.
        InputError: The result of one is damaged.
    """
    for directory, result in comparisons_of(run).items():
        taken = constructed_seconds(run, result)
        figure = seconds_figure(result, taken, f"{run.name}: accuracy and seconds")
        yield Drawing(f"{directory.name}_seconds", figure, seconds_table(result, taken))


def constructed_seconds(run: Run, result: ComparisonResult) -> float | None:
    """Return the seconds of search and full training, None if there was no training.

    Args:
        run: The run.
        result: Its comparison; one without ``run_seconds`` gives the time of the training.
    """
    networks = of_kind(result.networks, CONSTRUCTED)
    if result.run_seconds is not None or not networks:
        return result.run_seconds
    return sum(job_seconds(job.result) for job in run.iterations) + networks[0].seconds


Placed = tuple[float, Mark]
"""Seconds and the mark at them."""


def placed_marks(result: ComparisonResult, taken: float | None) -> list[Placed]:
    """Return the marks of all that has a result, at the seconds that it costs.

    Args:
        result: The comparison.
        taken: Seconds of the constructed network, with its search.
    """
    placed = [_placed(mark, taken) for mark in network_marks(result)]
    placed += [(mark.entry.seconds, mark) for mark in rival_marks(result)]
    return [(seconds, mark) for seconds, mark in placed if seconds]


def _placed(mark: Mark, taken: float | None) -> tuple[float | None, Mark]:
    if isinstance(mark.entry, NetworkResult) and mark.entry.kind == CONSTRUCTED:
        return taken, mark
    return mark.entry.seconds, replace(mark, filled=False)


def seconds_table(result: ComparisonResult, taken: float | None) -> Table:
    """Return a row per mark, and whether its seconds include a search."""
    header = ("network", "seconds", "search_included", "parameters", "mean", "deviation")
    rows = [
        (x.entry.name, seconds, x.filled, x.entry.parameters, x.entry.mean, x.entry.deviation)
        for seconds, x in placed_marks(result, taken)
    ]
    return Table(header, rows)


@styled
def seconds_figure(result: ComparisonResult, taken: float | None, title: str = "") -> Figure:
    """Return accuracy against seconds.

    Args:
        result: The comparison.
        taken: Seconds of the constructed network, with its search.
        title: Title of the figure.
    """
    subtitle = SUBTITLE.format(split=result.split)
    figure = new_figure(HEIGHT, title or "Accuracy and seconds", subtitle)
    marks = placed_marks(result, taken)
    axes = figure.add_axes((0.055, BOTTOM, 0.93, PLOT_HEIGHT))
    draw_marks(axes, marks, "seconds (logarithmic)")
    draw_legend(figure, [mark for _, mark in marks])
    axes.set_ylabel(f"{result.split} accuracy (%)")
    return figure
