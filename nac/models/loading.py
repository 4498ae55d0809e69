"""Saved networks, with one-line errors for files that are not what they should be."""

import os
from pathlib import Path

import keras

from nac.models.classifier import PhotoClassifier
from nac.utils.errors import InputError
from nac.utils.text import listed


def load_network(path: str | os.PathLike) -> keras.Model:
    """Read a network that maps images to logits from a ``.keras`` file.

    Args:
        path: Path of the file, such as ``runs/digits/model.keras``.

    Raises:
        InputError: There is no such file, or it is not a Keras model from images to logits.
    """
    model = _load(path, "a saved Keras model (model.keras)")
    if isinstance(model, PhotoClassifier):
        raise InputError(
            f"{path}: expected a network with images in and logits out (model.keras), received a"
            " classifier with pixels in and probabilities out"
        )
    if not _maps_images_to_logits(model):
        raise InputError(f"{path}: expected a network with images in and logits out")
    return model


def load_classifier(path: str | os.PathLike) -> PhotoClassifier:
    """Read a classifier of photos from a ``.keras`` file.

    Args:
        path: Path of the file, such as ``runs/digits/classifier.keras``.

    Raises:
        InputError: There is no such file, or it is not a classifier that nac wrote.
    """
    model = _load(path, "a classifier (classifier.keras)")
    if not isinstance(model, PhotoClassifier):
        raise InputError(
            f"{path}: expected a classifier with pixels in and probabilities out"
            " (classifier.keras), received another Keras model"
        )
    return model


def load_either(path: str | os.PathLike) -> keras.Model:
    """Read a classifier as :func:`load_classifier`, or a network as :func:`load_network`."""
    model = _load(path, "a saved Keras model (classifier.keras or model.keras)")
    if isinstance(model, PhotoClassifier) or _maps_images_to_logits(model):
        return model
    raise InputError(f"{path}: expected a network with images in and logits out, or a classifier")


def _load(path: str | os.PathLike, expected: str) -> keras.Model:
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; expected {expected}")
    if Path(path).suffix != ".keras":
        raise InputError(f"{path}: expected a Keras model, a file named *.keras")
    try:
        model = keras.models.load_model(path, compile=False)
    except InputError as error:  # of a classifier, whose names and provenance are checked
        raise InputError(f"{path}: {error}") from None
    except Exception as error:  # Keras raises many kinds; each means the same to the user
        raise InputError(
            f"{path}: expected a Keras model that this version can read ({_first_line(error)})"
        ) from None
    if isinstance(model, PhotoClassifier) and not _maps_pixels_to_probabilities(model):
        raise InputError(
            f"{path}: expected a classifier with the layers that nac gives it, received one with"
            f" others ({listed([layer.name for layer in model.layers])})"
        )
    return model


def _maps_pixels_to_probabilities(model: PhotoClassifier) -> bool:
    """Whether pixels are brought to a known shape, and there is one output (batch, n)."""
    shapes = [layer.output.shape for layer in model.layers if layer.name == "resizing"]
    outputs = [output.shape for output in model.outputs]
    if [*map(len, shapes)] != [4] or [*map(len, outputs)] != [2]:
        return False
    return None not in (*shapes[0][1:], outputs[0][1])


def check_fits(model: keras.Model, source: str, shape: tuple[int, ...], classes: int) -> None:
    """Check that a network is for images of this shape and for this number of classes.

    Args:
        model: The network.
        source: Its file, the beginning of the message.
        shape: (height, width, channels) of the images.
        classes: Number of classes of the data set.

    Raises:
        InputError: It is not.
    """
    for name, expected, received in (
        ("images", shape, tuple(model.input_shape[1:])),
        ("classes", (classes,), tuple(model.output_shape[1:])),
    ):
        if expected != received:
            raise InputError(
                f"{source}: {name}: expected a network for {_sides(expected)}, as the data set"
                f" has, received one for {_sides(received)}"
            )


def _maps_images_to_logits(model: keras.Model) -> bool:
    """Whether there is one input (batch, height, width, channels) and one output (batch, n)."""
    shapes = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if not all(isinstance(shape, tuple) for shape in shapes):
        return False
    return [len(shape) for shape in shapes] == [4, 2] and None not in (
        *shapes[0][1:],
        *shapes[1][1:],
    )


def _sides(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:200]}"
