"""Saves figures as PNG and SVG files, and their data as CSV. Needs matplotlib.

The same figure always gives the same bytes: files contain neither dates nor random ids.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from nac.drawing.style import DPI, styled
from nac.utils.errors import NacError
from nac.utils.files import write_atomically


@dataclass(frozen=True)
class Table:
    """The data of a figure.

    Attributes:
        header: Names of the columns.
        rows: Rows of as many values; None leaves a cell empty.
    """

    header: Sequence[str]
    rows: Iterable[Sequence[Any]]

    def to_csv(self) -> str:
        """Return the table in CSV format, with numbers in full precision."""
        content = io.StringIO()
        writer = csv.writer(content, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return content.getvalue()


@dataclass(frozen=True)
class Drawing:
    """A figure with its data, ready to be saved.

    Attributes:
        name: Name of the files, without the extension.
        figure: The matplotlib figure.
        table: The data that the figure shows.
    """

    name: str
    figure: Figure
    table: Table

    def _repr_svg_(self) -> str:
        """Return the SVG that Jupyter displays."""
        return svg(self.figure)

    def write(self, directory: Path) -> list[Path]:
        """Write ``NAME.png``, ``NAME.svg`` and ``NAME.csv`` atomically, and return their paths.

        Args:
            directory: Directory to write to. It is created if it does not exist.
        """
        contents = {".png": png(self.figure), ".svg": svg(self.figure), ".csv": self.table.to_csv()}
        for extension, content in contents.items():
            write_atomically(directory / f"{self.name}{extension}", content)
        return [directory / f"{self.name}{extension}" for extension in contents]


class NothingToShowError(NacError):
    """A run lacks the data of a figure, often because it is unfinished; the message says which."""


@styled
def png(figure: Figure) -> bytes:
    """Return the content of a PNG file of a figure."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


@styled
def svg(figure: Figure) -> str:
    """Return the content of an SVG file of a figure, in which text stays searchable."""
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
