"""Networks that people made by hand: what a user would train if there were no construction.

The JSON form is ``{"type": "handmade", "network": "resnet", "width": 1.37, "classes": 10}``. One
factor, the width, scales all channels. The size of the images decides where a network halves its
featuremaps. :meth:`Handmade.blocks` spells a network out; nothing else knows these networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nac.architecture.operations import Block, Operation, Shape, halved
from nac.utils import limits
from nac.utils.schema import Section

PLAIN_CNN, RESNET, MOBILENET_V2 = "plain_cnn", "resnet", "mobilenet_v2"

LARGEST_SIDE = 64
"""Larger featuremaps are halved at once, before the first stage."""

SMALLEST_SIDE = 4
"""A network does not halve featuremaps below this side; where it would, early strides are left
out, as is usual for CIFAR."""


@dataclass(frozen=True)
class Handmade:
    """A network made by hand.

    Attributes:
        network: One of :data:`NETWORKS`.
        width: Factor of all numbers of channels, which become whole numbers, at least one.
        classes: Number of classes.
        cutout: Side in pixels of the square that Cutout sets to zero in training, None without.
            AMLA's files have Cutout in the stem, so a network without that stem needs its own.

    Example:
    >>> resnet = Handmade("resnet", 0.5, classes=10)
    >>> str(resnet), len(resnet.blocks((32, 32, 3)))
    ('resnet x0.5', 11)
    """

    network: str
    width: float
    classes: int
    cutout: int | None = None

    def __str__(self) -> str:
        """Return name and width, which stand in the place of a notation."""
        return f"{self.network} x{self.width:g}"

    def channels(self, count: int, up_from: float = 0.5) -> int:
        """Return a number of channels scaled by the width, a whole number.

        If all of them were rounded at the same widths, the cost of a small network would have few
        and large steps, too large to meet a given cost. So channels on which no other block
        depends are rounded up from a fraction of their own.

        Args:
            count: The channels at width one.
            up_from: Fractions from ``1 - up_from`` on are rounded up.
        """
        return max(1, int(count * self.width + up_from))

    def blocks(self, image_shape: Shape) -> tuple[Block, ...]:
        """Return the blocks from stem to classifier, for images of the given shape."""
        side = min(image_shape[:2])
        classifier = Block((Operation("mean"), Operation("dense", self.classes)))
        return (*NETWORKS[self.network](self, side), classifier)

    @property
    def outline(self) -> tuple[Block, ...]:
        """The blocks without what depends on the images: they halve no featuremap."""
        return self.blocks((1, 1, 1))


def handmade_to_dict(network: Handmade) -> dict[str, Any]:
    """Return the JSON form of a network made by hand, without its type."""
    value = {"network": network.network, "width": network.width, "classes": network.classes}
    return value | ({"cutout": network.cutout} if network.cutout else {})


def parse_handmade(section: Section) -> Handmade:
    """Parse the JSON form of a network made by hand.

    Raises:
        InputError: The network is unknown, or a value is missing or out of range.
    """
    return Handmade(
        network=section.text("network", choices=tuple(NETWORKS)),
        width=float(section.number("width", maximum=limits.WIDTH, above=True)),
        classes=section.integer("classes", minimum=1, maximum=limits.CHANNELS),
        cutout=section.integer("cutout", None, minimum=1, maximum=limits.PIXELS),
    )


def strides(side: int, count: int) -> list[int]:
    """Return ``count`` strides of one or two: the late ones halve, if the side is long enough.

    Example:
    >>> strides(28, 3), strides(8, 3)
    ([2, 2, 2], [1, 1, 2])
    """
    halvings = 0
    while halvings < count and halved(side, halvings + 1) >= SMALLEST_SIDE:
        halvings += 1
    return [1] * (count - halvings) + [2] * halvings


def _early(side: int) -> int:
    """Return how often images of a side are halved before the first stage."""
    times = 0
    while halved(side, times) > LARGEST_SIDE:
        times += 1
    return times


_RELU, _RELU6 = Operation("relu"), Operation("relu6")
_POOL = Operation("max_pool", size=2, stride=2)


def _conv(
    channels: int, size: int, stride: int = 1, after: Operation | None = _RELU
) -> tuple[Operation, ...]:
    """Return a convolution with batch norm and, unless ``after`` is None, an activation."""
    activation = () if after is None else (after,)
    return (Operation("conv", channels, size, stride), Operation("norm"), *activation)


def _stem(channels: int, side: int) -> tuple[Operation, ...]:
    """Return a convolution; large images are halved by its stride and then by max-pools."""
    early = _early(side)
    return _conv(channels, 3, 2 if early else 1) + (_POOL,) * (early - 1)


def _plain_cnn(network: Handmade, side: int) -> list[Block]:
    """Two 3x3 convolutions with 32, 64 and 128 channels each, and 2x2 max-pools between."""
    blocks: list[Block] = []
    pooled = strides(halved(side, _early(side)), 2)
    for count, stride in zip((32, 64, 128), (1, *pooled), strict=True):
        first, second = network.channels(count, 1 / 4), network.channels(count, 3 / 4)
        pool = (_POOL,) if stride == 2 else ()
        begin = (*pool, *_conv(first, 3)) if blocks else _stem(first, side)
        blocks.append(Block((*begin, *_conv(second, 3))))
    return blocks


def _resnet(network: Handmade, side: int) -> list[Block]:
    """ResNet-20, He et al. (2016), section 4.2: three stages of three blocks, 16, 32, 64 channels.

    Where the size changes, the shortcut is a 1x1 convolution (their option B).
    """
    inputs = network.channels(16)
    blocks = [Block(_stem(inputs, side))]
    firsts = [1, *strides(halved(side, _early(side)), 2)]
    for count, first in zip((16, 32, 64), firsts, strict=True):
        outputs = network.channels(count)
        for number, stride in enumerate((first, 1, 1), start=1):
            inner = network.channels(count, number / 5)
            blocks.append(_basic_block(inputs, inner, outputs, stride))
            inputs = outputs
    return blocks


def _basic_block(inputs: int, inner: int, outputs: int, stride: int) -> Block:
    same = inputs == outputs and stride == 1
    return Block(
        (*_conv(inner, 3, stride), *_conv(outputs, 3, after=None)),
        shortcut=() if same else _conv(outputs, 1, stride, after=None),
        after=(_RELU,),
    )


_MOBILENET_V2 = (
    (1, 16, 1, False),
    (6, 24, 2, True),
    (6, 32, 3, True),
    (6, 64, 4, True),
    (6, 96, 3, False),
    (6, 160, 3, True),
    (6, 320, 1, False),
)
"""Expansion, channels, number of blocks, and whether the first one halves its featuremap."""


def _mobilenet_v2(network: Handmade, side: int) -> list[Block]:
    """MobileNetV2, Sandler et al. (2018), table 2; its last convolution is scaled as well."""
    halving = iter(strides(side, 1 + sum(halves for *_, halves in _MOBILENET_V2)))
    before = 32
    blocks = [Block(_conv(network.channels(before), 3, next(halving), _RELU6))]
    for expansion, count, repeats, halves in _MOBILENET_V2:
        for stride in (next(halving) if halves else 1, *[1] * (repeats - 1)):
            blocks.append(_inverted_residual(network, before, count, expansion, stride))
            before = count
    return [*blocks, Block(_conv(network.channels(1280), 1, after=_RELU6))]


def _inverted_residual(
    network: Handmade, before: int, count: int, expansion: int, stride: int
) -> Block:
    inputs, outputs = network.channels(before), network.channels(count)
    expand = _conv(network.channels(expansion * before), 1, after=_RELU6) if expansion > 1 else ()
    depthwise = (Operation("depthwise", size=3, stride=stride), Operation("norm"), _RELU6)
    main = (*expand, *depthwise, *_conv(outputs, 1, after=None))
    return Block(main, shortcut=() if stride == 1 and inputs == outputs else None)


NETWORKS: dict[str, Callable[[Handmade, int], Sequence[Block]]] = {
    PLAIN_CNN: _plain_cnn,
    RESNET: _resnet,
    MOBILENET_V2: _mobilenet_v2,
}
"""Name of a network -> a function of width and side of the images to all blocks but the last."""
