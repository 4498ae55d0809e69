"""The stem and the classifier, which construction never changes, as values and as JSON.

AMLA calls them ``init_cell`` and ``classification_cell`` (stubs/tf/cell_init.py and
cell_classification.py). Each consists of layers, in natural order of their names, and each layer of
one or more branches. The branches of a stem layer are concatenated.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.schema import Section, check_name, is_integer, nearest, whole_bounds
from nac.utils.text import natural_order


@dataclass(frozen=True)
class Block:
    """One operation of a stem or classifier, for instance a convolution.

    Attributes:
        branch: Name of the branch.
        kind: Name of the operation, a key of STEM_BLOCKS or CLASSIFIER_BLOCKS.
        options: (name, value) pairs in the order of the table.
    """

    branch: str
    kind: str
    options: tuple[tuple[str, Any], ...] = ()

    def option(self, key: str, default: Any = None) -> Any:
        """Return the option ``key``, or ``default`` if the file does not have it."""
        return dict(self.options).get(key, default)


@dataclass(frozen=True)
class CellLayer:
    """One layer of a stem or classifier: its name and its parallel blocks."""

    name: str
    blocks: tuple[Block, ...]


FixedCell = tuple[CellLayer, ...]
"""A stem or classifier: its layers in the order in which data passes them."""


def _size(section: Section, key: str) -> Any:
    def accepts(value: Any) -> bool:
        pair = isinstance(value, list | tuple) and len(value) == 2
        return pair and all(is_integer(side) and 1 <= side <= limits.KERNEL for side in value)

    expected = f"a list of two integers {whole_bounds(1, limits.KERNEL)}"
    return tuple(section.checked(key, expected, accepts))


def _integer(maximum: int) -> Callable[[Section, str], Any]:
    return lambda section, key: section.integer(key, minimum=1, maximum=maximum)


def _probability(section: Section, key: str) -> Any:
    return section.number(key, maximum=1.0, above=True)


def _boolean(section: Section, key: str) -> Any:
    return section.boolean(key)


def _anything(section: Section, key: str) -> Any:
    """Read an option that AMLA's files have but its code ignores."""
    value = section.plain(key)
    return tuple(value) if isinstance(value, list) else value


Option = tuple[str, Callable[[Section, str], Any], bool]

STEM_BLOCKS: dict[str, tuple[Option, ...]] = {
    "conv2d": (
        ("kernel_size", _size, True),
        ("outputs", _integer(limits.CHANNELS), True),
        ("stride", _integer(limits.KERNEL), False),
        ("bias", _boolean, False),
    ),
    "max_pool": (("kernel_size", _size, True),),
    "lrn": (),
    "dropout": (("keep_prob", _probability, True),),
    "cutout": (("size", _integer(limits.PIXELS), True),),
}
"""Name of an operation of a stem -> its options (name, reader, required)."""

CLASSIFIER_BLOCKS: dict[str, tuple[Option, ...]] = {
    "reduce_mean": (("size", _anything, False),),
    "flatten": (("size", _anything, False),),
    "dropout": (("keep_prob", _probability, True),),
    "fc": (("outputs", _integer(limits.CHANNELS), True),),
    "fc-final": (
        ("inputs", _integer(limits.INTEGER), True),
        ("outputs", _integer(limits.CHANNELS), True),
    ),
}
"""Name of an operation of a classifier -> its options (name, reader, required)."""


def _parse_block(section: Section, branch: str, table: dict[str, tuple[Option, ...]]) -> Block:
    kind = section.text("block")
    if kind not in table:
        hint = nearest(kind, table)
        known = ", ".join(table)
        raise InputError(
            f"{section.at('block')}: unknown block {kind!r}, expected one of {known}{hint}"
        )
    options = tuple(
        (key, read(section, key)) for key, read, needed in table[kind] if needed or key in section
    )
    section.finish()
    return Block(branch, kind, options)


def _parse_cell(section: Section, table: dict[str, tuple[Option, ...]]) -> FixedCell:
    layers = []
    section.check_count(limits.BRANCHES, "layers")
    for name in sorted(section.keys(), key=natural_order):
        check_name(name, section.at())
        layer = section.section(name)
        layer.check_count(limits.BRANCHES, "branches")
        branches = sorted(layer.keys(), key=natural_order)
        if not branches:
            raise InputError(f"{layer.at()}: expected at least one branch, received none")
        blocks = tuple(_parse_block(layer.section(key), key, table) for key in branches)
        layers.append(CellLayer(name, blocks))
    return tuple(layers)


