"""The table of data sets: name -> facts and loader.

A new data set is a function that returns :class:`Images` and a row in :data:`DATASETS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.data.fashion_mnist import load_fashion_mnist
from nac.data.splits import Images
from nac.errors import InputError
from nac.schema import nearest

DIGITS_FILE = Path(__file__).with_name("digits.npz")


@dataclass(frozen=True)
class DatasetFacts:
    """What is known of a data set before it is read.

    Attributes:
        image_shape: (height, width, channels).
        classes: number of classes.
        load: function of a directory (or None) that reads the images; None where this version
            knows the data set's facts but cannot read it.
    """

    image_shape: tuple[int, int, int]
    classes: int
    load: Callable[[str | None], Images] | None = None


def load_digits(data_dir: str | None) -> Images:
    """Return the embedded handwritten digits, 8x8 pixels, 1442 to train and 355 to test.

    They are the test part of UCI's "Optical Recognition of Handwritten Digits" (E. Alpaydin,
    C. Kaynak, CC BY 4.0), as scikit-learn's ``load_digits`` gives them; tools/make_digits.py
    wrote the file. Of each class every fifth image, in order, is a test image.

    Args:
        data_dir: must be None; the data are part of the package.
    """
    if data_dir is not None:
        raise InputError(f"data_dir: 'digits' is built in and has none, received {data_dir!r}")
    with np.load(DIGITS_FILE) as file:
        images, labels = file["images"], file["labels"].astype(np.int32)
    pixels = np.round(images * (255.0 / 16.0)).astype(np.uint8)[..., np.newaxis]
    held_out = np.zeros(len(labels), bool)
    for digit in range(10):
        held_out[np.flatnonzero(labels == digit)[4::5]] = True
    return Images(
        pixels[~held_out], labels[~held_out], pixels[held_out], labels[held_out], classes=10
    )


DATASETS: dict[str, DatasetFacts] = {
    "digits": DatasetFacts((8, 8, 1), 10, load_digits),
    "fashion_mnist": DatasetFacts((28, 28, 1), 10, load_fashion_mnist),
    "cifar10": DatasetFacts((32, 32, 3), 10),
}
"""Name of a data set -> its facts and loader."""


def check_readable(name: str) -> None:
    """Raise InputError unless a data set of that name can be read."""
    readable = [key for key, facts in DATASETS.items() if facts.load]
    if name not in readable:
        raise InputError(
            f"parameters.dataset: expected one of {', '.join(readable)},"
            f" received {name!r}{nearest(name, readable)}"
        )


def load_dataset(name: str, data_dir: str | None = None) -> Images:
    """Read a data set.

    Args:
        name: a key of :data:`DATASETS` that has a loader.
        data_dir: directory with its files; None for the data set's own default.

    Raises:
        InputError: an unknown name, or files that are missing or not what they should be.
    """
    check_readable(name)
    return DATASETS[name].load(data_dir)
