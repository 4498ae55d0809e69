"""Where the parts of an architecture diagram stand. Pure Python, no matplotlib.

The unit is a pixel, y grows downward. Layers are rows; the same branch of all layers is a column,
so that what was pruned shows as a gap; skip connections are arcs at the right.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nac.architecture.fixed_cells import FixedCell, classes, stem_channels
from nac.architecture.micro_cells import AUXILIARY, JOINS, REDUCTION
from nac.architecture.network import Architecture, Auxiliary, BranchLayer, MicroCell, Widener2
from nac.utils.text import natural_order

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
    """A skip connection.

    Attributes:
        source: layer that it leaves.
        destination: layer that it enters.
        start: x of its beginning; a widener gets narrower.
        top: y of its beginning.
        bottom: y of its end.
        reach: how far it goes to the right of the rows.
    """

    source: int
    destination: int
    start: float
    top: float
    bottom: float
    reach: float


@dataclass(frozen=True)
class Layout:
    """Places of everything.

    Attributes:
        rows: from stem to classifier.
        columns: (layer, branch) -> place of its column, 0 at the left.
        connections: (source, destination) of the skip connections.
    """

    rows: tuple[Row, ...]
    columns: dict[tuple[int, str], int]
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
    def center(self) -> float:
        """Middle of the rows."""
        return (LEFT + self.right) / 2

    @property
    def inset(self) -> float:
        """How much narrower a reduction is below than above, on each side."""
        return (self.right - LEFT) / 10

    @property
    def column_width(self) -> float:
        """Distance from column to column."""
        return min(WIDEST_BRANCH, (self.right - LEFT - 6) / self._count)

    @property
    def _count(self) -> int:
        return max(self.columns.values(), default=0) + 1

    def y(self, index: int) -> float:
        """Return the upper edge of the row of a layer."""
        return TOP + self.pitch * index

    def x(self, index: int, name: str) -> float:
        """Return the left edge of a branch."""
        first = self.center - self.column_width * self._count / 2 + 3
        return first + self.column_width * self.columns[index, name]

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
            top = self._port(start, leaving.index(end), len(leaving), lower=True)
            yield Arc(
                start,
                end,
                self._edge(start, top),
                top,
                self._port(end, arriving.index(start), len(arriving), lower=False),
                min(reach, WIDEST_ARC),
            )

    def _edge(self, index: int, y: float) -> float:
        if self.rows[index].kind != "reduction":
            return self.right
        return self.right - self.inset * (y - self.y(index)) / self.row_height

    def _port(self, index: int, place: int, count: int, lower: bool) -> float:
        half = self.row_height / 2
        return self.y(index) + half * (lower + (place + 0.5) / count)


def layout(architecture: Architecture) -> Layout:
    """Place the parts of an architecture."""
    ungated = tuple(
        (source, index)
        for index, layer in enumerate(architecture.network, start=1)
        if isinstance(layer, Widener2)
        for source in layer.inputs
    )
    return Layout(
        tuple(_rows(architecture)),
        _columns(architecture),
        (*architecture.skip_connections(), *ungated),
    )


def _columns(architecture: Architecture) -> dict[tuple[int, str], int]:
    """Give each branch a column: that of its name, or of its block where names do not tell it."""
    layers = architecture.branch_layers()
    pairs = {branch for _, layer in layers for branch in layer.branches}
    consistent = len({name for name, _ in pairs}) == len(pairs)
    keys: dict[tuple[int, str], tuple[str, int]] = {}
    for index, layer in layers:
        seen: Counter[str] = Counter()
        for name, block in layer.branches:
            word = name if consistent else block
            keys[index, name] = (word, seen[word])
            seen[word] += 1
    ordered = sorted(set(keys.values()), key=lambda key: (natural_order(key[0]), key[1]))
    places = {key: place for place, key in enumerate(ordered)}
    return {branch: places[key] for branch, key in keys.items()}


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
    note = ", ".join(dict.fromkeys(x for x in operations if x and x not in JOINS))
    if name == REDUCTION:
        return Row(index, "reduction", None, "reduction cell", note)
    if name == AUXILIARY:
        return Row(index, "auxiliary", stage, "auxiliary classifier")
    return Row(index, "cell", stage, name.replace("_", " "), note)


def _stem_note(stem: FixedCell | None) -> str:
    return f"{stem_channels(stem)} channels" if stem else ""


def _classifier_note(classifier: FixedCell | None) -> str:
    return f"{classes(classifier)} classes" if classifier else ""
