"""The Architecture value: layers, stages, skip connections and notation. Pure Python.

Reading and writing its JSON form is in :mod:`nac.architecture.json_form`.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property

from nac.architecture.fixed_cells import FixedCell, classes, stem_channels
from nac.architecture.handmade import Handmade
from nac.architecture.micro_cells import AUXILIARY, REDUCTION, Cell
from nac.utils.errors import InputError

ALL = "all"
"""Value of ``inputs`` that stands for every layer (and the stem) before the predecessor."""


@dataclass(frozen=True)
class BranchLayer:
    """A layer of parallel convolution branches. An envelope cell is one that has all of them.

    Attributes:
        branches: (name, block) pairs in natural order of the names, such as ("Branch1", "1x1").
        outputs: Target channels; each branch has ``outputs // len(branches)`` of them.
        inputs: Sources of skip connections, in addition to the direct input. None: the layer has no
            skip machinery. A tuple of layer indices: these; if it is empty, the 1x1 bottleneck
            convolution still follows the direct input. ALL: all layers before its predecessor.
    """

    branches: tuple[tuple[str, str], ...]
    outputs: int
    inputs: tuple[int, ...] | str | None = None

    @property
    def channels(self) -> int:
        """Actual number of output channels: each branch has a whole number of them."""
        return len(self.branches) * (self.outputs // len(self.branches))


@dataclass(frozen=True)
class Widener:
    """The reduction cell between two stages. It halves height and width and adds channels."""


@dataclass(frozen=True)
class Widener2:
    """AMLA's other reduction: concatenates its inputs, without gates, and pools them 2x2.

    Attributes:
        inputs: Sources of skip connections, in addition to the direct input.
    """

    inputs: tuple[int, ...] = ()


@dataclass(frozen=True)
class Auxiliary:
    """An auxiliary classifier, whose loss is added in training; the next layer gets its input.

    Attributes:
        outputs: Number of classes.
    """

    outputs: int


@dataclass(frozen=True)
class MicroCell:
    """One cell of a micro network.

    Attributes:
        name: ``normal_cell``, ``reduction_cell`` or ``auxiliary_classifier``.
    """

    name: str


HANDMADE = "handmade"
"""The ``type`` of a network made by hand."""

Layer = BranchLayer | Widener | Widener2 | Auxiliary | MicroCell


@dataclass(frozen=True)
class Architecture:
    """A whole network.

    Attributes:
        network: The layers between stem and classifier. Indices count from 1, so layer i is
            ``network[i - 1]``; index 0 is the output of the stem.
        stem: The first cell, None if the JSON does not have it.
        classifier: The last cell, None if the JSON does not have it.
        type: "macro", "micro" or "handmade".
        cells: (name, nodes) pairs, in a micro network only.
        amla_compatible: Whether to reproduce AMLA even where it has a defect (docs/amla.md).
        handmade: A network made by hand, which has no layers, stem or classifier of its own, and no
            branches and skip connections. None: the network is what the other attributes say.
    """

    network: tuple[Layer, ...]
    stem: FixedCell | None = None
    classifier: FixedCell | None = None
    type: str = "macro"
    cells: tuple[tuple[str, Cell], ...] = ()
    amla_compatible: bool = False
    handmade: Handmade | None = None

    @classmethod
    def of_handmade(cls, network: Handmade) -> "Architecture":
        """Return the architecture that is a network made by hand."""
        return cls((), type=HANDMADE, handmade=network)

    @property
    def classes(self) -> int:
        """Number of classes; the architecture must be complete, see :meth:`need_cells`."""
        return self.handmade.classes if self.handmade else classes(self.classifier or ())

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
        """Return the skip sources of a layer, with ALL resolved; None without skip machinery."""
        layer = self.layer(index)
        if not isinstance(layer, BranchLayer):
            return None
        return tuple(range(index - 1)) if isinstance(layer.inputs, str) else layer.inputs

    def branches(self) -> list[tuple[int, str]]:
        """Return (layer index, branch name) of every branch, in order."""
        return [(i, name) for i, layer in self.branch_layers() for name, _ in layer.branches]

    def skip_connections(self) -> list[tuple[int, int]]:
        """Return (source, destination) of every gated skip connection, by destination."""
        return [(s, index) for index, _ in self.branch_layers() for s in self.sources(index) or ()]

    @cached_property
    def stages(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the layers of each stage; wideners separate the stages."""
        stages: list[list[int]] = [] if self.handmade else [[]]
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
        return dict(dict(self.branch_layers())[index].branches)[branch]

    def with_cells(self, stem: FixedCell | None, classifier: FixedCell | None) -> "Architecture":
        """Return this architecture with the given cells where it has none of its own.

        A network made by hand stays as it is, since it needs none.
        """
        if self.handmade:
            return self
        return replace(self, stem=self.stem or stem, classifier=self.classifier or classifier)

    def need_cells(self, source: str = "architecture") -> None:
        """Check that the architecture has a stem and a classifier.

        Args:
            source: The file that it was read from, the beginning of the message.

        Raises:
            InputError: One of them is missing.
        """
        for key, cell in (("init_cell", self.stem), ("classification_cell", self.classifier)):
            if cell is None and not self.handmade:
                raise InputError(f"{source}: {key}: missing; a network needs it")

    def need_classes(self, classes: int | None) -> None:
        """Check that the network tells apart as many classes as the data have.

        Args:
            classes: Number of classes of the data; None accepts what the network has.

        Raises:
            InputError: The network has another number of classes.
        """
        if classes is not None and self.classes != classes:
            place = "classes" if self.handmade else "classification_cell"
            raise InputError(
                f"architecture: {place}: expected {classes} outputs, one per class,"
                f" received {self.classes}"
            )

    @property
    def notation(self) -> "Notation | Handmade":
        """The paper's short name of the network (section 2).

        In a micro network the cells between two reduction cells count as a stage. A network made by
        hand has its name and width instead, such as ``resnet x1.37``.
        """
        if self.handmade:
            return self.handmade
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
        for name in (layer.name for layer in self.network if isinstance(layer, MicroCell)):
            if name == REDUCTION:
                stages.append(0)
            elif name != AUXILIARY:
                stages[-1] += 1
        cells = dict(self.cells)
        operations = [node for node in cells.get("normal_cell", ()) if node.operation]
        return Notation(stem_channels(self.stem or ()), tuple(stages), len(operations))


@dataclass(frozen=True)
class Notation:
    """The paper's notation ``C/n1-n2-n3/M`` (section 2).

    Attributes:
        channels: C, the number of channels that enter stage 1.
        layers: n_i, the number of layers of stage i.
        branches: M, the number of branches of an envelope cell.

    Example:
    >>> str(Notation(128, (7, 6, 2), 6))
    '128/7-6-2/6'
    """

    channels: int
    layers: tuple[int, ...]
    branches: int

    def __str__(self) -> str:
        return f"{self.channels}/{'-'.join(map(str, self.layers))}/{self.branches}"

    @classmethod
    def parse(cls, text: str) -> "Notation":
        """Parse a string such as ``128/7-6-2/6``.

        Raises:
            InputError: The string does not have this form.
        """
        match = re.fullmatch(r"\s*(\d+)/(\d+(?:-\d+)*)/(\d+)\s*", text)
        if not match:
            raise InputError(
                f"notation: expected C/n1-n2-.../M such as 128/7-6-2/6, received {text!r}"
            )
        channels, layers, branches = match.groups()
        return cls(int(channels), tuple(map(int, layers.split("-"))), int(branches))
