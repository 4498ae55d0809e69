"""Images and labels that a Python program gives, checked and brought to one form."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nac.authoring.choices import SIDES
from nac.data.photo import stretched
from nac.data.rows import Rows
from nac.utils.errors import InputError

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
    pixels = _pixels(np.asarray(x), place)
    labels = np.asarray(y)
    if len(labels) != len(pixels):
        raise InputError(
            f"{place}: expected a label for each of {len(pixels)} images, received {len(labels)}"
        )
    digest = hashlib.sha256(f"{pixels.shape} {labels.shape} {class_names}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    digest.update(str(labels.tolist()).encode())
    names = _names(labels, class_names, place)
    return Given(pixels, names, tuple(class_names), digest.hexdigest()[:16])


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
    class_names = tuple(class_names or getattr(dataset, "class_names", ()))
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
            shape = pixels.shape[1:]
            file.write(pixels.tobytes())
            labels.append(classes)
        if shape is None:
            raise InputError(f"{place}: expected images, received none")
        names = _names(np.concatenate(labels), class_names, place)
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


def _pixels(x: np.ndarray, place: str) -> np.ndarray:
    """Return pixels as (images, height, width, 1 or 3), uint8."""
    if x.ndim == 3:
        x = x[..., np.newaxis]
    if x.ndim != 4 or x.shape[-1] not in (1, 3) or not x.size:
        raise InputError(
            f"{place}: expected images of shape (n, height, width) or (n, height, width, 1 or 3),"
            f" received {x.shape}"
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
    if x.dtype.kind == "f" and highest <= 1:
        raise InputError(
            f"{place}: expected pixels from 0 to 255, received {lowest:g} to {highest:g};"
            f" give 255 * {place}"
        )
    return np.round(x).astype(np.uint8)


def _names(labels: np.ndarray, class_names: Sequence[str], place: str) -> np.ndarray:
    """Return the name of the class of each image."""
    if labels.ndim == 2 and labels.shape[1] > 1:  # one-hot
        labels = labels.argmax(axis=1)
    elif labels.ndim == 2:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iufbUSO":
        raise InputError(
            f"{place}: expected a class for each image, received labels of shape {labels.shape}"
        )
    if labels.dtype.kind in "USO":
        return np.array([_text(label) for label in labels.tolist()], object)
    numbers = labels.astype(int)
    if (numbers != labels).any() or numbers.min() < 0:
        raise InputError(f"{place}: expected classes as names or numbers >= 0, received {labels}")
    if not class_names:
        return np.array([str(number) for number in numbers.tolist()], object)
    if numbers.max() >= len(class_names):
        raise InputError(
            f"{place}: expected classes from 0 to {len(class_names) - 1}, as there are"
            f" {len(class_names)} class_names, received {numbers.max()}"
        )
    return np.array(class_names, object)[numbers]


def _text(label: Any) -> str:
    return os.fsdecode(label) if isinstance(label, bytes) else str(label)
