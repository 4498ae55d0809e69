"""The table of data sets: name -> facts and loader.

A new data set is a function from :class:`Request` to :class:`Source` and a row in :data:`DATASETS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.config.values import Parameters
from nac.data.cifar import load_cifar10, load_cifar100
from nac.data.fashion_mnist import load_fashion_mnist
from nac.data.folder import load_folder
from nac.data.imagenet import load_imagenet
from nac.data.prepared import load_tfds
from nac.data.request import Request
from nac.data.splits import Images, Source, held_out, hold_out
from nac.utils.errors import InputError
from nac.utils.schema import nearest

DIGITS_FILE = Path(__file__).with_name("digits.npz")


@dataclass(frozen=True)
class DatasetFacts:
    """What is known of a data set before it is read.

    Attributes:
        load: reads the data set.
        image_shape: (height, width, channels); None where the data say it.
        classes: number of classes; None where the data say it.
        resized: whether images are brought to ``image_size`` if it is given.
        prepared_from: the data set of tensorflow-datasets that ``nac.prepare_data`` prepares.
    """

    load: Callable[[Request], Source]
    image_shape: tuple[int, int, int] | None = None
    classes: int | None = None
    prepared_from: str | None = None
    resized: bool = False

    def shape(self, image_size: int | None) -> tuple[int, int, int] | None:
        """Return the shape of images with ``parameters.image_size``, None if the data say it."""
        if self.resized and image_size is not None:
            return image_size, image_size, self.image_shape[-1]
        return self.image_shape


def load_digits(request: Request) -> Images:
    """Return the embedded handwritten digits, 8x8 pixels, 1442 to train and 355 to test.

    They are the test part of UCI's "Optical Recognition of Handwritten Digits" (E. Alpaydin,
    C. Kaynak, CC BY 4.0), as scikit-learn's ``load_digits`` gives them; tools/make_digits.py
    wrote the file. Of each class every fifth image, in order, is a test image.

    Args:
        request: its data_dir must be None; the data are part of the package.
    """
    if request.data_dir is not None:
        raise InputError(
            f"data_dir: 'digits' is built in and has none, received {request.data_dir!r}"
        )
    with np.load(DIGITS_FILE) as file:
        images, labels = file["images"], file["labels"].astype(np.int32)
    pixels = np.round(images * (255.0 / 16.0)).astype(np.uint8)[..., np.newaxis]
    test = held_out(labels)
    return Images(pixels[~test], labels[~test], pixels[test], labels[test], classes=10)


DATASETS: dict[str, DatasetFacts] = {
    "digits": DatasetFacts(load_digits, (8, 8, 1), 10),
    "fashion_mnist": DatasetFacts(load_fashion_mnist, (28, 28, 1), 10, "fashion_mnist"),
    "cifar10": DatasetFacts(load_cifar10, (32, 32, 3), 10, "cifar10"),
    "cifar100": DatasetFacts(load_cifar100, (32, 32, 3), 100, "cifar100"),
    "imagenet2012": DatasetFacts(load_imagenet, (224, 224, 3), 1000, "imagenet2012", True),
    # AMLA's ImageNet: class 0 is background, of which there is no image.
    "imagenet": DatasetFacts(load_imagenet, (224, 224, 3), 1001, "imagenet2012", True),
    "tfds:": DatasetFacts(load_tfds),
    "folder:": DatasetFacts(load_folder),
}
"""Name of a data set -> its facts and loader; a name with a colon is the prefix of many names."""


def resolve(name: str) -> tuple[DatasetFacts, str]:
    """Return the row of a data set and what stands behind its prefix.

    Raises:
        InputError: an unknown name, or a prefix with nothing behind it.
    """
    prefix, colon, argument = name.partition(":")
    key = prefix + colon
    if key not in DATASETS or bool(colon) != bool(argument):
        shown = [f"{known}..." if known.endswith(":") else known for known in DATASETS]
        raise InputError(
            f"parameters.dataset: expected one of {', '.join(shown)},"
            f" received {name!r}{nearest(name, DATASETS)}"
        )
    return DATASETS[key], argument


def check_readable(name: str) -> None:
    """Raise InputError unless there is a loader for a data set of that name."""
    resolve(name)


def dataset_of(parameters: Parameters, data_dir: str | None = None) -> Source:
    """Return the data set that an experiment names, its validation images held out.

    Args:
        parameters: of the experiment.
        data_dir: directory of the data set, in place of the experiment's.
    """
    return load_dataset(
        parameters.dataset,
        data_dir or parameters.data_dir,
        parameters.image_size,
        parameters.validation_share,
    )


def load_dataset(
    name: str,
    data_dir: str | None = None,
    image_size: int | None = None,
    validation_share: float = 0.0,
) -> Source:
    """Read a data set.

    Args:
        name: a key of :data:`DATASETS`, or one that ends in a colon with more behind it.
        data_dir: directory with its files; None for the data set's own default.
        image_size: ``parameters.image_size``: the side of all images where they have no one size.
        validation_share: share of the training images that becomes the validation split.

    Raises:
        InputError: an unknown name, or files that are missing or not what they should be.
    """
    facts, argument = resolve(name)
    source = facts.load(Request(name, argument, data_dir, image_size))
    return hold_out(source, validation_share)
