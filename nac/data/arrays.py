"""Images that a Python program gave: ``arrays:DIRECTORY`` with NumPy files of pixels and labels.

The directory has ``SPLIT_images.npy``, (images, height, width, channels) uint8, and
``SPLIT_labels.npy``, (images,) int32, for the splits train and test, and ``about.json``, which is
written last. Nothing in it is a pickle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.config.splits import TEST
from nac.data.images import Images
from nac.data.rows import mapped
from nac.data.source import TRAIN, ImageFacts, Request
from nac.utils.errors import InputError, reason
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json

ABOUT = "about.json"
SPLITS = (TRAIN, TEST)


@dataclass(frozen=True)
class About:
    """What is in a directory of arrays.

    Attributes:
        class_names: Names of the classes, in the order of the labels.
        image_shape: (height, width, channels) of an image.
        train_examples: Number of training images.
        test_examples: Number of test images.
        given: Digest of what the program gave, by which the same data are known again.
    """

    VERSION = 1

    class_names: tuple[str, ...]
    image_shape: tuple[int, ...]
    train_examples: int
    test_examples: int
    given: str


def images_file(directory: Path, split: str) -> Path:
    """Return the path of the pixels of a split."""
    return directory / f"{split}_images.npy"


def labels_file(directory: Path, split: str) -> Path:
    """Return the path of the labels of a split."""
    return directory / f"{split}_labels.npy"


def about(directory: Path) -> About | None:
    """Return what is in a directory of arrays, None if it is not complete.

    Raises:
        InputError: Its description is damaged.
    """
    path = directory / ABOUT
    return from_json(About, read_json(path), str(path)) if path.is_file() else None


def write_about(
    directory: Path, class_names: Sequence[str], shape: tuple[int, ...], counts: tuple[int, int],
    given: str,
) -> None:  # fmt: skip
    """Write the description of a directory of arrays, which is complete by this.

    Args:
        directory: The directory.
        class_names: Names of the classes.
        shape: (height, width, channels) of an image.
        counts: Number of training images and of test images.
        given: See :class:`About`.
    """
    write_json(directory / ABOUT, to_json(About(tuple(class_names), shape, *counts, given)))


def arrays_facts(request: Request) -> ImageFacts:
    """Return the facts about a directory of arrays.

    Raises:
        InputError: It is not there, or not complete.
    """
    found = _needed(Path(request.argument))
    height, width, channels = found.image_shape
    directory = Path(request.argument)
    files = [name(directory, split) for name in (images_file, labels_file) for split in SPLITS]
    shape = height, width, channels
    return ImageFacts(shape, len(found.class_names), found.train_examples, tuple(files))


def load_arrays(request: Request) -> Images:
    """Return the images of a directory of arrays, which are mapped into memory.

    Raises:
        InputError: The directory is not complete, or a file has another content than it should.
    """
    request.need_no_directory("already says where the images are")
    directory = Path(request.argument)
    found = _needed(directory)
    splits = [
        _load(directory, split, (count, *found.image_shape))
        for split, count in ((TRAIN, found.train_examples), (TEST, found.test_examples))
    ]
    (train, train_labels), (test, test_labels) = splits
    return Images(
        train,
        train_labels,
        test,
        test_labels,
        len(found.class_names),
        request.image_size,
        class_names=found.class_names,
    )


def _needed(directory: Path) -> About:
    found = about(directory)
    if found is None:
        raise InputError(f"{directory / ABOUT}: no such file; expected arrays of nac.Constructor")
    return found


def _load(directory: Path, split: str, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    images = _array(images_file(directory, split), shape, np.uint8)
    return images, np.array(_array(labels_file(directory, split), shape[:1], np.int32))


def _array(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    try:
        array = mapped(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    if array.shape != shape or array.dtype != dtype:
        raise InputError(
            f"{path}: expected {np.dtype(dtype)} of shape {shape},"
            f" received {array.dtype} of shape {array.shape}"
        )
    return array
