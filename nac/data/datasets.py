"""The table of data sets: name -> facts and loader.

A new data set is a function from :class:`Request` to :class:`Source`, and an entry of
:data:`DATASETS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nac.config.values import Experiment
from nac.data.arrays import arrays_facts, load_arrays
from nac.data.cifar import cifar10_facts, cifar100_facts, load_cifar10, load_cifar100
from nac.data.decoded import decoded_once
from nac.data.fashion_mnist import fashion_mnist_facts, load_fashion_mnist
from nac.data.folder import folder_facts
from nac.data.folder_images import load_folder
from nac.data.imagenet import imagenet_facts, load_imagenet
from nac.data.images import Images, with_test_split, with_validation_split
from nac.data.prepared import load_tfds, tfds_facts
from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError
from nac.utils.registry import Registry
from nac.utils.schema import nearest

DIGITS_FILE = Path(__file__).with_name("digits.npz")


@dataclass(frozen=True)
class DatasetFacts:
    """What is known about a data set before it is read.

    Attributes:
        load: Reads the data set.
        image_shape: (height, width, channels) of an image, None if it depends on the files.
        classes: Number of classes, None if it depends on the files.
        prepared_from: Name of the data set in tensorflow-datasets that ``nac.prepare_data``
            prepares, None if there is none.
        resized: Whether images are resized to ``parameters.image_size`` if that is given.
        instant: Whether reading it takes milliseconds, so that jobs gain nothing by handing its
            decoded images on.
        look: Returns what the files say about the images without decoding them, and complains if
            they are not there. None if there is nothing to look at, or if only reading the data set
            tells the shape of its images, so that there can be no budget.

    Example:
    >>> facts = DatasetFacts(load_digits, image_shape=(8, 8, 1), classes=10)
    >>> facts.load(Request("digits")).train_examples
    1442
    """

    load: Callable[[Request], Source]
    image_shape: tuple[int, int, int] | None = None
    classes: int | None = None
    prepared_from: str | None = None
    resized: bool = False
    instant: bool = False
    look: Callable[[Request], ImageFacts] | None = None

    def shape(self, image_size: int | None) -> tuple[int, int, int] | None:
        """Return the shape of an image, None if it depends on the files.

        Args:
            image_size: ``parameters.image_size`` in pixels, None if it is not given.
        """
        if self.resized and image_size is not None:
            return image_size, image_size, self.image_shape[-1]
        return self.image_shape


def load_digits(request: Request) -> Images:
    """Return the handwritten digits that come with nac: 1442 training and 355 test images.

    They have 8x8 pixels, and are the test set of UCI's "Optical Recognition of Handwritten Digits"
    (E. Alpaydin, C. Kaynak, CC BY 4.0), which is what scikit-learn's ``load_digits`` returns.
    tools/make_digits.py wrote the file. Every fifth image of each class is a test image.

    Args:
        request: Its data_dir must be None.

    Raises:
        InputError: There is a data_dir.
    """
    request.need_no_directory("is built in")
    with np.load(DIGITS_FILE) as file:
        images, labels = file["images"], file["labels"].astype(np.int32)
    pixels = np.round(images * (255.0 / 16.0)).astype(np.uint8)[..., np.newaxis]
    return with_test_split(pixels, labels, classes=10)


def digits_facts(request: Request) -> ImageFacts:
    """Return the facts about the handwritten digits (see :func:`load_digits`)."""
    digits = load_digits(request)
    return ImageFacts(digits.image_shape, digits.classes, digits.train_examples)


DATASETS: Registry[DatasetFacts] = Registry(
    "dataset",
    {
        "digits": DatasetFacts(load_digits, (8, 8, 1), 10, instant=True, look=digits_facts),
        "fashion_mnist": DatasetFacts(
            load_fashion_mnist, (28, 28, 1), 10, "fashion_mnist", look=fashion_mnist_facts
        ),
        "cifar10": DatasetFacts(load_cifar10, (32, 32, 3), 10, "cifar10", look=cifar10_facts),
        "cifar100": DatasetFacts(load_cifar100, (32, 32, 3), 100, "cifar100", look=cifar100_facts),
        "imagenet2012": DatasetFacts(
            load_imagenet, (224, 224, 3), 1000, "imagenet2012", True, look=imagenet_facts
        ),
        # AMLA's ImageNet: class 0 is background, of which there is no image.
        "imagenet": DatasetFacts(
            load_imagenet, (224, 224, 3), 1001, "imagenet2012", True, look=imagenet_facts
        ),
        "tfds:": DatasetFacts(load_tfds, look=tfds_facts),
        "folder:": DatasetFacts(load_folder, look=folder_facts),
        # Of a Python program. They are mapped from files anyway, so there is nothing to hand on.
        "arrays:": DatasetFacts(load_arrays, instant=True, look=arrays_facts),
    },
)
"""Name of a data set -> its facts and loader; a name with a colon is the prefix of many names."""


def resolve(name: str, place: str = "parameters.dataset") -> tuple[DatasetFacts, str]:
    """Return the entry of a data set and the rest of its name after the prefix.

    Args:
        name: A key of :data:`DATASETS`, or one that ends in a colon with more behind it.
        place: Where the name is from, the beginning of the message: a file and key, or a flag.

    Raises:
        InputError: The name is unknown, or there is nothing behind its prefix.
    """
    prefix, colon, argument = name.partition(":")
    key = prefix + colon
    if key not in DATASETS or bool(colon) != bool(argument):
        shown = [f"{known}..." if known.endswith(":") else known for known in DATASETS]
        raise InputError(
            f"{place}: expected one of {', '.join(shown)},"
            f" received {name!r}{nearest(name, DATASETS)}"
        )
    return DATASETS[key], argument


def check_readable(name: str, place: str) -> None:
    """Raise InputError, which begins with ``place``, unless there is a data set of that name."""
    resolve(name, place)


def known_image_shape(experiment: Experiment) -> tuple[int, int, int] | None:
    """Return (height, width, channels) of an image, None if only the files themselves say it."""
    facts = DATASETS.get(experiment.parameters.dataset)
    return facts.shape(experiment.parameters.image_size) if facts else None


def image_facts(experiment: Experiment, data_dir: str | None = None) -> ImageFacts:
    """Return shape and number of classes of the images, without decoding them.

    Args:
        experiment: The experiment, whose file is named in messages.
        data_dir: Directory of the data set, in place of the experiment's.

    Raises:
        InputError: The data set is not there, or only its images themselves say it.
    """
    facts, request = _requested(experiment, data_dir)
    shape = known_image_shape(experiment)
    if shape is not None:
        return ImageFacts(shape, facts.classes)
    if facts.look is None:
        raise InputError(
            f"{request.prefix}dataset: expected a data set whose image shape is known before it is"
            f" read, as there is a budget, received {request.name!r}"
        )
    return facts.look(request)


def _requested(experiment: Experiment, data_dir: str | None) -> tuple[DatasetFacts, Request]:
    """Return the facts about the data set of an experiment, and the request for it."""
    parameters, prefix = experiment.parameters, f"{experiment.source}: parameters."
    name = experiment.need("parameters.dataset")
    facts, argument = resolve(name, f"{prefix}dataset")
    directory = data_dir or parameters.data_dir
    return facts, Request(name, argument, directory, parameters.image_size, prefix)


def looked_at(experiment: Experiment, data_dir: str | None = None) -> ImageFacts | None:
    """Return what is known about the images before they are decoded, after a look at their files.

    Args:
        experiment: The experiment, whose file is named in messages.
        data_dir: Directory of the data set, in place of the experiment's.

    Returns:
        None for a data set of which only reading it tells the shape of its images.

    Raises:
        InputError: There is no such data set, or its files are not there.
    """
    facts, request = _requested(experiment, data_dir)
    found = facts.look(request) if facts.look else None
    shape = known_image_shape(experiment)
    if shape is None:
        return found
    if found is None:
        return ImageFacts(shape, facts.classes)
    return ImageFacts(shape, facts.classes, found.train_examples, found.files)


def dataset_of(
    experiment: Experiment, data_dir: str | None = None, decoded_dir: str | None = None
) -> Source:
    """Return the data set that an experiment names, with its validation images held out.

    Args:
        experiment: The experiment, whose file is named in messages.
        data_dir: Directory of the data set, in place of the experiment's.
        decoded_dir: See :func:`load_dataset`.

    Raises:
        InputError: See :func:`load_dataset`.
    """
    parameters = experiment.parameters
    return load_dataset(
        parameters.dataset,
        data_dir or parameters.data_dir,
        parameters.image_size,
        parameters.validation_share,
        f"{experiment.source}: parameters.",
        decoded_dir,
    )


def load_dataset(
    name: str,
    data_dir: str | None = None,
    image_size: int | None = None,
    validation_share: float = 0.0,
    prefix: str = "parameters.",
    decoded_dir: str | None = None,
) -> Source:
    """Read a data set.

    Args:
        name: A name in :data:`DATASETS`; one that ends in a colon is followed by an argument.
        data_dir: Directory of the files. None means the data set's own default.
        image_size: ``parameters.image_size`` in pixels: the side to which images are padded before
            the random crop, or, if images vary in size, the side to which they are resized.
        validation_share: Share of the training images that is held out for validation.
        prefix: What precedes the name of a key in messages (see :class:`Request`).
        decoded_dir: Where decoded images are found, or left for the next job; None: nowhere.

    Raises:
        InputError: The name is unknown, or files are missing or have unexpected content.

    Example:
    >>> source = load_dataset("digits", validation_share=0.2)
    >>> source.train_examples, len(source.validation_labels)
    (1157, 285)
    """
    facts, argument = resolve(name, f"{prefix}dataset")
    room = Path(decoded_dir) if decoded_dir else None
    request = Request(name, argument, data_dir, image_size, prefix, room)
    if room and not facts.instant:
        source = decoded_once(request, facts.load, room)
    else:
        source = facts.load(request)
    if isinstance(source, Images) and source.padded_side is None:
        source = replace(source, padded_side=image_size)
    return with_validation_split(source, validation_share, prefix)
