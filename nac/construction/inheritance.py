"""Which channels of a network are those of the network before its restructuring. Pure functions.

A restructured network can start from the weights of the trained one. But each layer has become
wider or narrower, lost branches or moved, so a weight is not where it was. What stays is the
identity of a channel: the layer and the branch that compute it, and its number within the branch.
From these follows where each row of a kernel, which belongs to an input channel, was before.

A new envelope cell has no weights to inherit, and stands between its predecessor and what read
that: the next widener or the classifier. So that these still see what they saw, its branches begin
by passing on the predecessor's inherited channels, shared out evenly among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from nac.architecture.json_form import parse_block
from nac.architecture.network import Architecture, BranchLayer, Layer
from nac.config.inheritance import Inheritance
from nac.construction.featuremaps import Channel, Featuremap, featuremaps
from nac.utils.errors import InputError

PASSING = ("", "sep")
"""Types of branches whose convolution can pass on channels unchanged."""

Positions = tuple[int | None, ...]
"""For each channel now, its position among the channels before; None if it was not there."""

Origins = tuple[Channel | None, ...]
"""For each channel of a featuremap the former channel that it is or passes on, None for none."""

DIRECT = -1
"""Stands for the direct input where others have the index of their source."""

AnyChannel = TypeVar("AnyChannel")


@dataclass(frozen=True)
class Succession:
    """A restructured network as the successor of the trained one.

    Attributes:
        inheritance: The trained network, and what became of its layers.
        after: The restructured network.
        image_channels: Channels of an image.

    Raises:
        InputError: The layers do not fit the two networks.
    """

    inheritance: Inheritance
    after: Architecture
    image_channels: int

    def __post_init__(self) -> None:
        layers, network = self.inheritance.layers, self.after.network
        fits = len(layers) == len(network) and all(
            self._fits(former, layer) for former, layer in zip(layers, network, strict=True)
        )
        if not fits:
            raise InputError(
                f"inherit.layers: expected the index in inherit.arch of each of {len(network)}"
                f" layers, or null for a new cell, received {list(layers)}"
            )

    def _fits(self, former: int | None, layer: Layer) -> bool:
        if former is None:
            return isinstance(layer, BranchLayer)
        return [type(layer)] == [type(old) for old in self.before.network[former - 1 : former]]

    @property
    def before(self) -> Architecture:
        """The trained network."""
        return self.inheritance.arch

    @cached_property
    def outputs_before(self) -> list[Featuremap]:
        """The channels that the stem and each layer of the trained network put out."""
        return featuremaps(self.before, self.image_channels)

    def former(self, index: int) -> int | None:
        """Return the former index of a layer, None for a new cell.

        The stem (0) and the classifier, the index behind the last layer, have one, too.
        """
        if index > len(self.after.network):
            return len(self.before.network) + 1
        return self.inheritance.layers[index - 1] if index else 0

    @cached_property
    def origins(self) -> list[Origins]:
        """The origins of what the stem and each layer put out."""
        known = {channel for outputs in self.outputs_before for channel in outputs}
        origins: list[Origins] = []
        for index, outputs in enumerate(featuremaps(self.after, self.image_channels)):
            former = self.former(index)
            if former is None:
                passed = shared_out(self.after.layer(index), origins[-1])
                origins.append(tuple(p if p is None else origins[-1][p] for p in passed))
                continue
            own = [channel for channel in outputs if channel.layer == index]
            moved = [replace(channel, layer=former) for channel in own]
            mapped = tuple(channel if channel in known else None for channel in moved)
            # A widener repeats the channels of its input before its own.
            origins.append((origins[-1] if len(own) < len(outputs) else ()) + mapped)
        return origins

    def passed(self, index: int) -> Positions:
        """Return which channel of its input each channel of a new cell is to pass on."""
        return shared_out(self.after.layer(index), self.origins[index - 1])

    def rows(self, index: int) -> Positions:
        """Return for each channel that enters an old layer its position among those of before.

        First come the channels of the direct input, then those of each source.

        Args:
            index: Index of the layer, or the one behind the last layer for the classifier.
        """
        where: dict[tuple[int | None, Channel | None], int] = {
            entry: position for position, entry in enumerate(self._entered(index))
        }
        entries = _entering(self.after, self.origins, index)
        return tuple(where.get((self._former_source(source), was)) for source, was in entries)

    def width_before(self, index: int) -> int:
        """Return how many channels entered an old layer before."""
        return len(self._entered(index))

    def direct_width_before(self, index: int) -> int:
        """Return how many of them were those of the direct input."""
        return sum(source == DIRECT for source, _ in self._entered(index))

    def former_gate(self, source: int, index: int) -> int | None:
        """Return the former source of a skip connection, None for a new skip connection."""
        former = self._former_source(source)
        return former if any(former == entry for entry, _ in self._entered(index)) else None

    def _former_source(self, source: int) -> int | None:
        return DIRECT if source == DIRECT else self.former(source)

    def _entered(self, index: int) -> list[tuple[int, Channel]]:
        former = self.former(index)
        assert former is not None  # a new cell has none
        return _entering(self.before, self.outputs_before, former)


def _entering(
    architecture: Architecture, outputs: Sequence[Sequence[AnyChannel]], index: int
) -> list[tuple[int, AnyChannel]]:
    """Return (source, channel) of all channels that enter a layer or the classifier."""
    is_layer = index <= len(architecture.network)
    sources = architecture.sources(index) or () if is_layer else ()
    inputs = [(DIRECT, outputs[index - 1]), *((source, outputs[source]) for source in sources)]
    return [(source, channel) for source, channels in inputs for channel in channels]


def shared_out(cell: Layer, inputs: Origins) -> Positions:
    """Return which channel of its input each channel of a new cell is to pass on.

    Each branch gets one inherited channel in turn, as far as its width reaches.

    Args:
        cell: The cell.
        inputs: The origins of its input.

    Returns:
        A position in the input for each channel of the cell, None for one with nothing to pass on.
    """
    assert isinstance(cell, BranchLayer)  # Succession has checked it
    width = cell.outputs // len(cell.branches)
    passing = [number for number, (_, block) in enumerate(cell.branches) if _passes(block)]
    places = [branch * width + number for number in range(width) for branch in passing]
    inherited = (position for position, origin in enumerate(inputs) if origin is not None)
    taken = dict(zip(places, inherited, strict=False))
    return tuple(taken.get(place) for place in range(width * len(cell.branches)))


def _passes(block: str) -> bool:
    parsed = parse_block(block)
    return parsed is not None and parsed[2] in PASSING
