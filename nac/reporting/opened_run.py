"""A run directory as an object for Python and Jupyter."""

import importlib.util
import zlib
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from nac.architecture.network import Architecture
from nac.reporting.inline_svg import inline_svg
from nac.reporting.process import write_report
from nac.runs.layout import CLASSIFIER, MODEL, REPORT
from nac.runs.result import TITLES, JobResult
from nac.runs.saved_run import Run, load_run
from nac.utils.errors import NacError
from nac.utils.tables import table

if TYPE_CHECKING:
    import keras

    from nac.models.classifier import PhotoClassifier
    from nac.plots.files import Drawing

HEADER = ("job", *TITLES[1:])


class ReportPage:
    """A report, which a notebook shows inline.

    Args:
        path: Path of ``report.html``.
    """

    HEIGHT = 700
    """Height in pixels of the part of a notebook that shows it."""

    def __init__(self, path: Path):
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"ReportPage({str(self.path)!r})"

    def _repr_html_(self) -> str:
        # In a frame, so that its style does not change the notebook's.
        page = escape(self.path.read_text(encoding="utf-8"))
        return (
            f'<iframe title="Report" srcdoc="{page}" width="100%" height="{self.HEIGHT}"'
            ' style="border:0"></iframe>'
        )


class OpenedRun:
    """A run directory; its files are read once, when they are first asked for.

    In Jupyter it shows a table of its jobs and, with the extra ``report``, its network.

    Args:
        directory: The run directory.

    Example::

        run = nac.load_run("runs/digits")
        run.results["final"].accuracy
        run.figures["architecture_final"]
    """

    def __init__(self, directory: Path):
        self.directory = directory

    def __repr__(self) -> str:
        return f"nac.load_run({str(self.directory)!r})"

    @cached_property
    def saved(self) -> Run:
        """The content of the directory: experiment, iterations with decisions, final training."""
        return load_run(self.directory)

    @property
    def architecture(self) -> Architecture | None:
        """The constructed network, None as long as there is none."""
        return self.saved.constructed

    @property
    def results(self) -> dict[str, JobResult]:
        """The result of each job that is done, by its directory: "000", "001", ..., "final"."""
        return {job.directory.name: job.result for job in self.saved.jobs}

    @cached_property
    def classifier(self) -> "PhotoClassifier":
        """The trained final network for photos: pixels of any size to probabilities.

        Raises:
            InputError: The final network has not been trained, or its images are not plain pixels.
        """
        from nac.models.loading import load_classifier  # takes seconds

        return load_classifier(self.directory / CLASSIFIER)

    @cached_property
    def model(self) -> "keras.Model":
        """The trained final network, images, prepared as in training, to logits.

        Raises:
            InputError: The final network has not been trained.
        """
        from nac.models.loading import load_network  # takes seconds

        return load_network(self.directory / MODEL)

    @cached_property
    def figures(self) -> "dict[str, Drawing]":
        """All figures that the run has the data for, by name; Jupyter shows each. Needs matplotlib.

        ``drawing.figure`` is matplotlib's object and ``drawing.table`` the data.
        """
        from nac.plots.files import NothingToShowError
        from nac.plots.table import FIGURES

        drawings: dict[str, Drawing] = {}
        for draw in FIGURES.values():
            try:
                drawings |= {drawing.name: drawing for drawing in draw(self.saved, ())}
            except NothingToShowError:
                continue
        return drawings

    @property
    def report(self) -> Path:
        """Path of ``report.html``, which is written first if it does not exist.

        Raises:
            NacError: It cannot be written.
        """
        path = self.directory / REPORT
        if not path.exists():
            message = write_report(self.directory)
            if not path.exists():
                raise NacError(message)
        return path

    def summary(self) -> str:
        """Return a table of the jobs that are done, and the constructed network, as text."""
        rows = [list(job.cells(name)) for name, job in self.results.items()]
        network = self.architecture.notation if self.architecture else "none yet"
        return f"{table(list(HEADER), rows)}\n\nconstructed network: {network}"

    def _repr_html_(self) -> str:
        rows = "".join(_row("td", job.cells(name)) for name, job in self.results.items())
        title = f"<p><b>{escape(str(self.directory))}</b></p>"
        return f"{title}<table>{_row('th', HEADER)}{rows}</table>{self._network()}"

    def _network(self) -> str:
        """Return the drawing of the constructed network, an empty string without matplotlib."""
        if self.architecture is None or importlib.util.find_spec("matplotlib") is None:
            return ""
        from nac.drawing.architecture_diagram import architecture_figure
        from nac.plots.files import svg

        # Identifiers of several drawings in one notebook must differ.
        name = f"network-{zlib.crc32(str(self.directory.resolve()).encode()):08x}"
        description = f"Constructed network {self.architecture.notation}"
        return inline_svg(svg(architecture_figure(self.architecture)), name, description)


def _row(element: str, cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{element}>{escape(cell)}</{element}>" for cell in cells) + "</tr>"
