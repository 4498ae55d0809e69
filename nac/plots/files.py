"""Figures as bytes and files: PNG and SVG, and their data as CSV. Needs matplotlib.

The same figure gives the same bytes: no dates and no random names are written.
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
        header: name of each column.
        rows: as many values each; None is an empty cell.
    """

    header: Sequence[str]
    rows: Iterable[Sequence[Any]]

    def to_csv(self) -> str:
        """Return it as CSV text, numbers in full precision."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue()


@dataclass(frozen=True)
class Drawing:
    """A figure that is ready to be written.

    Attributes:
        name: of its files, without ending.
        figure: what is shown.
        table: its data.
    """

    name: str
    figure: Figure
    table: Table

    def write(self, directory: Path) -> list[Path]:
        """Write ``name.png``, ``name.svg`` and ``name.csv``, each whole or not at all.

        Args:
            directory: is created if it is not there.

        Returns:
            the paths of the files.
        """
        contents = {".png": png(self.figure), ".svg": svg(self.figure), ".csv": self.table.to_csv()}
        for ending, content in contents.items():
            write_atomically(directory / f"{self.name}{ending}", content)
        return [directory / f"{self.name}{ending}" for ending in contents]


class NothingToShowError(NacError):
    """A run has not (yet) got what a figure shows; the text says what is missing."""


@styled
def png(figure: Figure) -> bytes:
    """Return a figure as the content of a PNG file."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=DPI, metadata={"Software": None})
    return content.getvalue()


@styled
def svg(figure: Figure) -> str:
    """Return a figure as the content of an SVG file, its text as text."""
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
