"""What a trained network says of its branches and skip connections."""

import math
from typing import Any

import keras
import numpy as np

from nac.architecture.keys import branch_key, gate_key, layer_name
from nac.architecture.network import Architecture
from nac.config.rankings import BRANCH_GATE, random_strength
from nac.models.cells import Branch


def read_statistics(architecture: Architecture, model: keras.Model) -> dict[str, Any]:
    """Return ``featuremaps`` and ``gates``, as they change while the network is trained.

    Args:
        architecture: what the model was built from.
        model: the network; without instrumentation there are no featuremaps.
    """
    featuremaps = {
        branch_key(index, name): _running(branch)
        for index, name, branch in _measured_branches(architecture, model)
    }
    return {"featuremaps": featuremaps, "gates": _gates(architecture, model)}


def final_statistics(architecture: Architecture, model: keras.Model, seed: int) -> dict[str, Any]:
    """Return ``featuremaps`` and ``gates`` with all that branches can be ranked by.

    Args:
        architecture: what the model was built from.
        model: the trained network.
        seed: of the random ranking.
    """
    statistics = read_statistics(architecture, model)
    for index, name, branch in _measured_branches(architecture, model):
        statistics["featuremaps"][branch_key(index, name)] |= {
            "weight_norm": _norm(branch.convolution.trainable_variables),
            "parameters": sum(math.prod(v.shape) for v in branch.trainable_variables),
            "random": random_strength(seed, index, name),
        }
    return statistics


def _measured_branches(architecture: Architecture, model: keras.Model):
    """Return (layer, name, branch) of each branch that has featuremap metrics, in order."""
    for index, layer in architecture.branch_layers():
        branches = model.get_layer(layer_name(index)).branches
        for (name, _), branch in zip(layer.branches, branches, strict=True):
            if branch.metric is not None:
                yield index, name, branch


def _running(branch: Branch) -> dict[str, float]:
    result = branch.metric.result()
    area = math.prod(branch.convolution.kernel_size)
    result["mean_square_by_kernel_area"] = result["mean_square_before_norm"] / area
    if branch.gate is not None:
        result[BRANCH_GATE] = float(branch.gate.numpy())
    return result


def _gates(architecture: Architecture, model: keras.Model) -> dict[str, float]:
    skips = {i: model.get_layer(layer_name(i)).skip for i, _ in architecture.branch_layers()}
    return {
        gate_key(source, index): float(gate.numpy())
        for index, skip in skips.items()
        if skip is not None
        for source, gate in zip(skip.sources, skip.gates, strict=True)
    }


def _norm(variables) -> float:
    return math.sqrt(sum(float(np.sum(np.square(v.numpy(), dtype="float64"))) for v in variables))
