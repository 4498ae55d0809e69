"""Small networks, and shorthands for inspecting a model."""

from typing import Any

import keras
import numpy as np

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture
from tests.builders import network, stem


def classifier(classes: int = 3, inputs: int = 4) -> dict[str, Any]:
    """Return a ``classification_cell``: mean over the pixels, then a dense layer."""
    return {
        "Layer0": {"Branch0": {"block": "reduce_mean"}},
        "Layer1": {"Branch0": {"block": "fc-final", "inputs": inputs, "outputs": classes}},
    }


def small_json(*layers: Any, channels: int = 4, **cells: Any) -> dict[str, Any]:
    """Return the JSON form of a network with a 3x3 stem and three classes."""
    fixed = {"init_cell": stem(channels), "classification_cell": classifier()}
    return network(*layers, **{**fixed, **cells})


def small(*layers: Any, channels: int = 4, **cells: Any) -> Architecture:
    """Return the architecture of :func:`small_json`."""
    return architecture_from_dict(small_json(*layers, channels=channels, **cells))


def paths(model: keras.Model, word: str = "") -> list[str]:
    """Return the paths of a model's variables that contain a word."""
    return [variable.path for variable in model.variables if word in variable.path]


def random_images(*shape: int, seed: int = 0) -> np.ndarray:
    """Return float32 numbers around 0."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def number(value: Any) -> float:
    """Return the only number of a tensor, whatever its shape."""
    return np.asarray(value).item()


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Set each variable of ``target`` to that of ``source`` with the same path."""
    values = {variable.path: variable.numpy() for variable in source.variables}
    for variable in target.variables:
        variable.assign(values[variable.path])
