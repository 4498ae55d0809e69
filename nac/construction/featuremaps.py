"""What the channels of featuremaps are: who computes each of them. Pure functions."""

from dataclasses import dataclass, replace

from nac.architecture.fixed_cells import Block, FixedCell
from nac.architecture.network import Architecture, BranchLayer, Widener
from nac.utils.errors import InputError


@dataclass(frozen=True)
class Channel:
    """What a channel of a featuremap is.

    Attributes:
        layer: Index of the layer that computes it, 0 for the stem.
        part: The part of the layer that does: a branch, or the convolution of a widener.
        number: Its number within the part.
    """

    layer: int
    part: str
    number: int


Featuremap = tuple[Channel, ...]
"""The channels that a layer puts out, in order."""


def featuremaps(architecture: Architecture, image_channels: int) -> list[Featuremap]:
    """Return the channels that the stem and each layer put out. A widener repeats those it gets.

    Args:
        architecture: A network of branch layers and wideners, with its stem.
        image_channels: Channels of an image.

    Raises:
        InputError: There is a layer of another kind.
    """
    outputs = [_stem(architecture.stem or (), image_channels)]
    added = len(outputs[0])
    for index, layer in enumerate(architecture.network, start=1):
        if isinstance(layer, BranchLayer):
            width = layer.outputs // len(layer.branches)
            parts = [numbered(index, name, width) for name, _ in layer.branches]
            outputs.append(_joined(parts))
        elif isinstance(layer, Widener):
            outputs.append(outputs[-1] + numbered(index, "conv", added))
            added *= 2
        else:
            raise InputError(
                f"inherit: layer {index}: expected branch layers and wideners only,"
                f" received {type(layer).__name__}"
            )
    return outputs


def numbered(layer: int, part: str, count: int) -> Featuremap:
    """Return the channels that a part of a layer computes."""
    return tuple(Channel(layer, part, number) for number in range(count))


def _joined(parts: list[Featuremap]) -> Featuremap:
    return tuple(channel for part in parts for channel in part)


def _stem(stem: FixedCell, image_channels: int) -> Featuremap:
    channels = numbered(0, "image", image_channels)
    for layer in stem:
        blocks = [(f"{layer.name}/{block.branch}", block) for block in layer.blocks]
        channels = _joined([_block(name, block, channels) for name, block in blocks])
    return channels


def _block(name: str, block: Block, inputs: Featuremap) -> Featuremap:
    """Return what a block of a stem puts out; all but convolutions keep their channels apart."""
    if block.kind == "conv2d":
        return numbered(0, name, block.option("outputs"))
    return tuple(replace(channel, part=f"{name}/{channel.part}") for channel in inputs)
