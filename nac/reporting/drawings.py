"""The table of figures: name -> what draws them for a run. Needs matplotlib.

A function gets the run and further ones, such as other seeds, and raises NothingToShowError where
the run has not what it shows.
"""

from collections.abc import Callable, Iterable, Sequence

from nac.reporting.architecture_drawings import architecture_drawings
from nac.reporting.comparison_figure import comparison_drawings
from nac.reporting.cost_figure import cost_drawings
from nac.reporting.figure_files import Drawing
from nac.reporting.ranking_figure import ranking_drawings
from nac.reporting.run import Run
from nac.reporting.widths_figure import widths_drawings

DRAWINGS: dict[str, Callable[[Run, Sequence[Run]], Iterable[Drawing]]] = {
    "architecture": architecture_drawings,
    "ranking": ranking_drawings,
    "comparison": comparison_drawings,
    "widths": widths_drawings,
    "cost": cost_drawings,
}
"""Name of a kind of figure -> function that draws it."""
