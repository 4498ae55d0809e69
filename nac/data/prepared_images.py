"""The images of a set that tensorflow-datasets prepared: in memory, or streamed if many."""

import numpy as np
import tensorflow as tf

from nac.data import decoding
from nac.data.prepared import Prepared
from nac.data.request import Request
from nac.data.splits import MEMORY_LIMIT, Images, Source, held_out
from nac.data.stream import Records, Stream
from nac.utils.errors import InputError


def load_images(prepared: Prepared, request: Request) -> Source:
    """Return the images of a prepared set.

    Images of one size keep it. Others are brought to ``parameters.image_size``. A set without a
    test split gives every fifth image of each class for testing.

    Args:
        prepared: the set.
        request: its image_size.

    Raises:
        InputError: images have no one size and no image_size is given, a set is too large to be
            split here, or a file is damaged.
    """
    check_images(prepared)
    side = None if None not in prepared.shape else request.side()
    shape = (side, side, prepared.shape[-1]) if side else prepared.shape
    examples = sum(count for _, count in prepared.splits.values())
    if examples * int(np.prod(shape)) > MEMORY_LIMIT:
        return _stream(prepared, shape, side, request)
    return _in_memory(prepared, side)


def check_images(prepared: Prepared) -> None:
    """Raise InputError unless images are bytes with a known number of channels."""
    dtype = prepared.features[prepared.image].np_dtype
    if dtype != np.uint8 or prepared.shape[-1] is None:
        raise InputError(f"{prepared.path}: expected images of bytes, received {dtype}")


def decoder(prepared: Prepared, label_offset: int = 0):
    """Return the function from a record to (image, boxes, label)."""

    def decode(record):
        example = prepared.features.deserialize_example(record)
        label = tf.cast(example[prepared.label], tf.int32) + label_offset
        return example[prepared.image], decoding.no_boxes(), label

    return decode


def records(prepared: Prepared, split: str) -> Records:
    """Return the records of a split."""
    return Records(tuple(prepared.splits[split][0]))


def _stream(
    prepared: Prepared, shape: tuple[int, int, int], side: int | None, request: Request
) -> Stream:
    test = prepared.test_split()
    if test is None:
        raise InputError(
            f"{prepared.path}: expected a split 'test' or 'validation', as the set is"
            f" large; received {', '.join(prepared.splits)}"
        )
    return Stream(
        shape,
        prepared.classes,
        prepared.splits["train"][1],
        records(prepared, "train"),
        records(prepared, test),
        decoder(prepared),
        decoding.like_images(shape, side is not None, request.image_size),
    )


def _in_memory(prepared: Prepared, side: int | None) -> Images:
    images, labels = _arrays(prepared, "train", side)
    test = prepared.test_split()
    resized = side is not None
    if test is not None:
        return Images(
            images, labels, *_arrays(prepared, test, side), prepared.classes, resized=resized
        )
    chosen = held_out(labels)
    if not chosen.any():
        raise InputError(f"{prepared.path}: expected five images of a class, to split some off")
    return Images(
        images[~chosen], labels[~chosen], images[chosen], labels[chosen], prepared.classes, resized
    )


def _arrays(prepared: Prepared, split: str, side: int | None) -> tuple[np.ndarray, np.ndarray]:
    decode = decoder(prepared)

    def prepare(record):
        image, _, label = decode(record)
        return (decoding.resized(image, side, side) if side else image), label

    batches = records(prepared, split).ordered().map(prepare, tf.data.AUTOTUNE).batch(256)
    try:
        parts = [(images.numpy(), labels.numpy()) for images, labels in batches]
    except tf.errors.OpError as error:
        reason = error.message.splitlines()[0]
        raise InputError(f"{prepared.path}: {split}: cannot be read: {reason}") from None
    images, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    if len(labels) != prepared.splits[split][1]:
        raise InputError(
            f"{prepared.path}: {split}: expected {prepared.splits[split][1]} images,"
            f" received {len(labels)}"
        )
    return images, labels
