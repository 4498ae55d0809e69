"""What weights of a restructured network start from, as functions of arrays.

The last axis of a weight is that of output channels. Within a branch they are told apart by their
numbers, so of each array the first ones are inherited.
"""

import numpy as np

from nac.construction.inheritance import Positions


def inherited_vector(fresh: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Return a bias, a shift, or another value per output channel; a scalar is taken as it is.

    Args:
        fresh: Its initial value.
        old: Its trained value.

    Example:
    >>> inherited_vector(np.array([0.5, 0.5, 0.5]), np.array([1.0, 2.0]))
    array([1. , 2. , 0.5])
    """
    if not fresh.ndim:
        return old
    value, columns = fresh.copy(), _common(fresh, old)
    value[:columns] = old[:columns]
    return value


def inherited_kernel(fresh: np.ndarray, old: np.ndarray, rows: Positions) -> np.ndarray:
    """Return a kernel, whose old output channels do not read new input channels at first.

    Args:
        fresh: Its initial value, of shape (..., inputs, outputs).
        old: Its trained value.
        rows: For each input channel its position in the old kernel, None for a new one.

    Example:
    >>> inherited_kernel(np.full((2, 3), 0.5), np.array([[1.0, 2.0], [3.0, 4.0]]), (None, 0))
    array([[0. , 0. , 0.5],
           [1. , 2. , 0.5]])
    """
    value, columns = fresh.copy(), _common(fresh, old)
    now, before = _moved(rows)
    value[..., :columns] = 0.0
    value[..., now, :columns] = old[..., before, :columns]
    return value


def inherited_filters(fresh: np.ndarray, old: np.ndarray, rows: Positions) -> np.ndarray:
    """Return depthwise filters, (height, width, inputs, 1): one for each input channel.

    Args:
        fresh: Their initial values.
        old: Their trained values.
        rows: For each input channel its position in the old filters, None for a new one.
    """
    value = fresh.copy()
    now, before = _moved(rows)
    value[..., now, :] = old[..., before, :]
    return value


def copying_kernel(fresh: np.ndarray, passed: Positions) -> np.ndarray:
    """Return a kernel whose output channels are copies of input channels.

    Args:
        fresh: Its initial value, of shape (height, width, inputs, outputs).
        passed: For each output channel the input channel, None to leave it as it is.
    """
    value = fresh.copy()
    for output, channel in enumerate(passed):
        if channel is not None:
            value[..., output] = 0.0
            value[(*_center(fresh), channel, output)] = 1.0
    return value


def copying_filters(fresh: np.ndarray, passed: Positions) -> np.ndarray:
    """Return depthwise filters that copy the input channels that are to be passed on.

    Args:
        fresh: Their initial values, of shape (height, width, inputs, 1).
        passed: Input channels; None among them stands for nothing.
    """
    value = fresh.copy()
    for channel in passed:
        if channel is not None:
            value[..., channel, :] = 0.0
            value[(*_center(fresh), channel, 0)] = 1.0
    return value


def _center(kernel: np.ndarray) -> tuple[int, int]:
    """Return the position that a convolution with padding "same" puts onto the output's pixel."""
    height, width = kernel.shape[:2]
    return (height - 1) // 2, (width - 1) // 2


def _common(fresh: np.ndarray, old: np.ndarray) -> int:
    return min(fresh.shape[-1], old.shape[-1])


def _moved(rows: Positions) -> tuple[list[int], list[int]]:
    """Return the positions now and before of all rows that were there before."""
    pairs = [(now, before) for now, before in enumerate(rows) if before is not None]
    return [now for now, _ in pairs], [before for _, before in pairs]
