"""Published figures of machines and of programs on them. Nothing here was measured by nac.

Sources:
    V100: NVIDIA's data sheet of the V100 SXM2: 15.7 TFLOP/s in float32, NVLink 300 GB/s in both
        directions together.
    H100: NVIDIA's data sheet of the H100 SXM5: 989 TFLOP/s in TF32 with sparsity, half of that
        without, NVLink 900 GB/s in both directions together. TensorFlow computes float32
        convolutions in TF32 on such GPUs.
    ResNet-50: NVIDIA/DeepLearningExamples, TensorFlow/Classification/ConvNets/resnet50v1.5, with
        XLA: 412 images/s on one V100 (float32), 909 on one A100 (TF32, 156 TFLOP/s).
    Latencies: src/graph/tuning.cc of NVIDIA/nccl at commit 01afd20, by which NCCL itself chooses an
        algorithm.
"""

import math
from dataclasses import dataclass

GIGABIT = 1e9 / 8.0
MICROSECOND = 1e-6

RESNET_MULTIPLY_ADDS = 4.1e9
"""Multiply-adds of ResNet-50 v1.5 for an image of 224x224 pixels."""

OF_RESNET = 0.5
"""Assumed: a network of branches reaches half of the share of the peak that ResNet-50 reaches.

Its convolutions have a fraction of the channels, and many of them are depthwise.
"""


def operations(multiply_adds: float) -> float:
    """Return the operations of a training step per image: forward, and twice as many backward."""
    return 6.0 * multiply_adds


def resnet_share(images_per_second: float, peak: float) -> float:
    """Return the share of a peak that ResNet-50 reaches.

    Example:
    >>> round(resnet_share(412.0, 15.7e12), 3)
    0.646
    """
    return images_per_second * operations(RESNET_MULTIPLY_ADDS) / peak


@dataclass(frozen=True)
class Machine:
    """Nodes of one kind.

    Attributes:
        name: GPUs of a node, and its network.
        gpus: GPUs of a node.
        peak: Operations per second of a GPU, of the type in which it computes float32.
        share: Share of this peak that a step reaches. Assumed, see :data:`OF_RESNET`.
        nvlink: Bytes per second from a GPU to another one of its node.
        network: Bytes per second from a node to another one.
    """

    name: str
    gpus: int
    peak: float
    share: float
    nvlink: float
    network: float


V100 = Machine(
    "8 x V100, 100 Gb/s",
    gpus=8,
    peak=15.7e12,
    share=OF_RESNET * resnet_share(412.0, 15.7e12),
    nvlink=150e9,
    network=100 * GIGABIT,
)
H100 = Machine(
    "8 x H100, 400 Gb/s",
    gpus=8,
    peak=494.5e12,
    share=OF_RESNET * resnet_share(909.0, 156e12),  # as on the A100, for lack of a figure
    nvlink=450e9,
    network=400 * GIGABIT,
)
MACHINES = (V100, H100)

RING_BASE, TREE_BASE = 3.6 * MICROSECOND, 4.4 * MICROSECOND
RING_NVLINK, TREE_NVLINK = 0.47 * MICROSECOND, 0.52 * MICROSECOND
RING_NETWORK, TREE_NETWORK = 2.7 * MICROSECOND, 5.0 * MICROSECOND
BESIDE_NETWORK = 1.8
"""NCCL's factor of the latency of NVLink where several nodes take part."""


def nodes_of(gpus: int, machine: Machine) -> int:
    """Return how many nodes so many GPUs are."""
    return math.ceil(gpus / machine.gpus)


def latency(gpus: int, machine: Machine) -> float:
    """Return the seconds of an all-reduce of a few numbers, by NCCL's own model.

    A ring takes 2 (n - 1) hops between n GPUs. A tree goes through the GPUs of each node and a
    binary tree of the nodes, forth and back. NCCL takes what is faster.

    Example:
    >>> round(latency(8, V100) / MICROSECOND, 2)  # a ring: 3.6 + 14 * 0.47
    10.18
    >>> round(latency(64, V100) / MICROSECOND, 2)  # a tree: 4.4 + 2 * (7 * 0.936 + 3 * 5)
    47.5
    """
    nodes = nodes_of(gpus, machine)
    local, factor = min(gpus, machine.gpus), BESIDE_NETWORK if nodes > 1 else 1.0
    between = 2 * (nodes - 1)
    within = 2 * (gpus - 1) - between
    ring = RING_BASE + within * factor * RING_NVLINK + between * RING_NETWORK
    levels = math.floor(math.log2(nodes))
    tree = TREE_BASE + 2 * ((local - 1) * factor * TREE_NVLINK + levels * TREE_NETWORK)
    return min(ring, tree) if gpus > 1 else 0.0


def transfer(size: float, gpus: int, machine: Machine) -> float:
    """Return the seconds that the bytes of an all-reduce need at the published speed of the links.

    In a ring of n GPUs each sends 2 (n - 1) / n of the bytes, and the slowest link decides.

    Args:
        size: Bytes of the vector that is summed.
        gpus: Number of GPUs that sum it.
        machine: The nodes.

    Example:
    >>> transfer(100e6, 8, V100)  # 175 MB at 150 GB/s
    0.0011666666666666668
    """
    slowest = machine.network if nodes_of(gpus, machine) > 1 else machine.nvlink
    return 2.0 * (gpus - 1) / gpus * size / slowest
