"""What can be learned about a folder of images in a second: names, numbers and sizes."""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.data.folder import Folder, Listing, list_folder
from nac.data.photo import photo_shape
from nac.utils.errors import InputError
from nac.utils.text import listed

SAMPLE = 500
"""Number of images of which the size is looked at."""


@dataclass(frozen=True)
class ImageSet:
    """Images of which only the most important is known.

    Attributes:
        dataset: Their name as a data set, such as ``folder:PATH``.
        title: What they are for people, such as the path of their folder.
        classes: Names of the classes.
        train: Number of training images, those for validation included unless the folder has its
            own.
        test: Number of test images.
        validation: Number of its own validation images, 0 without them.
        height: Median height of the images in pixels.
        width: Median width.
        alike: Whether all images have this size.
        gray: Whether none of them has color.
        named: Whether the names of the classes are more than their numbers.
        notes: Lines for the user about how the images were split and what was skipped.
    """

    dataset: str
    title: str
    classes: tuple[str, ...]
    train: int
    test: int
    validation: int
    height: int
    width: int
    alike: bool
    gray: bool = False
    named: bool = True
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        own = f", {self.validation:,} for validation" if self.validation else ""
        size = f"{self.width}x{self.height} pixels"
        return (
            f"{self.title}: {len(self.classes)} classes ({listed(self.classes)});"
            f" {self.train:,} images for training{own}, {self.test:,} for tests;"
            f" {size if self.alike else f'of different sizes, the median is {size}'}"
        )


def look_at(path: Path) -> ImageSet:
    """Return what a folder of images contains.

    Raises:
        InputError: See :func:`nac.data.folder.list_folder`; or none of the images can be read.
    """
    folder = list_folder(path)
    shapes = _shapes(folder.train)
    if not shapes:
        raise InputError(f"{path}: expected readable images, received {folder.train.files[0]}")
    height, width = (int(np.median(sides)) for sides in list(zip(*shapes, strict=True))[:2])
    return ImageSet(
        f"folder:{folder.path}",
        str(folder.path),
        folder.classes,
        len(folder.train.files),
        len(folder.test.files),
        _count(folder),
        height,
        width,
        alike=len(Counter(shape[:2] for shape in shapes)) == 1,
        gray=all(shape[-1] == 1 for shape in shapes),
        notes=folder.notes,
    )


def _count(folder: Folder) -> int:
    return len(folder.validation.files) if folder.validation else 0


def _shapes(listing: Listing) -> list[tuple[int, int, int]]:
    """Return the shapes of images from all over a listing, of those that can be read."""
    every = math.ceil(len(listing.files) / SAMPLE)
    shapes = []
    for path in listing.files[::every]:
        try:
            shapes.append(photo_shape(path))
        except InputError:
            continue
    return shapes
