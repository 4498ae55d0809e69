"""Fashion-MNIST from local IDX files, or as tensorflow-datasets prepared it. Never a download."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from nac.data.prepared import load_prepared
from nac.data.request import Request
from nac.data.splits import Images, Source
from nac.utils.errors import InputError

DEBIAN_DIRECTORY = "/usr/share/datasets/fashion-mnist"
"""Where Debian's package dataset-fashion-mnist puts the files."""

_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def load_fashion_mnist(request: Request) -> Source:
    """Return Fashion-MNIST: 60,000 training and 10,000 test images of 28x28 gray pixels.

    Args:
        request: its directory has the four IDX files, gzipped or not, or ``fashion_mnist`` as
            tensorflow-datasets prepared it; None is Debian's directory and then
            tensorflow-datasets' own default.

    Raises:
        InputError: the data are not there, or a file is not what it should be.
    """
    directory = Path(request.data_dir or DEBIAN_DIRECTORY)
    if find_idx(directory, _FILES["train_images"]):
        train_images, train_labels = _pair(directory, "train")
        test_images, test_labels = _pair(directory, "test")
        return Images(train_images, train_labels, test_images, test_labels, classes=10)
    also = "the four IDX files, which Debian's package dataset-fashion-mnist has"
    return load_prepared("fashion_mnist", request, also)


def find_idx(directory: Path, name: str) -> Path | None:
    """Return the path of an IDX file, gzipped or not, or None."""
    paths = (directory / f"{name}.gz", directory / name)
    return next((path for path in paths if path.is_file()), None)


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes.

    Raises:
        InputError: unreadable, not of that format, or cut short.
    """
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise InputError(f"{path}: expected an IDX file of unsigned bytes, received other content")
    dimensions = data[3]
    header = 4 + 4 * dimensions
    if len(data) < header:
        raise InputError(f"{path}: expected a header of {header} bytes, received {len(data)}")
    shape = tuple(int(side) for side in np.frombuffer(data[4:header], ">u4"))
    expected = header + int(np.prod(shape, dtype=np.int64))
    if len(data) != expected:
        raise InputError(f"{path}: expected {expected} bytes for {shape}, received {len(data)}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _required(directory: Path, key: str) -> np.ndarray:
    path = find_idx(directory, _FILES[key])
    if path is None:
        raise InputError(f"{directory / _FILES[key]}: missing (also as .gz)")
    return read_idx(path)


def _pair(directory: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    images = _images(directory, f"{split}_images")
    labels = _labels(directory, f"{split}_labels")
    if len(images) != len(labels):
        raise InputError(
            f"{directory / _FILES[f'{split}_labels']}: expected a label for each of"
            f" {len(images)} images, received {len(labels)}"
        )
    return images, labels


def _images(directory: Path, key: str) -> np.ndarray:
    images = _required(directory, key)
    if images.shape[1:] != (28, 28):
        raise InputError(
            f"{directory / _FILES[key]}: expected images of 28x28 pixels, received {images.shape}"
        )
    return images[..., np.newaxis]


def _labels(directory: Path, key: str) -> np.ndarray:
    labels = _required(directory, key)
    if labels.ndim != 1 or labels.size == 0 or labels.max() > 9:
        raise InputError(f"{directory / _FILES[key]}: expected labels from 0 to 9")
    return labels.astype(np.int32)
