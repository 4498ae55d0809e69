"""TFLite files, which the LiteRT runtime runs. TensorFlow is imported when it is used."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nac.exporting.formats import FLOAT16, INT8, PRECISIONS, Format, Predict, Request
from nac.exporting.saved_model import write_saved_model
from nac.exporting.tflite_metadata import add_metadata

if TYPE_CHECKING:
    import keras

LITERT = "ai_edge_litert"
"""The package of LiteRT, the successor of TensorFlow's own interpreter."""


def write_tflite(model: "keras.Model", path: Path) -> None:
    """Write a model in float32."""
    with _converter(model) as converter:
        path.write_bytes(converter.convert())


def write_classifier(request: Request, path: Path) -> None:
    """Write a classifier with metadata.

    With float16, weights have 16 bits; values are computed in 32, unless a GPU does it. With int8,
    what can be computed in 8 bits is; the probabilities are float32 again.
    """
    import tensorflow as tf  # takes seconds

    def examples() -> Iterator[list[np.ndarray]]:
        for image in request.images:
            yield [image[np.newaxis]]

    with _converter(request.model) as converter:
        if request.precision in (FLOAT16, INT8):
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if request.precision == FLOAT16:
            converter.target_spec.supported_types = [tf.float16]
        if request.precision == INT8:
            converter.representative_dataset = examples
        content = converter.convert()
    path.write_bytes(content)
    add_metadata(path, request.classifier)


@contextmanager
def _converter(model: "keras.Model") -> Iterator[Any]:
    """Yield TensorFlow's converter of a model, which reads a SavedModel of it."""
    import tensorflow as tf  # takes seconds

    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(model, Path(folder))
        yield tf.lite.TFLiteConverter.from_saved_model(folder)


def load_tflite(path: Path) -> Predict:
    """Return what a TFLite file computes: by LiteRT, or by TensorFlow where that is missing."""
    interpreter = _interpreter(str(path))
    inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def predict(images: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(inputs["index"], images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs["index"], images)
        interpreter.invoke()
        return interpreter.get_tensor(outputs["index"])

    return predict


def _interpreter(path: str) -> Any:
    if find_spec(LITERT) is not None:
        from ai_edge_litert.interpreter import Interpreter  # part of the [export] extra

        return Interpreter(path)
    import tensorflow as tf  # takes seconds

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the command says what to install instead
        return tf.lite.Interpreter(path)


TFLITE = Format(
    "model.tflite",
    write_tflite,
    load_tflite,
    better_with=(LITERT,),
    write_classifier=write_classifier,
    labels="in its metadata, with labels.txt packed into the file",
    precisions=PRECISIONS,
)
