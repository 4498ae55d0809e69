"""Where the parts of an architecture diagram stand. Pure Python, no matplotlib.

The unit is a pixel, y grows downward. Layers are rows; the same branch of all layers is a column,
so that what was pruned shows as a gap; skip connections are arcs at the right.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nac.architecture import Architecture, Auxiliary, BranchLayer, MicroCell, Widener2
from nac.fixed_cells import FixedCell, classes, natural_order, stem_channels
from nac.micro import AUXILIARY, REDUCTION

TOP, BOTTOM = 66, 58
LOWEST_PITCH, HIGHEST_PITCH, COMFORTABLE_HEIGHT = 32, 46, 640
LEFT, RIGHT = 168, 1176
RIGHT_OF_CELLS = 740
WIDEST_BRANCH = 150
NARROWEST_ARC, WIDEST_ARC = 20, 400


@dataclass(frozen=True)
class Row:
    """One line of the diagram.

    Attributes:
        index: of the layer, 0 for the stem, one more than the last layer for the classifier.
        kind: "end", "branches", "reduction", "auxiliary" or "cell".
        stage: number from 1 of the stage it belongs to, None for what is in no stage.
        label: what it is.
        note: more about it, such as its channels.
    """

    index: int
    kind: str
    stage: int | None
    label: str
    note: str = ""


@dataclass(frozen=True)
class Arc:
    """A skip connection: from port to port, and how far it reaches to the right."""

    source: int
    destination: int
    top: float
    bottom: float
    reach: float


@dataclass(frozen=True)
class Layout:
    """Places of everything.

    Attributes:
        rows: from stem to classifier.
        columns: (branch name, block) -> place of the column, 0 at the left.
        connections: (source, destination) of the skip connections.
    """

    rows: tuple[Row, ...]
    columns: dict[tuple[str, str], int]
    connections: tuple[tuple[int, int], ...]

    @property
    def pitch(self) -> float:
        """Distance from row to row."""
        return min(HIGHEST_PITCH, max(LOWEST_PITCH, COMFORTABLE_HEIGHT // len(self.rows)))

    @property
    def row_height(self) -> float:
        """Height of a row, less than the pitch."""
        return self.pitch - 8

    @property
    def height(self) -> float:
        """Height of the whole diagram."""
        return TOP + self.pitch * len(self.rows) + BOTTOM

    @property
    def right(self) -> float:
        """Right edge of the rows; behind it is the room for skip connections."""
        return RIGHT_OF_CELLS if self.connections else RIGHT

    @property
    def column_width(self) -> float:
        """Distance from column to column."""
        return min(WIDEST_BRANCH, (self.right - LEFT - 6) / max(1, len(self.columns)))

    def y(self, index: int) -> float:
        """Return the upper edge of the row of a layer."""
        return TOP + self.pitch * index

    def x(self, name: str, block: str) -> float:
        """Return the left edge of a branch."""
        return LEFT + 6 + self.column_width * self.columns[name, block]

    def stages(self) -> dict[int, list[Row]]:
        """Return stage -> its rows."""
        found: dict[int, list[Row]] = {}
        for row in self.rows:
            if row.stage is not None:
                found.setdefault(row.stage, []).append(row)
        return found

    def arcs(self) -> Iterator[Arc]:
        """Place the skip connections so that few of them cross.

        Those that arrive have the upper half of a row, those that leave the lower one; in both
        the one that goes furthest is the outermost.
        """
        longest = max((end - start for start, end in self.connections), default=1)
        for start, end in self.connections:
            leaving = sorted((e for s, e in self.connections if s == start), reverse=True)
            arriving = sorted((s for s, e in self.connections if e == end), reverse=True)
            reach = NARROWEST_ARC + (WIDEST_ARC - NARROWEST_ARC) * ((end - start) / longest) ** 0.9
            yield Arc(
                start,
                end,
                self._port(start, leaving.index(end), len(leaving), lower=True),
                self._port(end, arriving.index(start), len(arriving), lower=False),
                min(reach, WIDEST_ARC),
            )

    def _port(self, index: int, place: int, count: int, lower: bool) -> float:
        half = self.row_height / 2
        return self.y(index) + half * (lower + (place + 0.5) / count)


def layout(architecture: Architecture) -> Layout:
    """Place the parts of an architecture."""
    names = {branch for _, layer in architecture.branch_layers() for branch in layer.branches}
    ordered = sorted(names, key=lambda branch: (natural_order(branch[0]), branch[1]))
    ungated = tuple(
        (source, index)
        for index, layer in enumerate(architecture.network, start=1)
        if isinstance(layer, Widener2)
        for source in layer.inputs
    )
    return Layout(
        tuple(_rows(architecture)),
        {branch: place for place, branch in enumerate(ordered)},
        (*architecture.skip_connections(), *ungated),
    )


def _rows(architecture: Architecture) -> Iterator[Row]:
    yield Row(0, "end", None, "stem", _stem_note(architecture.stem))
    stage = 1
    for index, layer in enumerate(architecture.network, start=1):
        row = _row(index, layer, stage, architecture)
        stage += row.kind == "reduction"
        yield row
    end = len(architecture.network) + 1
    yield Row(end, "end", None, "classifier", _classifier_note(architecture.classifier))


def _row(index: int, layer, stage: int, architecture: Architecture) -> Row:
    if isinstance(layer, BranchLayer):
        return Row(index, "branches", stage, str(index), f"{layer.channels} ch")
    if isinstance(layer, MicroCell):
        return _cell_row(index, layer.name, stage, architecture)
    if isinstance(layer, Auxiliary):
        return Row(index, "auxiliary", stage, "auxiliary classifier")
    return Row(index, "reduction", None, "widener")


def _cell_row(index: int, name: str, stage: int, architecture: Architecture) -> Row:
    operations = [node.operation for node in dict(architecture.cells).get(name, ())]
    note = ", ".join(dict.fromkeys(filter(None, operations)))
    if name == REDUCTION:
        return Row(index, "reduction", None, "reduction cell", note)
    if name == AUXILIARY:
        return Row(index, "auxiliary", stage, "auxiliary classifier")
    return Row(index, "cell", stage, name.replace("_", " "), note)


def _stem_note(stem: FixedCell | None) -> str:
    return f"{stem_channels(stem)} channels" if stem else ""


def _classifier_note(classifier: FixedCell | None) -> str:
    return f"{classes(classifier)} classes" if classifier else ""
