"""Export with a check: a file with other predictions than the network's never appears."""

import os
import tempfile
from pathlib import Path

import keras
import numpy as np

from nac.exporting.formats import Format, Predict
from nac.utils.errors import NacError

IMAGES = 8
"""Random images on which network and file are compared."""


def export_checked(
    model: keras.Model, form: Format, output: Path, tolerance: float, seed: int = 0
) -> float:
    """Write a network to a temporary file, check it, then rename it.

    Args:
        model: Images to logits.
        form: Format of the file.
        output: Path of the new file or folder.
        tolerance: Largest difference of a logit, as a share of the largest logit.
        seed: Seed of the random images on which both are compared.

    Returns:
        The largest absolute difference of a logit.

    Raises:
        NacError: The file predicts something else.
    """
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as folder:
        images = random_images(model.input_shape[1:], seed)
        expected = model(images, training=False).numpy()  # first: Keras exports what was called
        path = Path(folder) / form.file_name
        form.write(model, path)
        difference = largest_difference(form.load(path), images, expected)
        limit = tolerance * float(np.abs(expected).max())
        if not difference <= limit:  # so written, a NaN fails too
            raise NacError(
                f"{output}: not written: expected the logits of the Keras model within"
                f" {limit:.1e}, received a difference of {difference:.1e} (--tolerance)"
            )
        os.replace(path, output)
    return difference


def random_images(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return standard normal images, (images, height, width, channels), float32."""
    return np.random.default_rng(seed).normal(size=(IMAGES, *shape)).astype(np.float32)


def largest_difference(predict: Predict, images: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference between predicted and expected logits."""
    received = predict(images)
    if received.shape != expected.shape:
        raise NacError(f"expected logits of shape {expected.shape}, received {received.shape}")
    return float(np.abs(received - expected).max())
