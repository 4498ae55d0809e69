"""How much memory the tensors of a graph need, if each operation runs as soon as it can.

That is how TensorFlow runs graphs, and it matters: a backward operation that needs nothing but
outputs of the forward pass runs early, and its own output then waits for its use. If operations ran
in the order in which they are written down, the peak of a small network would be half to two thirds
as high.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Operation:
    """An operation of a graph. A buffer is what a tensor occupies; it has a name.

    Attributes:
        after: Positions of the operations that it waits for.
        makes: Buffers that it allocates -> their sizes in bytes.
        reads: Buffers of other operations that it needs.
        inside: Bytes that it needs only while it runs.
    """

    after: frozenset[int] = frozenset()
    makes: Mapping[str, int] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    inside: int = 0


def execution_order(operations: Sequence[Operation]) -> list[int]:
    """Return the positions of operations in the order in which they become ready to run.

    Args:
        operations: A graph without cycles.
    """
    followers: list[list[int]] = [[] for _ in operations]
    for position, operation in enumerate(operations):
        for earlier in operation.after:
            followers[earlier].append(position)
    missing = [len(operation.after) for operation in operations]
    ready = deque(position for position, count in enumerate(missing) if not count)
    order = []
    while ready:
        order.append(ready.popleft())
        for follower in followers[order[-1]]:
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return order


def peak_bytes(operations: Sequence[Operation], smallest: int = 0) -> int:
    """Return the largest number of bytes that buffers of a graph occupy at the same time.

    A buffer is freed when the last operation that reads it has run.

    Args:
        operations: A graph without cycles.
        smallest: Size in bytes below which a buffer is not counted.

    Example:
    >>> image = Operation(makes={"image": 100})
    >>> convolution = Operation(frozenset({0}), {"featuremap": 700}, reads=frozenset({"image"}))
    >>> mean = Operation(frozenset({1}), {"mean": 4}, reads=frozenset({"featuremap"}))
    >>> peak_bytes([image, convolution, mean])
    800
    """
    order = [operations[position] for position in execution_order(operations)]
    sizes = {
        buffer: size if size >= smallest else 0
        for operation in order
        for buffer, size in operation.makes.items()
    }
    last = {
        buffer: number
        for number, operation in enumerate(order)
        for buffer in (*operation.makes, *operation.reads)
    }
    held = peak = 0
    for number, operation in enumerate(order):
        held += sum(sizes[buffer] for buffer in operation.makes)
        peak = max(peak, held + operation.inside)
        touched = operation.reads.union(operation.makes)
        held -= sum(sizes[buffer] for buffer in touched if last[buffer] == number)
    return peak
