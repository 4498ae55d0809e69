"""The Architecture value: layers, stages, skip connections and notation. Pure Python.

Reading and writing its JSON form is in :mod:`nac.architecture.json_form`.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import cached_property

from nac.architecture.fixed_cells import FixedCell, stem_channels
from nac.architecture.micro_cells import AUXILIARY, REDUCTION, Cell
from nac.utils.errors import InputError

ALL = "all"
"""Value of ``inputs`` that stands for every layer (and the stem) before the predecessor."""


@dataclass(frozen=True)
class BranchLayer:
    """A layer of parallel convolution branches; with all of them it is an envelope cell.

    Attributes:
        branches: (name, block) pairs in natural order of the names, ("Branch1", "1x1") and so on.
        outputs: target channels; each branch has ``outputs // len(branches)`` of them.
        inputs: extra sources beside the direct input: None (no skip machinery), a tuple of layer
            indices (possibly empty: the 1x1 bottleneck stands alone), or ALL.
    """

    branches: tuple[tuple[str, str], ...]
    outputs: int
    inputs: tuple[int, ...] | str | None = None

    @property
    def channels(self) -> int:
        """Channels that really leave the layer: branches times whole channels per branch."""
        return len(self.branches) * (self.outputs // len(self.branches))


@dataclass(frozen=True)
class Widener:
    """Reduction cell between two stages: halves height and width, adds channels."""


@dataclass(frozen=True)
class Widener2:
    """AMLA's other reduction: direct input and skips (ungated), concatenated, then pooled 2x2.

    Attributes:
        inputs: extra sources beside the direct input.
    """

    inputs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Auxiliary:
    """A second classifier on the side, for its loss in training; passes its input on.

    Attributes:
        outputs: number of classes.
    """

    outputs: int


@dataclass(frozen=True)
class MicroCell:
    """One cell of a micro network.

    Attributes:
        name: ``normal_cell``, ``reduction_cell`` or ``auxiliary_classifier``.
    """

    name: str


Layer = BranchLayer | Widener | Widener2 | Auxiliary | MicroCell


@dataclass(frozen=True)
class Architecture:
    """A whole network.

    Attributes:
        network: its layers; layer i of the words and messages is ``network[i - 1]``, and index 0
            is the output of the stem.
        stem: the first cell, None where the JSON did not give it.
        classifier: the last cell, None where the JSON did not give it.
        type: "macro" or "micro".
        cells: of a micro network, (name, nodes) pairs.
        amla_compatible: whether to build what AMLA builds where that is a defect.
    """

    network: tuple[Layer, ...]
    stem: FixedCell | None = None
    classifier: FixedCell | None = None
    type: str = "macro"
    cells: tuple[tuple[str, Cell], ...] = ()
    amla_compatible: bool = False

    def layer(self, index: int) -> Layer:
        """Return the layer with the given index, 1 to the number of layers."""
        if index < 1:
            raise IndexError(f"expected a layer index from 1, received {index}")
        return self.network[index - 1]

    def branch_layers(self) -> list[tuple[int, BranchLayer]]:
        """Return (index, layer) of all layers that have branches, in order."""
        indexed = enumerate(self.network, start=1)
        return [(index, layer) for index, layer in indexed if isinstance(layer, BranchLayer)]

    def sources(self, index: int) -> tuple[int, ...] | None:
        """Return the extra sources of a layer, ALL spelled out; None without skip machinery."""
        layer = self.layer(index)
        if not isinstance(layer, BranchLayer):
            return None
        return tuple(range(index - 1)) if layer.inputs == ALL else layer.inputs

    def branches(self) -> list[tuple[int, str]]:
        """Return (layer index, branch name) of every branch, in order."""
        return [(i, name) for i, layer in self.branch_layers() for name, _ in layer.branches]

    def skip_connections(self) -> list[tuple[int, int]]:
        """Return (source, destination) of every gated skip connection, by destination."""
        return [(s, index) for index, _ in self.branch_layers() for s in self.sources(index) or ()]

    @cached_property
    def stages(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the layers of each stage; wideners separate the stages."""
        stages: list[list[int]] = [[]]
        for index, layer in enumerate(self.network, start=1):
            if isinstance(layer, Widener | Widener2):
                stages.append([])
            else:
                stages[-1].append(index)
        return tuple(map(tuple, stages))

    def stage_of(self, index: int) -> int:
        """Return the number, from 1, of the stage that a layer belongs to."""
        return next(n for n, stage in enumerate(self.stages, start=1) if index in stage)

    def block(self, index: int, branch: str) -> str:
        """Return the convolution block of a branch, for instance ``3x3sep``."""
        return dict(self.layer(index).branches)[branch]

    def with_cells(self, stem: FixedCell | None, classifier: FixedCell | None) -> "Architecture":
        """Return this architecture with the given cells where it has none of its own."""
        return replace(self, stem=self.stem or stem, classifier=self.classifier or classifier)

    def need_cells(self, source: str = "architecture") -> None:
        """Raise InputError unless there are a stem and a classifier.

        Args:
            source: what the architecture was read from, the beginning of the message.
        """
        for key, cell in (("init_cell", self.stem), ("classification_cell", self.classifier)):
            if cell is None:
                raise InputError(f"{source}: {key}: missing, a network needs it")

    @property
    def notation(self) -> "Notation":
        """The paper's short name of the network (section 2).

        Of a micro network it counts the cells: those between reduction cells are a stage.
        """
        if self.type == "micro":
            return self._micro_notation
        layers = [layer for _, layer in self.branch_layers()]
        width = (
            stem_channels(self.stem)
            if self.stem
            else max((x.outputs for x in layers[:1]), default=0)
        )
        return Notation(
            channels=width,
            layers=tuple(len(stage) for stage in self.stages),
            branches=max((len(layer.branches) for layer in layers), default=0),
        )

    @property
    def _micro_notation(self) -> "Notation":
        stages = [0]
        for layer in self.network:
            if layer.name == REDUCTION:
                stages.append(0)
            elif layer.name != AUXILIARY:
                stages[-1] += 1
        cells = dict(self.cells)
        operations = [node for node in cells.get("normal_cell", ()) if node.operation]
        return Notation(stem_channels(self.stem or ()), tuple(stages), len(operations))


@dataclass(frozen=True)
class Notation:
    """The paper's notation ``C/n1-n2-n3/M`` (section 2).

    Attributes:
        channels: C, channels into stage 1.
        layers: n_i, the number of layers of stage i.
        branches: M, branches of an envelope cell.
    """

    channels: int
    layers: tuple[int, ...]
    branches: int

    def __str__(self) -> str:
        return f"{self.channels}/{'-'.join(map(str, self.layers))}/{self.branches}"

    @classmethod
    def parse(cls, text: str) -> "Notation":
        """Parse for instance ``128/7-6-2/6``.

        Raises:
            InputError: the text is not of that form.
        """
        match = re.fullmatch(r"\s*(\d+)/(\d+(?:-\d+)*)/(\d+)\s*", text)
        if not match:
            raise InputError(
                f"notation: expected C/n1-n2-.../M such as 128/7-6-2/6, received {text!r}"
            )
        channels, layers, branches = match.groups()
        return cls(int(channels), tuple(map(int, layers.split("-"))), int(branches))


def halved(side: int, times: int = 1) -> int:
    """Return a side length after ``times`` reductions by two with SAME padding (rounded up)."""
    return math.ceil(side / 2**times)
