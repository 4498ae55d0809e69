"""A loop of TensorFlow's over the parts of a batch, of which only one is in memory at a time."""

from collections.abc import Callable, Sequence
from typing import Protocol

import tensorflow as tf


class Typed(Protocol):
    """What has a shape and a type: a tensor, a variable or the specification of one."""

    shape: tuple[int | None, ...] | tf.TensorShape
    dtype: tf.DType | str


Tensors = Sequence[tf.Tensor]


def one_by_one(
    count: int,
    compute: Callable[[tf.Tensor | int], tuple[Tensors, Tensors]],
    sums: Sequence[Typed],
    pieces: Sequence[Typed],
) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Compute one part after the other.

    Args:
        count: Number of parts. With one there is no loop.
        compute: A function of the number of a part. It returns tensors that are to be summed over
            all parts, and tensors that are to be put together.
        sums: What the former are like.
        pieces: What the latter are like.

    Returns:
        The sums, and the others with the parts along a new first axis.
    """
    if count == 1:
        terms, values = compute(0)
        return list(terms), [tf.expand_dims(value, 0) for value in values]

    def part(number, totals, arrays):
        terms, values = compute(number)
        totals = [total + term for total, term in zip(totals, terms, strict=True)]
        written = [array.write(number, x) for array, x in zip(arrays, values, strict=True)]
        return number + 1, totals, written

    start = (
        tf.constant(0),
        [tf.zeros(tensor.shape, tensor.dtype) for tensor in sums],
        [tf.TensorArray(x.dtype, count, element_shape=x.shape) for x in pieces],
    )
    _, totals, arrays = tf.while_loop(
        lambda number, *_: number < count, part, start, parallel_iterations=1
    )
    stacked = [array.stack() for array in arrays]
    for tensor, like in zip(stacked, pieces, strict=True):
        tensor.set_shape((count, *like.shape))
    return list(totals), stacked
