"""Small tables of networks, and a generator whose noise is known."""

import itertools
import os
from random import Random

from nac.replaying.table import NetworkTable
from tests.peer import PEER_DIR, ROOT

BENCHMARKS = ROOT / os.environ.get("NAC_BENCH_DIR", PEER_DIR.parent / "benchmarks")
MACRO = BENCHMARKS / "nas-bench-macro_cifar10.json"

ACCURACIES = {
    "22": 90.0,
    "12": 88.0,
    "21": 89.0,
    "02": 80.0,
    "11": 85.0,
    "20": 75.0,
    "01": 70.0,
    "10": 60.0,
    "00": 50.0,
}

FLOPS = {network: 10 + 10 * sum(map(int, network)) for network in ACCURACIES}
"""From 10 of 00 to 50 of 22."""

TINY = NetworkTable("tiny.json", ACCURACIES, FLOPS)
"""All networks of two layers."""


def file_of(**changes):
    """Return the content of a file of TINY; a network that changes to None is left out."""
    content = {
        network: {"mean_acc": accuracy, "flops": FLOPS[network]}
        for network, accuracy in ACCURACIES.items()
    }
    changed = {**content, **changes}
    return {network: entry for network, entry in changed.items() if entry is not None}


def six_layers():
    """Return a table in which layer 0 is missed least, then layer 1, and so on; a step costs 1."""
    networks = ["".join(digits) for digits in itertools.product("012", repeat=6)]
    missed = {
        network: sum((2 - int(digit)) * (1 + layer) for layer, digit in enumerate(network))
        for network in networks
    }
    flops = {network: 1 + sum(map(int, network)) for network in networks}
    return NetworkTable("six.json", {name: 90.0 - loss for name, loss in missed.items()}, flops)


class Scripted(Random):
    """A generator with the given noise, then none, that chooses the last of what there is."""

    def __new__(cls, *noise):
        return super().__new__(cls)

    def __init__(self, *noise):
        super().__init__(0)
        self.noise = list(noise)

    def gauss(self, mu=0.0, sigma=1.0):
        return mu + (self.noise.pop(0) if self.noise else 0.0)

    def choice(self, seq):
        return seq[-1]