def parse_stem(section: Section) -> FixedCell:
    """Parse an ``init_cell``.

    Raises:
        InputError: A block or option is unknown, or there is no convolution to set the width.
    """
    stem = _parse_cell(section, STEM_BLOCKS)
    if not stem_channels(stem):
        raise InputError(f"{section.at()}: expected at least one conv2d block, received none")
    return stem


def parse_classifier(section: Section) -> FixedCell:
    """Parse a ``classification_cell``.

    Raises:
        InputError: A block or option is unknown, a layer has parallel branches, or the last block
            is not fully connected.
    """
    classifier = _parse_cell(section, CLASSIFIER_BLOCKS)
    for layer in classifier:
        if len(layer.blocks) != 1:
            raise InputError(
                f"{section.at(layer.name)}: expected one branch, received {len(layer.blocks)}"
            )
    if not classifier or classifier[-1].blocks[0].kind not in ("fc-final", "fc"):
        last = classifier[-1].blocks[0].kind if classifier else "nothing"
        raise InputError(
            f"{section.at()}: expected 'fc-final' or 'fc' as the last block, received {last!r}"
        )
    return classifier


def to_dict(cell: FixedCell) -> dict[str, Any]:
    """Return the JSON form of a stem or classifier."""
    return {
        layer.name: {
            block.branch: {
                "block": block.kind,
                **{key: _plain(value) for key, value in block.options},
            }
            for block in layer.blocks
        }
        for layer in cell
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def stem_channels(stem: FixedCell) -> int:
    """Return C, the number of channels that a stem puts out: those of its last convolution layer.

    The branches of that layer are added up, whereas AMLA takes only the last branch.
    """
    for layer in reversed(stem):
        outputs = [block.option("outputs") for block in layer.blocks if block.kind == "conv2d"]
        if outputs:
            return sum(outputs)
    return 0


def with_stem_channels(stem: FixedCell, channels: int) -> FixedCell:
    """Return a stem that puts out another number of channels, see :func:`stem_channels`.

    Branches of its last convolution layer keep their shares as far as whole numbers allow, and have
    at least one channel each.

    Example:
    >>> conv = {"block": "conv2d", "kernel_size": [3, 3], "outputs": 8}
    >>> stem = parse_stem(Section({"Layer0": {"Branch0": conv}}, "init_cell"))
    >>> stem_channels(with_stem_channels(stem, 5))
    5
    """
    for index in reversed(range(len(stem))):
        layer, convolutions = stem[index], [b for b in stem[index].blocks if b.kind == "conv2d"]
        if convolutions:
            shares = iter(_shares([block.option("outputs") for block in convolutions], channels))
            blocks = tuple(
                _with_outputs(block, next(shares)) if block.kind == "conv2d" else block
                for block in layer.blocks
            )
            return (*stem[:index], replace(layer, blocks=blocks), *stem[index + 1 :])
    return stem


def _shares(weights: list[int], total: int) -> list[int]:
    shares = [total * weight // sum(weights) for weight in weights]
    rest = total - sum(shares)
    return [max(1, share + (position < rest)) for position, share in enumerate(shares)]


def _with_outputs(block: Block, outputs: int) -> Block:
    options = tuple((key, outputs if key == "outputs" else value) for key, value in block.options)
    return replace(block, options=options)


def stem_stride(stem: FixedCell) -> int:
    """Return how many times smaller height and width leave a stem than they enter it.

    Example:
    >>> pooled = {"block": "max_pool", "kernel_size": [3, 3]}
    >>> conv = {"block": "conv2d", "kernel_size": [3, 3], "outputs": 8, "stride": 2}
    >>> stem_stride(parse_stem(Section({"A": {"B": conv}, "C": {"D": pooled}}, "init_cell")))
    4
    """
    stride = 1
    for layer in stem:
        block = layer.blocks[0]
        stride *= 2 if block.kind == "max_pool" else block.option("stride", 1)
    return stride


def classes(classifier: FixedCell) -> int:
    """Return the number of classes of a classifier."""
    return classifier[-1].blocks[0].option("outputs")
