"""Shorthands for architectures, policies and measurements in tests."""

from collections.abc import Callable
from typing import Any

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture
from nac.config import EnvelopeNet
from nac.construction.statistics import Statistics
from nac.utils.errors import InputError

WIDENER: dict[str, Any] = {"widener": {}}

CLASSIFIER: dict[str, Any] = {
    "Layer0": {"Branch0": {"block": "reduce_mean"}},
    "Layer1": {"Branch0": {"block": "fc-final", "inputs": 8, "outputs": 10}},
}


def stem(*channels: int) -> dict[str, Any]:
    """Return an ``init_cell`` of one layer with a 3x3 convolution per number of channels."""
    return {
        "Layer0": {
            f"Branch{number}": {"block": "conv2d", "kernel_size": [3, 3], "outputs": outputs}
            for number, outputs in enumerate(channels)
        }
    }


def layer(*blocks: str, outputs: int = 8, **inputs: Any) -> dict[str, Any]:
    """Return a layer with branches Branch1, Branch2, ... of the given blocks."""
    filters = {f"Branch{number}": block for number, block in enumerate(blocks, start=1)}
    return {"filters": filters, **inputs, "outputs": outputs}


def network(*layers: Any, **more: Any) -> dict[str, Any]:
    """Return the JSON form of an architecture."""
    return {"type": "macro", "network": list(layers), **more}


def architecture(*layers: Any, channels: int = 8) -> Architecture:
    """Return an architecture whose stem has the given channels."""
    return architecture_from_dict(network(*layers, init_cell=stem(channels)))


def policy(*layers_per_stage: int, **changes: Any) -> EnvelopeNet:
    """Return a policy in which every stage grows up to 9 layers; envelope cell 1x1 and 3x3."""
    stages = len(layers_per_stage)
    values = {
        "layers_per_stage": layers_per_stage,
        "max_layers_per_stage": (9,) * stages,
        "construction": (True,) * stages,
        "parameter_limits": (False,) * stages,
        "max_filter_prune": 6,
        "envelopecell": (("Branch1", "1x1"), ("Branch2", "3x3")),
    }
    return EnvelopeNet(**{**values, **changes})


def measured(
    of: Architecture,
    metrics: dict[tuple[int, str], float] | None = None,
    gates: dict[tuple[int, int], float] | None = None,
    parameters: float | None = None,
) -> Statistics:
    """Return statistics of an architecture: 1.0 wherever no other value is given.

    Args:
        of: The architecture.
        metrics: Strengths of some branches.
        gates: Gates of some skip connections.
        parameters: Number of parameters of each branch; None means that they are not known.
    """
    return Statistics(
        dict.fromkeys(of.branches(), 1.0) | (metrics or {}),
        dict.fromkeys(of.skip_connections(), 1.0) | (gates or {}),
        parameters=dict.fromkeys(of.branches(), parameters) if parameters is not None else {},
    )


def input_error(call: Callable[..., Any], *arguments: Any) -> str:
    """Return the one line of the InputError that a call raises."""
    with pytest.raises(InputError) as caught:
        call(*arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


def assert_says(text: str, *parts: str) -> None:
    """Assert that a message contains all of the parts."""
    missing = [part for part in parts if part not in text]
    assert not missing, f"{text!r} does not say {missing}"
