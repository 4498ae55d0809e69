"""A trained network that takes photos: pixels of any size in, a probability for each class out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from nac.models.layers import register
from nac.models.plain import NoPlainFormError, plain_network
from nac.utils.errors import InputError
from nac.utils.records import from_json, to_json
from nac.utils.schema import check_class_name, shown

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a gray value (ITU-R BT.601), as Pillow and TensorFlow have."""

CHANNELS = (1, 2, 3, 4)
"""Numbers of channels that pixels may have."""

KERAS, NAC = "keras", "nac"
"""Values of :attr:`Provenance.layers`."""


FACTS = ("class_names", "provenance")
"""Keys that a classifier adds to the configuration of a functional model."""


@dataclass(frozen=True)
class Provenance:
    """Where a classifier is from.

    Attributes:
        run: Name of the run directory, or of the directory of a training of its own.
        seed: Seed of the training.
        nac: Version of nac.
        dataset: Name of the data set.
        data: Fingerprint of the images and labels (see :mod:`nac.data.fingerprint`).
        image_shape: (height, width, channels) of the images that the network was trained on.
        standardized: Whether each image is brought to mean 0 and deviation 1.
        network: The network in the notation ``C/n1-n2/M``.
        split: Images that scored it, "test" or "validation".
        accuracy: Share of right answers on them.
        scored_images: Their number.
        layers: "keras" if the file consists of Keras' own layers and loads without nac, otherwise
            "nac".
    """

    run: str = ""
    seed: int = 0
    nac: str = ""
    dataset: str = ""
    data: str = ""
    image_shape: tuple[int, ...] = ()
    standardized: bool = True
    network: str = ""
    split: str = ""
    accuracy: float | None = None
    scored_images: int | None = None
    layers: str = KERAS


@register
class PhotoClassifier(keras.Model):
    """A functional Keras model from pixels to probabilities that knows its classes.

    It is a chain of four layers or five: the input ``pixels``, then ``resizing``, which brings them
    to the size and channels that the network was trained on, ``standardization`` if the training
    had one, the ``network`` itself, and ``probabilities``. :func:`make_classifier` makes it.

    Input shape:
        (batch, height, width, channels) of any height and width, uint8 or float from 0 to 255, with
        1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGB and alpha, which is ignored); or
        (batch, height, width) for gray images.

    Output shape:
        (batch, classes), float32.

    Attributes:
        class_names: Name of each class.
        provenance: Where the network is from.

    Example:
    >>> classifier = nac.models.loading.load_classifier("runs/digits/classifier.keras")
    >>> probabilities = classifier.predict(images)  # uint8, (n, height, width, 3)
    >>> [classifier.class_names[best] for best in probabilities.argmax(axis=1)]
    """

    def __init__(
        self,
        inputs: keras.KerasTensor,
        outputs: keras.KerasTensor,
        name: str | None = None,
        *,
        class_names: Sequence[str] | None = None,
        provenance: Provenance | dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, name=name, **kwargs)
        self.input_spec = None  # call() says what is wrong with a shape
        # On a GPU, XLA cannot resize with antialiasing; Keras compiles with it unless told.
        self.supports_jit = False
        if not isinstance(provenance, Provenance):
            provenance = from_json(Provenance, provenance or {}, "provenance")
        self.class_names, self.provenance = tuple(class_names or ()), provenance

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the images that the network was trained on."""
        return tuple(self.get_layer("resizing").output.shape[1:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return probabilities, (batch, classes).

        Raises:
            ValueError: The images have another shape than those above.
        """
        return super().call(_as_batch(inputs), training=training, mask=mask)

    def predict(self, x: Any, *arguments: Any, **options: Any) -> np.ndarray:
        """Return probabilities, as ``keras.Model.predict`` does."""
        # Keras compiles one function for all ranks that it has seen, so they are made equal before.
        x = _as_batch(x) if hasattr(x, "shape") else x
        return super().predict(x, *arguments, **options)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate the model."""
        facts = {"class_names": list(self.class_names), "provenance": to_json(self.provenance)}
        return {**super().get_config(), **facts}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "PhotoClassifier":
        """Return the model that a configuration describes, also one that is from a file.

        Raises:
            InputError: The names of the classes are not one text for each output.
        """
        facts = {name: config["layers"][0].get(name) for name in FACTS}
        config = {**facts, **config}
        names = config.pop("class_names")
        classifier = super().from_config(config, custom_objects)
        check_class_names(names, classifier.outputs[0].shape[-1])
        classifier.class_names = tuple(names)
        return classifier


def check_class_names(names: Any, outputs: int) -> None:
    """Check that a value is a list of one name for each output.

    Args:
        names: The value, which may come from the file of a stranger.
        outputs: Number of outputs of the network.

    Raises:
        InputError: It is not.
    """
    if not isinstance(names, list | tuple) or len(names) != outputs:
        received = len(names) if isinstance(names, list | tuple) else shown(names)
        raise InputError(
            f"class_names: expected a list of {outputs} names, as the network has so many outputs,"
            f" received {received}"
        )
    for number, name in enumerate(names):
        check_class_name(name, f"class_names[{number}]")


def _as_batch(images: Any) -> Any:
    """Return images as (batch, height, width, channels), after a check."""
    rank, channels = len(images.shape), images.shape[-1] if len(images.shape) else None
    if rank == 3 and channels not in CHANNELS:
        return images[..., None]
    if rank == 4 and channels in (None, *CHANNELS):
        return images
    raise ValueError(
        "Expected a batch of images: (batch, height, width, channels) with 1 to 4 channels, or"
        " (batch, height, width) for gray ones; a single image needs image[None]. Received:"
        f" shape={tuple(images.shape)}"
    )


def make_classifier(
    network: keras.Model,
    class_names: Sequence[str],
    standardize: bool = True,
    provenance: dict[str, Any] | None = None,
) -> PhotoClassifier:
    """Return a classifier of photos, of Keras' own layers where that is possible.

    Args:
        network: A trained network from images, prepared as in training, to logits.
        class_names: Name of each class.
        standardize: Whether it was trained on images with mean 0 and deviation 1, otherwise on
            values from 0 to 255.
        provenance: Attributes of :class:`Provenance`, but for those of the network.
    """
    shape = tuple(network.input_shape[1:])
    with _float32():
        network, layers = _inference_form(network)
        pixels = keras.Input((None, None, None), name="pixels")
        images = _resizing(shape)(pixels)
        if standardize:
            images = _standardization(shape)(images)
        probabilities = keras.layers.Softmax(name="probabilities")(network(images))
        facts = {"image_shape": shape, "standardized": standardize, "layers": layers}
        return PhotoClassifier(
            pixels,
            probabilities,
            name="classifier",
            class_names=class_names,
            provenance=Provenance(**{**(provenance or {}), **facts}),
        )


@contextmanager
def _float32() -> Iterator[None]:
    """Make layers compute in float32, whatever the network was trained in."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _inference_form(network: keras.Model) -> tuple[keras.Model, str]:
    """Return the network as it answers outside training, and whose layers it consists of."""
    try:
        return plain_network(network), KERAS
    except NoPlainFormError:
        return network, NAC


