"""The images of a folder: decoded once, then held in memory or, if they are many, streamed."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf

from nac.data.images import Images, side_before_crop
from nac.data.preparation import no_boxes, prepare_like_images, resized, without_alpha
from nac.data.source import MEMORY_LIMIT, Source
from nac.data.stream import Files, Stream
from nac.utils.errors import InputError

Listing = tuple[np.ndarray, np.ndarray]
"""The image files of a split and their labels (see :mod:`nac.data.folder`)."""

FILES_PER_UNREADABLE = 100
"""One file in this many may be unreadable."""


def load_images(
    folder: Path, classes: list[str], train: Listing, test: Listing, side: int
) -> Source:
    """Return the images of a folder, brought to one size and number of channels.

    Each file is decoded once, so that an unreadable one is found before training starts. If the
    images would take more than ``MEMORY_LIMIT`` in color, they are then streamed.

    Args:
        folder: Folder of the classes, for messages.
        classes: Names of the classes.
        train: Files and labels of the training images.
        test: Files and labels of the test images.
        side: Side in pixels to which images are resized.

    Raises:
        InputError: Too many files are unreadable, or all training images of a class are.
    """
    count = len(train[0]) + len(test[0])
    fits = count * side * side * 3 <= MEMORY_LIMIT
    results = [_read(*split, side, fits) for split in (train, test)]
    splits, decoded, errors = zip(*results, strict=True)
    unreadable = [error for split in errors for error in split]
    _check_unreadable(unreadable, count)
    for label, name in enumerate(classes):
        if label not in splits[0][1]:
            raise InputError(f"{folder / name}: expected readable images, received none")
    channels = max(channels for images in decoded for channels, _ in images)
    notes = tuple(f"{error}, skipped" for error in unreadable)
    if not fits:
        return _stream(classes, splits, (side, side, channels), notes)
    arrays = [_stacked(images, side, channels) for images in decoded]
    return Images(
        arrays[0],
        splits[0][1],
        arrays[1],
        splits[1][1],
        len(classes),
        side_before_crop(side),
        notes,
        class_names=tuple(classes),
    )


def _read(files: np.ndarray, labels: np.ndarray, side: int, keep: bool):
    """Return the readable files and labels, (channels, image or None) of each, and errors."""
    readable = np.zeros(len(files), bool)
    images, errors = [], []
    for index, result in enumerate(_decoded(files, side, keep)):
        readable[index] = not isinstance(result, str)
        (errors if isinstance(result, str) else images).append(result)
    return (files[readable], labels[readable]), images, errors


def _decoded(files: np.ndarray, side: int, keep: bool) -> Iterator:
    """Yield (channels, image or None) of each file, or the reason why it cannot be read."""

    @tf.function(input_signature=[tf.TensorSpec((None, None, None), tf.uint8)])
    def stretched(image):  # as a function, which takes half the time
        return resized(image, side, side)

    def decode(path):
        try:
            # In each thread, because a GPU would claim its memory before devices are set up.
            with tf.device("CPU"):
                image = read_image(path)
                # To stretch a small image takes longer than to decode it.
                fits = image.shape[:2] == (side, side)
                small = (image if fits else stretched(image)).numpy() if keep else None
        except (tf.errors.OpError, ValueError) as error:
            reason = str(getattr(error, "message", error)).strip().splitlines()[0]
            return f"{path}: cannot be read as an image ({reason[:80]})"
        return image.shape[-1], small

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(decode, map(str, files))


def read_image(path: str | tf.Tensor, channels: int = 0) -> tf.Tensor:
    """Return the image in a file, (height, width, channels) uint8, without transparency.

    Args:
        path: Path of a JPEG or PNG file.
        channels: 1 or 3; 0 means as many as the file has.
    """
    image = tf.io.decode_image(tf.io.read_file(path), channels, expand_animations=False)
    return without_alpha(image)


def _stacked(images: list, side: int, channels: int) -> np.ndarray:
    stack = np.empty((len(images), side, side, channels), np.uint8)
    for index, (_, image) in enumerate(images):
        stack[index] = image  # a gray image is broadcast over the channels
    return stack


def _stream(
    classes: list[str],
    splits: tuple[Listing, ...],
    shape: tuple[int, int, int],
    notes: tuple[str, ...],
) -> Stream:
    def decode(path, label):
        return read_image(path, shape[-1]), no_boxes(), label

    return Stream(
        shape,
        len(classes),
        len(splits[0][0]),
        *(Files(files.tolist(), labels) for files, labels in splits),
        decode,
        prepare_like_images(shape, True, side_before_crop(shape[0])),
        notes,
        tuple(classes),
    )


def _check_unreadable(errors: list[str], count: int) -> None:
    limit = max(1, count // FILES_PER_UNREADABLE)
    if len(errors) > limit:
        raise InputError(
            f"{errors[0]}; {len(errors)} of {count} files cannot be read, expected at most {limit}"
        )
