"""The experiment of a run on images that a Python program gave, and the files that keep them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from nac.authoring.given import Given
from nac.authoring.image_set import ImageSet
from nac.authoring.own_images import NONE, Authored, Wishes, author, begun, choices_for
from nac.config.splits import TEST
from nac.data.arrays import about, images_file, labels_file, write_about
from nac.data.images import choose_test
from nac.data.photo import stretched
from nac.data.rows import Rows, chosen
from nac.data.source import TRAIN
from nac.runs.layout import DATA, INIT
from nac.utils.errors import InputError, NacError

PART = 256
"""Images that are written at a time."""


def author_arrays(
    digest: str,
    give: Callable[[], tuple[Given, Given | None]],
    directory: Path,
    wishes: Wishes = NONE,
) -> Authored:
    """Return the experiment for a run on given images, and keep these in the run directory.

    Args:
        digest: By which the images are known again: if the run has begun, they are not read.
        give: Returns the training images, and the images that score the trained network or None.
            Without any, every fifth training image of each class is one of them.
        directory: The run directory.
        wishes: What the user decides.

    Raises:
        InputError: The images are not what they should be.
        NacError: The directory holds a run on other images.
    """
    wishes.check()
    place = (directory / DATA).absolute()
    dataset = f"arrays:{place}"
    found = begun(directory, dataset)
    if found is None:
        return _keep(*give(), digest, place, directory / INIT, wishes)
    kept = about(place)
    if kept is None or kept.given != digest:
        raise NacError(f"{directory}: holds a run on other images; choose another directory")
    return found


def _keep(
    train: Given, test: Given | None, digest: str, place: Path, source: Path, wishes: Wishes
) -> Authored:
    names = train.class_names
    if len(names) < 2:
        raise InputError(f"x: expected images of at least two classes, received {', '.join(names)}")
    labels = _labels(train, names)
    notes: tuple[str, ...] = ()
    images, test_images, test_labels = train.images, None, None
    if test is None:
        mask = choose_test(labels)
        if not mask.any():
            raise InputError("x: expected validation_data, or at least five images of a class")
        images, test_images = chosen(train.images, ~mask), chosen(train.images, mask)
        labels, test_labels = labels[~mask], labels[mask]
        share = f"{mask.sum():,} of {len(mask):,}"
        notes = (f"without validation_data, every fifth image of each class scores: {share}",)
    else:
        _check_channels(images, test.images)
        test_images, test_labels = test.images, _labels(test, names)
    height, width = images.shape[1:3]
    facts = ImageSet(
        f"arrays:{place}", "images", names, len(labels), len(test_labels), 0, height, width,
        alike=True, gray=images.shape[-1] == 1, named=train.named, notes=notes,
    )  # fmt: skip
    choices = choices_for(facts, wishes)
    side = choices.side
    place.mkdir(parents=True, exist_ok=True)
    for split, pixels, classes in ((TRAIN, images, labels), (TEST, test_images, test_labels)):
        _write(place, split, pixels, classes, side)
    shape = (side, side, images.shape[-1])
    write_about(place, names, shape, (len(labels), len(test_labels)), digest)
    return author(facts, source, source.parent.name, choices)


def _check_channels(images: Rows, test_images: Rows) -> None:
    expected, received = images.shape[-1], test_images.shape[-1]
    if expected != received:
        raise InputError(
            f"validation_data: expected {expected} as the number of channels, as x has, received"
            f" {received}"
        )


def _labels(given: Given, names: tuple[str, ...]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(names)}
    unknown = sorted(set(given.names.tolist()) - numbers.keys())
    if unknown:
        raise InputError(
            f"validation_data: expected only classes of the training images, received {unknown[0]}"
        )
    return np.array([numbers[name] for name in given.names.tolist()], np.int32)


def _write(place: Path, split: str, images: Rows, labels: np.ndarray, side: int) -> None:
    """Write the images of a split, stretched to squares, and their labels."""
    shape = (len(labels), side, side, images.shape[-1])
    np.save(labels_file(place, split), labels, allow_pickle=False)
    kept = np.lib.format.open_memmap(images_file(place, split), "w+", np.uint8, shape)
    with ThreadPoolExecutor() as pool:
        for first in range(0, len(labels), PART):
            numbers = np.arange(first, min(first + PART, len(labels)))
            part = pool.map(lambda image: stretched(image, (side, side)), images[numbers])
            kept[numbers] = np.stack(list(part))
    kept.flush()
