"""Images and labels that a Python program gives, checked and brought to one form."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nac.authoring.choices import SIDES
from nac.authoring.labels import checked_class_names, names_of
from nac.data.photo import stretched
from nac.data.rows import Rows
from nac.utils.errors import InputError

CHANNELS = (1, 3)
"""Numbers of channels of training images."""

PREDICTED_CHANNELS = (1, 2, 3, 4)
"""Numbers of channels of images to predict, of which two or four have alpha, which is ignored."""

LARGEST = SIDES[-1]
"""Side in pixels to which images of a data set are stretched if they are larger, or differ."""


@dataclass(frozen=True)
class Given:
    """Images with the name of the class of each.

    Attributes:
        images: The pixels, (images, height, width, channels) uint8.
        names: Name of the class of each image, (images,) strings.
        order: Names of all classes in the order that was asked for, empty for none.
        digest: By which the same data are known again.
    """

    images: Rows
    names: np.ndarray
    order: tuple[str, ...]
    digest: str

    @property
    def named(self) -> bool:
        """Whether the names of the classes are more than their numbers."""
        return bool(self.order) or not all(name.isdigit() for name in set(self.names.tolist()))

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their labels."""
        if self.order:
            return self.order
        return tuple(sorted(set(self.names.tolist()), key=None if self.named else int))


def from_arrays(x: Any, y: Any, class_names: Sequence[str] = (), place: str = "x") -> Given:
    """Return arrays as given images.

    Args:
        x: Pixels from 0 to 255, (images, height, width[, channels]) with 1 or 3 channels.
        y: The class of each image: names, numbers, or one-hot vectors.
        class_names: Names of the classes 0, 1, ...; without them, a number is its own name.
        place: What ``x`` is called in messages.

    Raises:
        InputError: The arrays are not images with a class each.
    """
    class_names = checked_class_names(class_names)
    pixels = _pixels(_array(x, place), place)
    place = "y" if place == "x" else place
    if y is None:
        raise InputError(f"{place}: expected the class of each image, received None")
    labels = _array(y, place)
    _check_number(labels, pixels, place)
    digest = hashlib.sha256(f"{pixels.shape} {labels.shape} {class_names}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    digest.update(str(labels.tolist()).encode())
    names = names_of(labels, class_names, place)
    return Given(pixels, names, class_names, digest.hexdigest()[:16])


def to_predict(x: Any) -> np.ndarray:
    """Return pixels from 0 to 255 as images to predict, (images, height, width, channels) uint8.

    Raises:
        InputError: They are no batch of images.
    """
    pixels = _array(x, "x")
    if pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] in PREDICTED_CHANNELS):
        raise InputError(
            "x: expected a batch of images, (n, height, width) or (n, height, width, channels),"
            f" received {pixels.shape}; if it is a single image, give x[np.newaxis]"
        )
    return _pixels(pixels, "x", PREDICTED_CHANNELS)


def from_dataset(dataset: Any, class_names: Sequence[str] = (), place: str = "dataset") -> Given:
    """Return a ``tf.data.Dataset`` as given images, which are read once.

    They are kept in a file without a name, which ends with this process.

    Args:
        dataset: Elements (image, label) as in :func:`from_arrays`, in batches or not.
        class_names: See there; by default the attribute ``class_names`` of the data set, which
            ``keras.utils.image_dataset_from_directory`` sets.
        place: What it is called in messages.

    Raises:
        InputError: It is endless, or its elements are not images with a class each.
    """
    class_names = checked_class_names(class_names)
    class_names = class_names or checked_class_names(getattr(dataset, "class_names", ()))
    digest = dataset_digest(dataset, place)
    specs = dataset.element_spec
    if not isinstance(specs, tuple) or len(specs) != 2 or specs[0].shape.rank not in (3, 4):
        raise InputError(f"{place}: expected elements (image, label), received {specs}")
    images = specs[0].shape.as_list()
    elements = dataset if specs[0].shape.rank == 4 else dataset.batch(1)
    size = None if None in images[-3:-1] or max(images[-3:-1]) > LARGEST else images[-3:-1]
    # The file has no name, so nothing is left of it, even if this process is killed.
    with tempfile.TemporaryFile() as file:
        labels, shape = [], None
        for batch, classes in elements.as_numpy_iterator():
            pixels = _resized(_pixels(batch, place), size or (LARGEST, LARGEST))
            _check_number(classes, pixels, place)
            shape = pixels.shape[1:]
            file.write(pixels.tobytes())
            labels.append(classes)
        if shape is None:
            raise InputError(f"{place}: expected images, received none")
        names = names_of(np.concatenate(labels), class_names, place)
        file.flush()
        kept = np.memmap(file, np.uint8, "r", shape=(len(names), *shape))
    return Given(kept, names, class_names, digest)


def dataset_digest(dataset: Any, place: str = "dataset") -> str:
    """Return by what a ``tf.data.Dataset`` is known again: its elements may come in any order.

    Raises:
        InputError: It is endless.
    """
    count = int(dataset.cardinality())
    if count == -1:
        raise InputError(f"{place}: expected images that end, received an endless data set")
    text = f"{dataset.element_spec} {count}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _resized(pixels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    if pixels.shape[1:3] == tuple(size):
        return pixels
    height, width = size
    return np.stack([stretched(image, (height, width)) for image in pixels])


def _array(values: Any, place: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except (ValueError, TypeError):
        raise InputError(
            f"{place}: expected an array, or a list of entries of one shape, received a"
            f" {type(values).__name__} that is no array"
        ) from None


def _check_number(labels: np.ndarray, images: np.ndarray, place: str) -> None:
    if np.ndim(labels) == 0 or len(labels) != len(images):
        received = len(labels) if np.ndim(labels) else "a single one"
        raise InputError(
            f"{place}: expected a label for each of {len(images)} images, received {received}"
        )


def _pixels(x: np.ndarray, place: str, channels: tuple[int, ...] = CHANNELS) -> np.ndarray:
    """Return pixels as (images, height, width, channels), uint8."""
    if x.ndim == 3:
        x = x[..., np.newaxis]
    if x.ndim != 4 or x.shape[-1] not in channels or not x.size:
        raise InputError(
            f"{place}: expected images of shape (n, height, width) or (n, height, width,"
            f" {' or '.join(map(str, channels))}), received {x.shape}"
        )
    if x.dtype == np.uint8:
        return x
    if x.dtype.kind not in "iuf":
        raise InputError(f"{place}: expected pixels as numbers, received {x.dtype}")
    lowest, highest = float(x.min()), float(x.max())
    if not (lowest >= 0 and highest <= 255):
        raise InputError(
            f"{place}: expected pixels from 0 to 255, received {lowest:g} to {highest:g}"
        )
    if x.dtype.kind == "f" and 0 < highest <= 1:
        raise InputError(
            f"{place}: expected pixels from 0 to 255, received {lowest:g} to {highest:g};"
            f" give 255 * {place}"
        )
    return np.round(x).astype(np.uint8)
