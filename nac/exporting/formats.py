"""The formats that ``nac.export`` writes. Importing this needs neither TensorFlow nor Keras.

A network is exported as it answers outside training: without dropout, and nothing is counted.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nac.utils.registry import Registry

if TYPE_CHECKING:
    import keras

Predict = Callable[[np.ndarray], np.ndarray]
"""Images, (batch, height, width, channels), to logits, (batch, classes)."""


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        file_name: Name of the new file or folder while it is written; some writers look at its
            ending.
        write: Writes a network to a path.
        load: Returns what the file at a path computes, so that it can be checked.
        packages: Packages that both need beside those of nac.
    """

    file_name: str
    write: "Callable[[keras.Model, Path], None]"
    load: Callable[[Path], Predict]
    packages: tuple[str, ...] = ()


def _exported_by_keras(name: str) -> "Callable[[keras.Model, Path], None]":
    """Return a function that writes what ``keras.Model.export`` calls by this name."""

    def write(model: "keras.Model", path: Path) -> None:
        model.export(str(path), format=name, verbose=False)

    return write


def load_saved_model(path: Path) -> Predict:
    """Return what a SavedModel computes."""
    import tensorflow as tf  # takes seconds

    loaded = tf.saved_model.load(str(path))
    return lambda images: loaded.serve(tf.constant(images)).numpy()


def load_tflite(path: Path) -> Predict:
    """Return what a TFLite file computes."""
    import tensorflow as tf  # takes seconds

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow advertises the interpreter's successor
        interpreter = tf.lite.Interpreter(str(path))
    inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def predict(images: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(inputs["index"], images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs["index"], images)
        interpreter.invoke()
        return interpreter.get_tensor(outputs["index"])

    return predict


def load_onnx(path: Path) -> Predict:
    """Return what an ONNX file computes, on the CPU."""
    import onnxruntime  # part of the [export] extra

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})[0]


FORMATS: Registry[Format] = Registry(
    "export format",
    {
        "saved_model": Format(
            "saved_model", _exported_by_keras("tf_saved_model"), load_saved_model
        ),
        "tflite": Format("model.tflite", _exported_by_keras("litert"), load_tflite),
        "onnx": Format(
            "model.onnx",
            _exported_by_keras("onnx"),
            load_onnx,
            packages=("onnx", "onnxruntime", "tf2onnx"),
        ),
    },
)
"""Name of a format -> how it is written and loaded."""
