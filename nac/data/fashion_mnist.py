"""Fashion-MNIST from local files: IDX files, or prepared by tensorflow-datasets."""

import gzip
import math
import struct
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nac.data.images import Images
from nac.data.prepared import load_prepared, prepared_files
from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError, reason
from nac.utils.files import open_regular

DEBIAN_DIRECTORY = "/usr/share/datasets/fashion-mnist"
"""Where Debian's package dataset-fashion-mnist puts the files."""

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The names of the classes, as the authors of the data set write them."""

ALTERNATIVES = "the four IDX files, which Debian's package dataset-fashion-mnist contains"

DIMENSIONS = 3
"""Most dimensions of an array: images, height and width."""

LARGEST = 2**28
"""Most bytes of an array, several times those of the 60,000 training images."""

_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def load_fashion_mnist(request: Request) -> Source:
    """Return Fashion-MNIST: 60,000 training and 10,000 test images of 28x28 gray pixels.

    Args:
        request: Its directory has the four IDX files, gzipped or not, or ``fashion_mnist`` as
            tensorflow-datasets prepares it. Without a directory, Debian's directory is tried, then
            the default of tensorflow-datasets.

    Raises:
        InputError: The data are not there, or a file has unexpected content.
    """
    directory = _directory(request)
    if find_idx(directory, _FILES["train_images"]):
        splits = *_pair(directory, "train"), *_pair(directory, "test")
        return Images(*splits, classes=10, class_names=CLASS_NAMES)
    return load_prepared("fashion_mnist", request, ALTERNATIVES)


def fashion_mnist_facts(request: Request) -> ImageFacts:
    """Return the facts about Fashion-MNIST, if its files are there.

    Raises:
        InputError: They are not.
    """
    found = [find_idx(_directory(request), name) for name in _FILES.values()]
    if found[0] is None:
        files = prepared_files("fashion_mnist", request, ALTERNATIVES)
    else:
        files = tuple(path for path in found if path)
    return ImageFacts((28, 28, 1), 10, 60000, files)


def _directory(request: Request) -> Path:
    return Path(request.data_dir or DEBIAN_DIRECTORY)


def find_idx(directory: Path, name: str) -> Path | None:
    """Return the path of an IDX file, gzipped or not, or None."""
    paths = (directory / f"{name}.gz", directory / name)
    return next((path for path in paths if path.is_file()), None)


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes.

    Raises:
        InputError: The file cannot be read, has another format, is too large, or is truncated.
    """
    unpack = gzip.open if path.suffix == ".gz" else nullcontext
    try:
        with open_regular(path) as file, unpack(file) as content:
            shape = _shape(content, path)
            size = math.prod(shape)
            data = content.read(size + 1)  # not more, as a small file may unpack to terabytes
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    if len(data) != size:
        received = "more" if len(data) > size else f"{len(data)}"
        raise InputError(f"{path}: expected {size} bytes for {shape}, received {received}")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _shape(content: BinaryIO, path: Path) -> tuple[int, ...]:
    """Return the sides of the array that an IDX file says it contains."""
    magic = content.read(4)
    if len(magic) < 4 or magic[:3] != b"\0\0\x08":
        raise InputError(f"{path}: expected an IDX file of unsigned bytes, received other content")
    dimensions = magic[3]
    if not 1 <= dimensions <= DIMENSIONS:
        raise InputError(f"{path}: expected 1 to {DIMENSIONS} dimensions, received {dimensions}")
    sides = content.read(4 * dimensions)
    if len(sides) < 4 * dimensions:
        raise InputError(f"{path}: expected {dimensions} dimensions, received a truncated file")
    shape = struct.unpack(f">{dimensions}I", sides)
    if math.prod(shape) > LARGEST:
        raise InputError(f"{path}: expected at most {LARGEST:,} bytes, received sides of {shape}")
    return shape


def _pair(directory: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    images_path, images = _read(directory, f"{split}_images")
    labels_path, labels = _read(directory, f"{split}_labels")
    if images.shape[1:] != (28, 28):
        raise InputError(f"{images_path}: expected images of 28x28 pixels, received {images.shape}")
    if labels.ndim != 1 or labels.size == 0 or labels.max() > 9:
        raise InputError(f"{labels_path}: expected labels from 0 to 9")
    if len(images) != len(labels):
        raise InputError(
            f"{labels_path}: expected a label for each of {len(images)} images,"
            f" received {len(labels)}"
        )
    return images[..., np.newaxis], labels.astype(np.int32)


def _read(directory: Path, key: str) -> tuple[Path, np.ndarray]:
    """Return the path of an IDX file without its ending, and its content."""
    path = find_idx(directory, _FILES[key])
    if path is None:
        raise InputError(f"{directory / _FILES[key]}: missing (also as .gz)")
    return directory / _FILES[key], read_idx(path)
