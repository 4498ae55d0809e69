"""Export with a check: a file with other answers than the model's never appears."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.exporting.formats import Format, Predict
from nac.utils.errors import NacError

IMAGES = 8
"""Random images on which model and file are compared."""


def export_checked(
    model: keras.Model,
    form: Format,
    output: Path,
    tolerance: float,
    images: np.ndarray | None = None,
    write: Callable[[Path], None] | None = None,
) -> float:
    """Write a model to a temporary file, check it, then rename it.

    Args:
        model: Images to logits, or pixels to probabilities.
        form: Format of the file.
        output: Path of the new file or folder.
        tolerance: Largest difference of an output, as a share of the largest output.
        images: Images on which both are compared; by default normal noise.
        write: Writes the model to a path; by default the format does.

    Returns:
        The largest absolute difference of an output.

    Raises:
        NacError: The file answers something else, or the model answers with NaN.
    """
    folders = tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.")
    with folders as folder, _whole_float32():
        if images is None:
            images = random_images(model.input_shape[1:], seed=0)
        expected = np.asarray(model(images, training=False))  # first: Keras exports what was called
        if not np.isfinite(expected).all():
            raise NacError(
                f"{output}: not written: expected a model whose outputs are finite, received NaN or"
                " infinite ones; its weights are damaged, or its training diverged"
            )
        path = Path(folder) / form.file_name
        if write is None:
            form.write(model, path)
        else:
            write(path)
        difference = largest_difference(form.load(path), images, expected)
        limit = tolerance * float(np.abs(expected).max())
        if not difference <= limit:  # so written, a NaN fails too
            raise NacError(
                f"{output}: not written: expected the outputs of the Keras model within"
                f" {limit:.1e}, received a difference of {difference:.1e} (--tolerance)"
            )
        os.replace(path, output)
    return difference


@contextmanager
def _whole_float32() -> Iterator[None]:
    """Compute with all bits of float32; by default, GPUs round the factors of products to TF32."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def random_images(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return standard normal images, (images, height, width, channels), float32."""
    return np.random.default_rng(seed).normal(size=(IMAGES, *shape)).astype(np.float32)


def random_pixels(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return images of even noise, (images, height, width, channels), uint8."""
    return np.random.default_rng(seed).integers(0, 256, (IMAGES, *shape), np.uint8)


def largest_difference(predict: Predict, images: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference between received and expected outputs."""
    received = predict(images)
    if received.shape != expected.shape:
        raise NacError(f"expected outputs of shape {expected.shape}, received {received.shape}")
    return float(np.abs(received - expected).max())
