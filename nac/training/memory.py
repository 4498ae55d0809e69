"""The memory that training needs, measured: the tensors on a device, as TensorFlow counts them.

TensorFlow counts the tensors on a GPU. On a CPU it counts those of at least 256 KiB, and only where
oneDNN is on. So the numbers of very small networks are too small there.

The resident memory of a process would say less. It has hundreds of MiB of compiled graphs, and
the allocators keep what tensors no longer need.
"""

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import prod

import tensorflow as tf

from nac.training.steps import Steps

SMALLEST_ON_CPU = 256 * 1024
"""Size in bytes of the smallest tensors that are counted on a CPU."""


def variables_bytes(steps: Steps) -> int:
    """Return the bytes of what is in memory from step to step: weights, optimizer, average.

    Args:
        steps: The steps of a job.
    """
    return sum(prod(x.shape) * tf.as_dtype(x.dtype).size for x in steps.variables)


class PeakMemory:
    """The largest amount of memory that tensors occupy within ``with measured()`` blocks.

    Of what has been there before such a block, only variables count, not images of the dataset.
    The first block counts only if it remains the only one: there, a GPU tries algorithms for each
    convolution, with as much scratch memory as there is, up to 4 GiB.

    Args:
        devices: The devices; that with the highest peak counts.
        variables: Bytes of the variables on each device.

    Attributes:
        bytes: The peak so far, None before the first block and where TensorFlow does not count.
    """

    def __init__(self, devices: Sequence[str], variables: int = 0):
        self._devices, self._variables = devices, variables
        self.bytes: int | None = None
        self._blocks = 0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure what is done within a ``with`` block."""
        before, self._blocks = self._read("current"), self._blocks + 1
        if before is None:
            yield
            return
        for device in self._devices:
            tf.config.experimental.reset_memory_stats(device)
        yield
        growth = map(operator.sub, self._read("peak"), before)
        peak = self._variables + max(growth)
        self.bytes = peak if self._blocks <= 2 else max(self.bytes or 0, peak)

    def _read(self, key: str) -> list[int] | None:
        """Return a number of each device, None where they are not counted."""
        try:
            return [tf.config.experimental.get_memory_info(device)[key] for device in self._devices]
        except ValueError:
            return None
