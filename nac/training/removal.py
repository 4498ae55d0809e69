"""Taking branches and skip connections out of a network while it trains.

A branch of which all kernels and the shifts of batch norm are zero puts out zeros, and ReLU passes
no gradient at zero. So it stays zero in all further steps, provided that the optimizer does not
move it by what it has accumulated. The same holds for a skip connection whose gate and whose rows
of the 1x1 kernel are zero. So nothing but numbers has to change: neither the graph nor a
checkpoint knows of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from nac.architecture.keys import branch_key, gate_key, layer_index
from nac.models.branches import Branch
from nac.models.cells import branch_cells
from nac.models.layers import GatedSkip
from nac.training.steps import Steps

Parts = list[tuple[keras.Variable, np.ndarray]]
"""Variables, each with True for the elements in question."""


def parts_of(model: keras.Model) -> dict[str, Parts]:
    """Return key of a branch or of a skip connection -> what its output is zero without.

    Args:
        model: A macro network.
    """
    parts: dict[str, Parts] = {}
    for cell in branch_cells(model):
        index = layer_index(cell.name)
        for branch in cell.branches:
            parts[branch_key(index, branch.name)] = _branch_parts(branch)
        if cell.skip is not None:
            for number, source in enumerate(cell.skip.sources):
                parts[gate_key(source, index)] = _skip_parts(cell.skip, number)
    return parts


def _branch_parts(branch: Branch) -> Parts:
    variables = [*branch.convolution.trainable_variables, branch.normalization.beta]
    return [(variable, np.ones(variable.shape, bool)) for variable in variables]


def _skip_parts(skip: GatedSkip, number: int) -> Parts:
    rows = np.zeros(skip.kernel.shape, bool)
    start = sum(skip.input_channels[: number + 1])  # the direct input is the first one
    rows[:, :, start : start + skip.input_channels[number + 1]] = True
    return [(skip.gates[number], np.ones((), bool)), (skip.kernel, rows)]


@contextmanager
def without(parts: Parts) -> Iterator[None]:
    """Make the output of a branch or skip connection zero for the duration of a ``with`` block."""
    before = [variable.numpy() for variable, _ in parts]
    _set_zero(parts)
    try:
        yield
    finally:
        for (variable, _), value in zip(parts, before, strict=True):
            variable.assign(value)


def remove(steps: Steps, parts: Parts) -> None:
    """Make the output of a branch or skip connection zero for the rest of the training.

    Args:
        steps: The steps that train its network.
        parts: Its entry of :func:`parts_of`.
    """
    _set_zero(parts)
    gone = {id(variable.value): elements for variable, elements in parts}
    kept = [~gone.get(id(weight), np.zeros(weight.shape, bool)) for weight in steps.weights]
    vector = np.concatenate([part.ravel() for part in kept]).astype("float32")
    average = steps.average.vector
    average.assign(average.numpy() * vector)
    for slot, elements in _slots(steps, vector, parts):
        slot.assign(slot.numpy() * elements)


def _set_zero(parts: Parts) -> None:
    for variable, elements in parts:
        variable.assign(np.where(elements, 0.0, variable.numpy()))


def _slots(
    steps: Steps, kept: np.ndarray, parts: Parts
) -> Iterator[tuple[keras.Variable, np.ndarray]]:
    """Yield what the optimizer has accumulated for the weights, with zero for what is to go.

    It has the weights as one vector, or else one by one. In the latter case Keras names what it has
    for a variable after the variable's path.

    Args:
        steps: The steps.
        kept: One for each element of the weights that stays, zero for the others.
        parts: What is to go.
    """
    for slot in steps.optimizer.variables:
        name = slot.path.rpartition("/")[2]
        if _is_divisor(name):
            continue
        if tuple(slot.shape) == kept.shape:
            yield slot, kept
            continue
        for variable, elements in parts:
            own = name.startswith(variable.path.replace("/", "_") + "_")
            if own and tuple(slot.shape) == elements.shape:
                yield slot, (~elements).astype("float32")


def _is_divisor(name: str) -> bool:
    """Return whether a slot is a sum of squared gradients, of Adagrad or Ftrl.

    Steps are only divided by its root, so it moves nothing, and Ftrl has no term that keeps the
    root above zero.
    """
    return name.endswith("_accumulator") and not name.endswith("_gradient_accumulator")
