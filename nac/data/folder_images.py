"""The images of a folder: decoded once, held in memory or, if they are many, read as needed."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from nac.data import decoding
from nac.data.folder import Listing
from nac.data.splits import MEMORY_LIMIT, Images, Source
from nac.data.stream import Files, Stream
from nac.utils.errors import InputError

FILES_PER_UNREADABLE = 100
"""Of so many files one may be unreadable."""


def load_images(classes: list[str], train: Listing, test: Listing, side: int) -> Source:
    """Return the images of a folder, brought to one size and number of channels.

    Each file is decoded once, so that an unreadable one is found before the training. Images that
    would take more than ``MEMORY_LIMIT`` as color are then streamed.

    Raises:
        InputError: too many files are unreadable, or all of a class.
    """
    count = len(train.files) + len(test.files)
    fits = count * side * side * 3 <= MEMORY_LIMIT
    found = [_read(listing, side, fits) for listing in (train, test)]
    notes = tuple(f"{error}, skipped" for _, _, errors in found for error in errors)
    _check_unreadable(notes, count)
    _check_classes(classes, found[0][0].labels)
    channels = max(channels for _, images, _ in found for channels, _ in images)
    splits = [listing for listing, _, _ in found]
    if not fits:
        return _stream(classes, splits, (side, side, channels), notes)
    arrays = [_stacked(images, channels) for _, images, _ in found]
    return Images(
        arrays[0],
        splits[0].labels,
        arrays[1],
        splits[1].labels,
        len(classes),
        resized=True,
        notes=notes,
    )


def _read(listing: Listing, side: int, keep: bool):
    """Return the readable part of a listing, its (channels, image or None), and the errors."""
    readable = np.zeros(len(listing.files), bool)
    images, errors = [], []
    for index, result in enumerate(_decoded(listing, side, keep)):
        readable[index] = not isinstance(result, str)
        (errors if isinstance(result, str) else images).append(result)
    return listing.chosen(readable), images, errors


def _decoded(listing: Listing, side: int, keep: bool) -> Iterator:
    """Yield (channels, image or None) of each file, or a text that says why there is none."""

    def one(path):
        try:
            with tf.device("CPU"):  # in each thread; a GPU would have its memory taken early
                image = read_image(str(path))
                small = decoding.resized(image, side, side).numpy() if keep else None
        except (tf.errors.OpError, ValueError) as error:
            reason = str(getattr(error, "message", error)).strip().splitlines()[0]
            return f"{path}: cannot be read as an image ({reason[:80]})"
        return image.shape[-1], small

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(one, listing.files)


def read_image(path, channels: int = 0):
    """Return the image in a file, (height, width, channels) uint8, without transparency.

    Args:
        path: of a JPEG or PNG file; may be a tensor.
        channels: 1 or 3; 0 is what the file has.
    """
    image = tf.io.decode_image(tf.io.read_file(path), channels, expand_animations=False)
    return decoding.without_alpha(image)


def _stacked(images: list, channels: int) -> np.ndarray:
    side = images[0][1].shape[0]
    stack = np.empty((len(images), side, side, channels), np.uint8)
    for place, (_, image) in zip(stack, images, strict=True):
        place[...] = image  # a gray image is broadcast over the channels
    return stack


def _stream(classes: list[str], splits: list[Listing], shape, notes: tuple[str, ...]) -> Stream:
    def decode(path, label):
        return read_image(path, shape[-1]), decoding.no_boxes(), label

    train, test = (Files(list(map(str, split.files)), split.labels) for split in splits)
    return Stream(
        shape,
        len(classes),
        len(splits[0].files),
        train,
        test,
        decode,
        decoding.like_images(shape, True, shape[0]),
        notes,
    )


def _check_unreadable(notes: tuple[str, ...], count: int) -> None:
    limit = max(1, count // FILES_PER_UNREADABLE)
    if len(notes) > limit:
        raise InputError(
            f"{notes[0].removesuffix(', skipped')}; {len(notes)} of {count} files are like that,"
            f" expected at most {limit}"
        )


def _check_classes(classes: list[str], labels: np.ndarray) -> None:
    for label, name in enumerate(classes):
        if label not in labels:
            raise InputError(f"class {name!r}: expected readable training images, received none")
