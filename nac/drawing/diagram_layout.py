"""Positions of all parts of an architecture diagram, without matplotlib.

The unit is a pixel, and y grows downward. Each layer is a row. A branch has the same column in all
layers, so pruned branches leave gaps. Skip connections are arcs to the right of the rows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nac.architecture.fixed_cells import FixedCell, classes, stem_channels
from nac.architecture.handmade import Handmade
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
    """One row of the diagram.

    Attributes:
        index: Index of the layer: 0 is the stem, and the classifier follows the last layer.
        kind: "end" (stem or classifier), "branches", "reduction", "auxiliary" or "cell".
        stage: Number of its stage, starting at 1, or None outside of stages.
        label: Name of the layer.
        note: Additional information, such as the number of channels.
    """

    index: int
    kind: str
    stage: int | None
    label: str
    note: str = ""


@dataclass(frozen=True)
class Arc:
    """The arc of a skip connection.

    Attributes:
        source: Index of the layer where the connection starts.
        destination: Index of the layer where it ends.
        start: x of the starting point, which is left of the rows' edge for a slanted widener.
        top: y of the starting point.
        bottom: y of the end point.
        reach: How far the arc extends to the right of the rows.
    """

    source: int
    destination: int
    start: float
    top: float
    bottom: float
    reach: float


@dataclass(frozen=True)
class Layout:
    """The positions of rows, branches and skip connections.

    Attributes:
        rows: All rows, from the stem to the classifier.
        columns: Column of each branch by (layer, branch); 0 is the leftmost.
        connections: (source, destination) of each skip connection.
    """

    rows: tuple[Row, ...]
    columns: dict[tuple[int, str], int]
    connections: tuple[tuple[int, int], ...]

    @property
    def pitch(self) -> float:
        """Distance between the tops of two adjacent rows."""
        return min(HIGHEST_PITCH, max(LOWEST_PITCH, COMFORTABLE_HEIGHT // len(self.rows)))

    @property
    def row_height(self) -> float:
        """Height of a row, without the gap to the next one."""
        return self.pitch - 8

    @property
    def height(self) -> float:
        """Height of the entire diagram."""
        return TOP + self.pitch * len(self.rows) + BOTTOM

    @property
    def right(self) -> float:
        """Right edge of the rows. Any skip connections are to the right of it."""
        return RIGHT_OF_CELLS if self.connections else RIGHT

    @property
    def center(self) -> float:
        """Horizontal center of the rows."""
        return (LEFT + self.right) / 2

    @property
    def inset(self) -> float:
        """How much narrower a reduction is at its bottom than at its top, on each side."""
        return (self.right - LEFT) / 10

    @property
    def column_width(self) -> float:
        """Distance between the left edges of two adjacent columns."""
        return min(WIDEST_BRANCH, (self.right - LEFT - 6) / self._column_count)

    @property
    def _column_count(self) -> int:
        return max(self.columns.values(), default=0) + 1

    def y(self, index: int) -> float:
        """Return the top edge of the row of a layer."""
        return TOP + self.pitch * index

    def x(self, index: int, name: str) -> float:
        """Return the left edge of a branch."""
        first = self.center - self.column_width * self._column_count / 2 + 3
        return first + self.column_width * self.columns[index, name]

    def stages(self) -> dict[int, list[Row]]:
        """Return the rows of each stage by its number."""
        rows_of: dict[int, list[Row]] = {}
        for row in self.rows:
            if row.stage is not None:
                rows_of.setdefault(row.stage, []).append(row)
        return rows_of

    def arcs(self) -> Iterator[Arc]:
        """Yield the arcs of all skip connections, arranged so that few of them cross.

        Arcs end in the upper half of a row and start in its lower half. The longest arc is the
        outermost: the lowest of those that end in a row, the highest of those that start there.
        """
        longest = max((end - start for start, end in self.connections), default=1)
        for start, end in self.connections:
            ends = sorted((e for s, e in self.connections if s == start), reverse=True)
            starts = sorted((s for s, e in self.connections if e == end), reverse=True)
            # With an exponent below 1, short arcs reach a bit farther than in proportion.
            reach = NARROWEST_ARC + (WIDEST_ARC - NARROWEST_ARC) * ((end - start) / longest) ** 0.9
            top = self._port(start, ends.index(end), len(ends), lower=True)
            bottom = self._port(end, starts.index(start), len(starts), lower=False)
            yield Arc(start, end, self._edge(start, top), top, bottom, min(reach, WIDEST_ARC))

    def _edge(self, index: int, y: float) -> float:
        """Return the x of a row's right edge at height y; that of a reduction is slanted."""
        if self.rows[index].kind != "reduction":
            return self.right
        return self.right - self.inset * (y - self.y(index)) / self.row_height

    def _port(self, index: int, rank: int, count: int, lower: bool) -> float:
        """Return the y of one of ``count`` ports, evenly spaced over half the height of a row."""
        half = self.row_height / 2
        return self.y(index) + half * (lower + (rank + 0.5) / count)


def lay_out(architecture: Architecture) -> Layout:
    """Return the layout of the diagram of an architecture."""
    ungated = tuple(
        (source, index)
        for index, layer in enumerate(architecture.network, start=1)
        if isinstance(layer, Widener2)
        for source in layer.inputs
    )
    connections = (*architecture.skip_connections(), *ungated)
    return Layout(tuple(_rows(architecture)), _columns(architecture), connections)


def _columns(architecture: Architecture) -> dict[tuple[int, str], int]:
    """Assign a column to each branch by (layer, branch).

    Branches of the same name share a column if each name stands for the same block in all layers,
    as in constructed networks. Otherwise, branches of the same block share one.
    """
    layers = architecture.branch_layers()
    pairs = {branch for _, layer in layers for branch in layer.branches}
    consistent = len({name for name, _ in pairs}) == len(pairs)
    keys: dict[tuple[int, str], tuple[str, int]] = {}
    for index, layer in layers:
        seen: Counter[str] = Counter()  # a layer may have the same block several times
        for name, block in layer.branches:
            word = name if consistent else block
            keys[index, name] = (word, seen[word])
            seen[word] += 1
    ordered = sorted(set(keys.values()), key=lambda key: (natural_order(key[0]), key[1]))
    column_of = {key: column for column, key in enumerate(ordered)}
    return {branch: column_of[key] for branch, key in keys.items()}


def _rows(architecture: Architecture) -> Iterator[Row]:
    if architecture.handmade:
        yield from _handmade_rows(architecture.handmade)
        return
    yield Row(0, "end", None, "stem", _stem_note(architecture.stem))
    stage = 1
    for index, layer in enumerate(architecture.network, start=1):
        row = _row(index, layer, stage, architecture)
        stage += row.kind == "reduction"
        yield row
    end = len(architecture.network) + 1
    yield Row(end, "end", None, "classifier", _classifier_note(architecture.classifier))


def _handmade_rows(network: Handmade) -> Iterator[Row]:
    stem, *blocks, classifier = network.outline
    yield Row(0, "end", None, "stem", f"{stem.label}, {stem.channels} channels")
    for index, block in enumerate(blocks, start=1):
        yield Row(index, "cell", None, block.label, f"{block.channels} channels")
    yield Row(len(blocks) + 1, "end", None, "classifier", f"{classifier.channels} classes")


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
