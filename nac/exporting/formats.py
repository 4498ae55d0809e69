"""The table of formats: name -> how a network is written, and how the file is run.

A network is exported as it answers outside training: dropout off, nothing counted.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

Predict = Callable[[np.ndarray], np.ndarray]
"""Images, (batch, height, width, channels), to logits, (batch, classes)."""


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        keras_name: what ``keras.Model.export`` calls it.
        file_name: name by which Keras writes it.
        load: function of a path that returns what the file computes.
    """

    keras_name: str
    file_name: str
    load: Callable[[Path], Predict]

    def write(self, model: keras.Model, directory: Path) -> Path:
        """Write a network into a directory and return the path of the new file or folder."""
        path = directory / self.file_name
        model.export(str(path), format=self.keras_name, verbose=False)
        return path


def load_saved_model(path: Path) -> Predict:
    """Return what a SavedModel computes."""
    loaded = tf.saved_model.load(str(path))
    return lambda images: loaded.serve(tf.constant(images)).numpy()


def load_tflite(path: Path) -> Predict:
    """Return what a TFLite file computes."""
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
    import onnxruntime  # part of an extra

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})[0]


FORMATS = {
    "saved_model": Format("tf_saved_model", "saved_model", load_saved_model),
    "tflite": Format("litert", "model.tflite", load_tflite),
    "onnx": Format("onnx", "model.onnx", load_onnx),
}
"""Name of a format -> how it is written and run."""
