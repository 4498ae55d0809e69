"""The kinds of figures that ``nac.figures`` writes. Importing this needs no matplotlib."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from nac.runs.saved_run import Run
from nac.utils.registry import Registry

if TYPE_CHECKING:
    from nac.plots.files import Drawing

FIGURES: "Registry[Callable[[Run, Sequence[Run]], Iterable[Drawing]]]" = Registry(
    "figure",
    {
        "architecture": "nac.plots.architecture:architecture_drawings",
        "ranking": "nac.plots.ranking:ranking_drawings",
        "comparison": "nac.plots.comparison:comparison_drawings",
        "sizes": "nac.plots.comparison_sizes:size_drawings",
        "seconds": "nac.plots.comparison_seconds:seconds_drawings",
        "widths": "nac.plots.widths:widths_drawings",
        "cost": "nac.plots.cost:cost_drawings",
        "confusion": "nac.plots.quality:confusion_drawings",
        "calibration": "nac.plots.quality:calibration_drawings",
    },
)
"""Name of a kind of figure -> a function that draws it.

The function is called with a run and further runs, such as those with other seeds. It raises
:class:`nac.plots.files.NothingToShowError` if the run lacks the data.
"""