def _resizing(shape: tuple[int, int, int]) -> keras.Model:
    """Return the model that brings pixels to a size and number of channels, in whole numbers.

    This is what :func:`nac.data.preparation.resized` does with the training images. Those of a
    folder are resized by Pillow, whose pixels differ by one at most here and there.
    """
    height, width, channels = shape
    pixels = keras.Input((None, None, None), name="any_pixels")
    images = _gray(*_colors(pixels)) if channels == 1 else ops.concatenate(_colors(pixels), axis=-1)
    # Not the layer Resizing: it would put all layers behind it into training mode (Keras 3.15).
    images = ops.image.resize(images, (height, width), antialias=True)
    images = ops.clip(ops.round(images), 0.0, 255.0)
    return keras.Model(pixels, keras.layers.Reshape(shape, name="shape")(images), name="resizing")


def _colors(pixels: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Return red, green and blue, (batch, height, width, 1) each, which are equal in a gray image.

    The number of channels is only known when the model is called. With one or two channels, the
    slices of green and blue are empty, and the first channel takes their place.
    """
    first = pixels[..., :1]
    green, blue = pixels[..., 1:-1], pixels[..., 2:3]
    return [first, *(ops.concatenate([one, first], axis=-1)[..., :1] for one in (green, blue))]


def _gray(red, green, blue) -> keras.KerasTensor:
    return LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue


def _standardization(shape: tuple[int, int, int]) -> keras.Model:
    """Return the model that computes :func:`nac.data.augmentation.standardize`."""
    images = keras.Input(shape, name="images")
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    deviation = ops.std(images, axis=(1, 2, 3), keepdims=True)
    divisor = ops.maximum(deviation, 1.0 / float(np.sqrt(np.prod(shape))))
    return keras.Model(images, (images - mean) / divisor, name="standardization")
