"""NAS-Bench-Macro: what every network of a small search space costs and scores.

A network is written as a digit per layer: 2 is a MobileNetV2 block with a kernel of 5 and six times
as many channels inside, 1 one with a kernel of 3 and three times as many, and 0 is the identity.
To degrade a layer is to lower its digit by one.

Source: Su et al., "Prioritized Architecture Sampling with Monto-Carlo Tree Search", CVPR 2021; the
file ``nas-bench-macro_cifar10.json`` of https://github.com/xiusu/NAS-Bench-Macro.
"""

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nac.utils.errors import InputError
from nac.utils.files import read_json
from nac.utils.schema import Section, shown

DIGITS = "012"
"""What a layer can be, from the cheapest to the one that costs most."""


@dataclass(frozen=True)
class NetworkTable:
    """All networks with one number of layers.

    Attributes:
        source: Where they were read from, the beginning of messages about them.
        accuracies: Network -> its accuracy in percent, the mean of its trainings.
        flops: Network -> its FLOPs.
    """

    source: str
    accuracies: Mapping[str, float]
    flops: Mapping[str, float]

    @property
    def largest(self) -> str:
        """The network with which pruning starts."""
        return DIGITS[-1] * self._layers

    @property
    def smallest(self) -> str:
        """The network with which pruning ends at the latest."""
        return DIGITS[0] * self._layers

    @property
    def _layers(self) -> int:
        return len(next(iter(self.flops)))

    def within(self, low: float, high: float) -> list[str]:
        """Return the networks that cost at least ``low`` and at most ``high`` FLOPs, sorted."""
        return sorted(network for network, cost in self.flops.items() if low <= cost <= high)


def degraded(network: str, layer: int) -> str:
    """Return a network with one layer degraded.

    Args:
        network: The network.
        layer: Index of the layer, from 0; it must not be the identity.
    """
    return network[:layer] + DIGITS[DIGITS.index(network[layer]) - 1] + network[layer + 1 :]


def degradable(network: str) -> list[int]:
    """Return the indices of the layers that can be degraded."""
    return [layer for layer, digit in enumerate(network) if digit != DIGITS[0]]


@functools.cache
def children(network: str) -> tuple[str, ...]:
    """Return the networks with one layer degraded, in the order of :func:`degradable`."""
    return tuple(degraded(network, layer) for layer in degradable(network))


def read_table(path: Path) -> NetworkTable:
    """Read NAS-Bench-Macro, of which nac has no copy.

    Args:
        path: The JSON file. Of each network it needs ``mean_acc`` (percent) and ``flops``.

    Raises:
        InputError: The file cannot be read, or does not have a number for each network.
    """
    content = Section(read_json(path), str(path))
    networks = content.keys()
    _check_networks(networks, content.source)
    entries = {network: content.section(network) for network in networks}
    return NetworkTable(
        content.source,
        {name: entry.number("mean_acc", maximum=100.0) for name, entry in entries.items()},
        {name: entry.number("flops", above=True) for name, entry in entries.items()},
    )


def _check_networks(networks: list[str], source: str) -> None:
    """Raise InputError unless the networks are all those with one number of layers."""
    expected = f"{source}: expected as keys networks with equally many layers, such as 02210011"
    if not networks:
        raise InputError(f"{expected}, received none")
    layers = len(networks[0])
    form = re.compile(f"[{DIGITS}]{{{max(layers, 1)}}}")
    for network in networks:
        if not form.fullmatch(network):
            raise InputError(f"{expected}, received {shown(network)}")
    known = set(networks)
    for digits in itertools.product(DIGITS, repeat=layers):
        if "".join(digits) not in known:
            raise InputError(f"{source}: {''.join(digits)}: missing")
