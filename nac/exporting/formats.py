"""The formats that ``nac.export`` writes. Importing this needs neither TensorFlow nor Keras.

A network is exported as it answers outside training: without dropout, and nothing is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nac.utils.registry import Registry

if TYPE_CHECKING:
    import keras

    from nac.models.classifier import PhotoClassifier

FLOAT32, FLOAT16, INT8 = PRECISIONS = ("float32", "float16", "int8")
"""Types of the weights; with int8, convolutions are computed in 8 bits, too."""

Predict = Callable[[np.ndarray], np.ndarray]
"""Images, (batch, height, width, channels), to the model's outputs, (batch, classes)."""


@dataclass(frozen=True)
class Request:
    """A classifier to write.

    Attributes:
        classifier: The classifier, with the names of the classes and its provenance.
        model: What the file is to compute: pixels, uint8, to probabilities.
        precision: One of :data:`PRECISIONS` that the format offers.
        images: Training images, uint8, by which the range of each value is found; None if the
            precision does not need them.
    """

    classifier: "PhotoClassifier"
    model: "keras.Model"
    precision: str = FLOAT32
    images: np.ndarray | None = None


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        file_name: Name of the new file or folder while it is written; some writers look at its
            ending.
        write: Writes a model to a path, in float32.
        load: Returns what the file at a path computes, so that it can be checked.
        packages: Packages that both need beside those of nac.
        better_with: Packages that are not needed, but should be there.
        write_classifier: Writes a classifier, with the names of its classes, to a path. None if the
            format has no place for names; then ``write`` writes the model.
        labels: Where the names of the classes are, a part of a sentence for the user.
        precisions: What ``write_classifier`` offers.
        any_size: Whether a classifier may take images of any size; otherwise they have the size
            that it was trained on.
    """

    file_name: str
    write: "Callable[[keras.Model, Path], None]"
    load: Callable[[Path], Predict]
    packages: tuple[str, ...] = ()
    better_with: tuple[str, ...] = ()
    write_classifier: "Callable[[Request, Path], None] | None" = None
    labels: str = ""
    precisions: tuple[str, ...] = (FLOAT32,)
    any_size: bool = False


FORMATS: Registry[Format] = Registry(
    "export format",
    {
        "saved_model": "nac.exporting.saved_model:SAVED_MODEL",
        "tflite": "nac.exporting.tflite:TFLITE",
        "onnx": "nac.exporting.onnx_file:ONNX",
    },
)
"""Name of a format -> how it is written and loaded."""
