"""What is measured of the branches and skip connections of a network.

Branch cells know their index, names and gates, so the model alone is enough.
"""

import math
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from nac.architecture.json_form import parse_block
from nac.architecture.keys import branch_key, gate_key, layer_index
from nac.config.rankings import BRANCH_GATE, random_strength
from nac.models.branches import Branch
from nac.models.cells import BranchCell, branch_cells
from nac.runs.result import strength_of


def network_branches(model: keras.Model) -> Iterator[tuple[int, Branch]]:
    """Yield (index of its layer, branch) for each branch of a network, in order."""
    for index, cell in _branch_cells(model):
        for branch in cell.branches:
            yield index, branch


def gates(model: keras.Model) -> dict[str, float]:
    """Return key of a skip connection, such as ``1-5`` -> its gate."""
    variables = {
        gate_key(source, index): gate.value
        for index, cell in _branch_cells(model)
        if cell.skip is not None
        for source, gate in zip(cell.skip.sources, cell.skip.gates, strict=True)
    }
    # Read at once, as to wait for each one of dozens would take longer than a step.
    values = tf.stack(list(variables.values())).numpy().tolist() if variables else []
    return dict(zip(variables, values, strict=True))


def strengths(model: keras.Model, ranking: str, seed: int) -> dict[str, float]:
    """Return key of a branch, such as ``3/Branch2`` -> its strength so far.

    Args:
        model: A network that may still be in training.
        ranking: A name in :data:`nac.config.rankings.RANKINGS`. Branches that it cannot rank, such
            as those without a gate by ``branch_gate``, are left out.
        seed: Seed of the random ranking.
    """
    values = {}
    for index, branch, running in _measured_branches(model):
        strength = strength_of(running, ranking)
        if strength is None:  # Most rankings do not need the rest, which takes longer.
            strength = strength_of(running | _final_values(index, branch, seed), ranking)
        if strength is not None:
            values[branch_key(index, branch.name)] = strength
    return values


def featuremaps(model: keras.Model, seed: int) -> dict[str, dict[str, float]]:
    """Return key of a branch -> name of a value -> value, with all that rankings need.

    Args:
        model: A trained network; if it collects no statistics, the result is empty.
        seed: Seed of the random ranking.
    """
    return {
        branch_key(index, branch.name): running | _final_values(index, branch, seed)
        for index, branch, running in _measured_branches(model)
    }


def _branch_cells(model: keras.Model) -> list[tuple[int, BranchCell]]:
    cells = [(layer_index(cell.name), cell) for cell in branch_cells(model)]
    return sorted(cells, key=lambda pair: pair[0])


def _measured_branches(model: keras.Model) -> Iterator[tuple[int, Branch, dict[str, float]]]:
    """Yield (index of its layer, branch, what was measured of it so far)."""
    for index, cell in _branch_cells(model):
        if cell.featuremap_metrics is not None:
            results = cell.featuremap_metrics.results()
            for branch, values in zip(cell.branches, results, strict=True):
                yield index, branch, values | _running_values(branch, values)


def _running_values(branch: Branch, measured: dict[str, float]) -> dict[str, float]:
    """Return what follows from the measurements, and the learned gate."""
    height, width, _ = parse_block(branch.block)
    by_area = measured["mean_square_before_norm"] / (height * width)
    values = {"mean_square_by_kernel_area": by_area}
    if branch.gate is not None:
        values[BRANCH_GATE] = float(branch.gate.numpy())
    return values


def _final_values(index: int, branch: Branch, seed: int) -> dict[str, float]:
    """Return what a branch has at any time, whatever was measured before."""
    return {
        "weight_norm": _norm(branch.convolution.trainable_variables),
        "parameters": sum(math.prod(v.shape) for v in branch.trainable_variables),
        "random": random_strength(seed, index, branch.name),
    }


def _norm(variables: list[keras.Variable]) -> float:
    return math.sqrt(sum(float(np.sum(np.square(v.numpy(), dtype="float64"))) for v in variables))
