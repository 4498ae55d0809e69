"""The arithmetic of the plan: what a step takes, what it reads, and what jobs write."""

from dataclasses import dataclass

from nac.training.loop import RECORDS
from tools.benchmarks.arithmetic import KERNELS_PER_CELL
from tools.benchmarks.arithmetic import V100 as BENCHMARKED
from tools.scaling.counts import Counts
from tools.scaling.machines import Machine, latency, nodes_of, operations, transfer

IMAGES = 1_281_167
"""Training images of ImageNet (ILSVRC 2012)."""

IMAGE_BYTES = 147_897_477_120 / IMAGES
"""Bytes of a training image, on average: those of ILSVRC2012_img_train.tar, which has them all."""

BACKWARD = 2.0 / 3.0
"""Share of a step's operations that belong to the backward pass."""


@dataclass(frozen=True)
class StepTime:
    """Where the time of a training step goes, in seconds.

    Attributes:
        gpus: GPUs that share the batch.
        images: Images per step on all of them.
        arithmetic: Operations, at the assumed share of the peak.
        launches: Starting kernels, which a GPU does not wait for unless they take longer.
        small: All-reduces of small vectors, which wait for each other.
        gradient: The all-reduce of the joined gradient.
    """

    gpus: int
    images: int
    arithmetic: float
    launches: float
    small: float
    gradient: float

    @property
    def compute(self) -> float:
        """What the step takes on one GPU with its share of the images."""
        return max(self.arithmetic, self.launches)

    @property
    def seconds(self) -> float:
        """The whole step: nothing is summed while something is computed."""
        return self.compute + self.small + self.gradient

    @property
    def efficiency(self) -> float:
        """Share of the step in which something is computed."""
        return self.compute / self.seconds

    @property
    def images_per_second(self) -> float:
        """Speed of all GPUs together."""
        return self.images / self.seconds

    @property
    def hidden(self) -> float:
        """What a step would save that sums gradients while the backward pass computes others."""
        return min(self.gradient, BACKWARD * self.compute)


def step_time(network: Counts, machine: Machine, gpus: int, images: int) -> StepTime:
    """Return where the time of a step goes.

    Args:
        network: The network.
        machine: The nodes.
        gpus: GPUs that share the batch.
        images: Images per step on all of them.
    """
    multiplied = operations(network.multiply_adds) * images / gpus
    kernels = KERNELS_PER_CELL / 6 * network.branches
    *small, gradient = sorted(network.all_reduces)
    alone = gpus == 1
    return StepTime(
        gpus,
        images,
        arithmetic=multiplied / (machine.share * machine.peak),
        launches=kernels * BENCHMARKED.launch,
        small=0.0 if alone else sum(all_reduce(size, gpus, machine) for size in small),
        gradient=0.0 if alone else all_reduce(gradient, gpus, machine),
    )


def all_reduce(size: float, gpus: int, machine: Machine) -> float:
    """Return the seconds of an all-reduce: its latency, and the transfer of its bytes."""
    return latency(gpus, machine) + transfer(size, gpus, machine)


@dataclass(frozen=True)
class Reading:
    """What the images of a training ask of a node and of the file system.

    Attributes:
        images: Images per second that a node decodes and prepares.
        cores: Cores that this takes.
        read: Bytes per second that a node reads, as each reads the records of the whole batch.
        served: Bytes per second that the file system serves to all nodes.
    """

    images: float
    cores: float
    read: float
    served: float


def reading(step: StepTime, machine: Machine, images_per_core: float) -> Reading:
    """Return what the images of a training ask for.

    Args:
        step: A step.
        machine: The nodes.
        images_per_core: Images per second that a core decodes and prepares.
    """
    nodes, speed = nodes_of(step.gpus, machine), step.images_per_second
    read = speed * IMAGE_BYTES
    return Reading(speed / nodes, speed / nodes / images_per_core, read, nodes * read)


def event_bytes(network: Counts) -> int:
    """Return the bytes of the curves of a long training."""
    return RECORDS * network.point
