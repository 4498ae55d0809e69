"""The images of a folder: each file is decoded once; the pixels are kept in memory or in a file."""

import os
import shutil
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.data.folder import Folder, Listing, folder_path, list_folder
from nac.data.images import Images, side_before_crop
from nac.data.photo import photo_shape, photos_or_reasons
from nac.data.rows import Rows, Undecoded
from nac.data.source import MEMORY_LIMIT, Request
from nac.utils.errors import InputError
from nac.utils.text import in_utf8, mebibytes

FILES_PER_UNREADABLE = 100
"""One file in this many may be unreadable."""

SPARE_BYTES = 2**30
"""Bytes of a disk that decoded images leave free."""


@dataclass
class _Decoded:
    """What was read of a split.

    Attributes:
        images: The pixels.
        labels: Their labels, (images,) int32.
        errors: What is wrong with the files that could not be read.
    """

    images: Rows
    labels: np.ndarray
    errors: list[str]


def load_folder(request: Request) -> Images:
    """Read a folder of images of any size, gray or color (see :func:`list_folder`).

    All images are stretched to squares of ``parameters.image_size``, and all become color images if
    any is one. An unreadable file is named and skipped, unless more than one in a hundred (and more
    than one in all) are unreadable.

    Args:
        request: The PATH is its argument.

    Raises:
        InputError: See :func:`list_folder`; or too many files are unreadable, or image_size is
            missing.
    """
    request.need_no_directory("already says where the images are")
    side, folder = request.required_image_size(), list_folder(folder_path(request))
    return load_images(folder, side, request.room)


def load_images(folder: Folder, side: int, room: Path | None = None) -> Images:
    """Return the images of a folder, brought to one size and number of channels.

    All files are decoded, so that an unreadable one is found before training starts. If the pixels
    take more than ``MEMORY_LIMIT``, they are kept in a file, from which batches are read. If the
    disk has no room for that either, they are decoded again for each batch.

    Args:
        folder: What is where.
        side: Side in pixels to which images are stretched.
        room: Directory for a file of pixels. None for a temporary file, which ends with this
            process.

    Raises:
        InputError: Too many files are unreadable, or all training images of a class are.
    """
    listings = [folder.train, folder.test, *([folder.validation] if folder.validation else [])]
    shape = (side, side, _channels(listings))
    count = sum(len(listing.files) for listing in listings)
    keeper = _keeper(count * int(np.prod(shape)), room)
    splits = [_decode(listing, shape, keeper) for listing in listings]
    unreadable = [error for split in splits for error in split.errors]
    _check_unreadable(unreadable, count)
    train, test, *validation = splits
    for label, name in enumerate(folder.classes):
        if label not in train.labels:
            raise InputError(f"{folder.path}: class {name!r}: expected readable images")
    notes = [*folder.notes, *keeper.notes, *(f"{error}, skipped" for error in unreadable)]
    return Images(
        train.images,
        train.labels,
        test.images,
        test.labels,
        len(folder.classes),
        side_before_crop(side),
        tuple(notes),
        *((validation[0].images, validation[0].labels) if validation else ()),
        class_names=tuple(map(in_utf8, folder.classes)),
    )


def _channels(listings: list[Listing]) -> int:
    """Return 3 if any image has color, else 1; unreadable files do not count."""

    def has_color(path: str) -> bool:
        try:
            return photo_shape(path)[-1] == 3
        except InputError:
            return False

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for listing in listings:
            # In parts, as the first few files of most folders tell.
            for part in np.array_split(listing.files, 1 + len(listing.files) // 1000):
                if any(pool.map(has_color, part)):
                    return 3
    return 1


class _InMemory:
    """Keeps pixels in memory."""

    notes: tuple[str, ...] = ()

    def room(self, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return an array for images, None to keep none."""
        return np.empty(shape, np.uint8)


class _InFile(_InMemory):
    """Keeps pixels in files of a directory, or in temporary ones."""

    def __init__(self, directory: Path | None, size: int):
        self._directory = directory
        place = directory or tempfile.gettempdir()
        self.notes = (f"{mebibytes(size)} of decoded images are kept in {place}",)

    def room(self, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return an array that is mapped from a file."""
        if self._directory is None:
            # The file has no name, so nothing is left of it, even if this process is killed.
            with tempfile.TemporaryFile() as file:
                return np.memmap(file, np.uint8, "w+", shape=shape)
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{uuid.uuid4().hex}.npy"
        return np.lib.format.open_memmap(path, "w+", np.uint8, shape)


class _Nowhere(_InMemory):
    """Keeps nothing."""

    notes = ("the disk has no room for decoded images, so they are decoded for each batch",)

    def room(self, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return nothing."""
        return None


def _keeper(size: int, directory: Path | None) -> _InMemory:
    """Return what keeps so many bytes of pixels."""
    if size <= MEMORY_LIMIT:
        return _InMemory()
    place = directory or Path(tempfile.gettempdir())
    existing = next(path for path in (place, *place.absolute().parents) if path.is_dir())
    if shutil.disk_usage(existing).free < size + SPARE_BYTES:
        return _Nowhere()
    return _InFile(directory, size)


def _decode(listing: Listing, shape: tuple[int, int, int], keeper: _InMemory) -> _Decoded:
    images = keeper.room((len(listing.files), *shape))
    readable = np.zeros(len(listing.files), bool)
    errors: list[str] = []
    for index, result in enumerate(photos_or_reasons(listing.files, shape)):
        if isinstance(result, str):
            errors.append(result)
            continue
        if images is not None:
            images[readable.sum()] = result
        readable[index] = True
    kept = Undecoded(listing.files[readable], shape) if images is None else images[: readable.sum()]
    return _Decoded(kept, listing.labels[readable], errors)


def _check_unreadable(errors: list[str], count: int) -> None:
    limit = max(1, count // FILES_PER_UNREADABLE)
    if len(errors) > limit:
        raise InputError(
            f"{errors[0]}; {len(errors)} of {count} files cannot be read, expected at most {limit}"
        )
