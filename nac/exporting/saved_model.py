"""TensorFlow's SavedModel. TensorFlow is imported when it is used."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nac.exporting.formats import Format, Predict, Request
from nac.utils.records import to_json

if TYPE_CHECKING:
    import keras

LABELS, PROVENANCE = "labels.txt", "provenance.json"
"""Assets of a classifier: a class per line; where it is from."""


def write_saved_model(model: "keras.Model", path: Path) -> None:
    """Write a model, whose function ``serve`` is also its default signature."""
    model.export(str(path), format="tf_saved_model", verbose=False)


def write_classifier(request: Request, path: Path) -> None:
    """Write a classifier with its two assets."""
    import tensorflow as tf  # takes seconds

    model = request.model

    @tf.function(input_signature=[tf.TensorSpec(model.input_shape, tf.uint8, name="pixels")])
    def serve(pixels):
        return {"probabilities": model(pixels, training=False)}

    module = tf.Module(name="classifier")
    module.serve = serve
    module.weights = [variable.value for variable in model.variables]
    facts = to_json(request.classifier.provenance)
    with tempfile.TemporaryDirectory() as folder:
        labels, provenance = Path(folder) / LABELS, Path(folder) / PROVENANCE
        labels.write_text("\n".join(request.classifier.class_names) + "\n", encoding="utf-8")
        provenance.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        module.labels = tf.saved_model.Asset(str(labels))
        module.provenance = tf.saved_model.Asset(str(provenance))
        tf.saved_model.save(module, str(path), signatures={"serving_default": serve})


def load_saved_model(path: Path) -> Predict:
    """Return what a SavedModel computes."""
    import tensorflow as tf  # takes seconds

    loaded = tf.saved_model.load(str(path))  # its variables live as long as it does

    def predict(images: np.ndarray) -> np.ndarray:
        outputs = loaded.serve(tf.constant(images))
        return (outputs["probabilities"] if isinstance(outputs, dict) else outputs).numpy()

    return predict


SAVED_MODEL = Format(
    "saved_model",
    write_saved_model,
    load_saved_model,
    write_classifier=write_classifier,
    labels=f"in the assets {LABELS} and {PROVENANCE}",
    any_size=True,
)
