"""What a trained network says of its branches and skip connections."""

from typing import Any

import keras

from nac.architecture import Architecture
from nac.construction.statistics import branch_key, gate_key
from nac.names import layer_name


def read_statistics(architecture: Architecture, model: keras.Model) -> dict[str, Any]:
    """Return ``featuremaps`` and ``gates`` in the form of ``statistics.json``.

    Args:
        architecture: what the model was built from.
        model: the network; without instrumentation there are no featuremaps.
    """
    featuremaps, gates = {}, {}
    for index, layer in architecture.branch_layers():
        cell = model.get_layer(layer_name(index))
        for (name, _), branch in zip(layer.branches, cell.branches, strict=True):
            if branch.metric is not None:
                featuremaps[branch_key(index, name)] = branch.metric.result()
        if cell.skip is not None:
            for source, gate in zip(cell.skip.sources, cell.skip.gates, strict=True):
                gates[gate_key(source, index)] = float(gate.numpy())
    return {"featuremaps": featuremaps, "gates": gates}
