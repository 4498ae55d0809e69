"""The table of figures: name -> what draws them for a run. Needs matplotlib.

A function gets the run and further ones, such as other seeds, and raises NothingToShowError where
the run has not what it shows.
"""

from collections.abc import Callable, Iterable, Sequence

from nac.plots.architecture import architecture_drawings
from nac.plots.comparison import comparison_drawings
from nac.plots.cost import cost_drawings
from nac.plots.files import Drawing
from nac.plots.ranking import ranking_drawings
from nac.plots.widths import widths_drawings
from nac.runs.saved_run import Run

DRAWINGS: dict[str, Callable[[Run, Sequence[Run]], Iterable[Drawing]]] = {
    "architecture": architecture_drawings,
    "ranking": ranking_drawings,
    "comparison": comparison_drawings,
    "widths": widths_drawings,
    "cost": cost_drawings,
}
"""Name of a kind of figure -> function that draws it."""
