"""What networks that people made by hand consist of: blocks of operations. Pure Python."""

from dataclasses import dataclass

Shape = tuple[int, int, int]
"""(height, width, channels) of an image or a featuremap. After a mean, height and width are 1."""


@dataclass(frozen=True)
class Operation:
    """One operation of a network.

    Attributes:
        kind: One of ``conv`` and ``depthwise`` (convolutions without bias), ``norm`` (batch norm
            with scale and center), ``relu``, ``relu6``, ``max_pool``, ``mean`` (over height and
            width) and ``dense`` (with bias).
        channels: Channels that a ``conv`` or ``dense`` puts out; the others keep those they get.
        size: Side of the kernel or window in pixels.
        stride: Height and width are divided by it and rounded up.
    """

    kind: str
    channels: int = 0
    size: int = 1
    stride: int = 1

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of the given shape."""
        height, width, channels = shape
        if self.kind == "mean":
            return 1, 1, channels
        return -(-height // self.stride), -(-width // self.stride), self.channels or channels


@dataclass(frozen=True)
class Block:
    """Operations that follow each other, with or without a shortcut around them.

    Attributes:
        main: The operations.
        shortcut: Operations on the same input, whose output is added to that of ``main``. None:
            there is no shortcut; empty: it is the input itself.
        after: Operations after the sum.
    """

    main: tuple[Operation, ...]
    shortcut: tuple[Operation, ...] | None = None
    after: tuple[Operation, ...] = ()

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output for an input of the given shape."""
        for operation in (*self.main, *self.after):
            shape = operation.output_shape(shape)
        return shape

    @property
    def channels(self) -> int:
        """Number of channels, or of logits, that the block puts out."""
        return self.output_shape((1, 1, 0))[-1]

    @property
    def label(self) -> str:
        """What the block computes with weights, for instance ``3x3, 3x3 + shortcut``."""
        names = [_LABELS[x.kind].format(x.size) for x in self.main if x.kind in _LABELS]
        return ", ".join(names) + (" + shortcut" if self.shortcut is not None else "")


_LABELS = {
    "conv": "{0}x{0}",
    "depthwise": "{0}x{0} depthwise",
    "mean": "mean",
    "dense": "dense",
}
"""Kind of an operation -> its name in a label; the others are left out."""


def halved(side: int, times: int = 1) -> int:
    """Return a side length after ``times`` reductions by two, rounded up as SAME padding does."""
    return -(-side // 2**times)
