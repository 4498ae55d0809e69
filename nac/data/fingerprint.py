"""What a job was trained on, told by a short hash of its data."""

import hashlib
from dataclasses import fields

import numpy as np

from nac.data.images import Images
from nac.data.rows import in_memory
from nac.data.source import Source
from nac.data.stream import Stream

LENGTH = 16
"""Digits of a fingerprint."""

RECORDS = 1000
"""Examples of each split of a large data set that count, from the first one on."""


def fingerprint(source: Source) -> str:
    """Return ``kind:digits``; equal data give an equal fingerprint.

    The kind says what was hashed by SHA-256:

    * ``images``: shape and bytes of all images and labels; of images that do not fit into memory,
      the first 1000 of each split.
    * ``records``: the number of training images, and the first 1000 encoded training and test
      examples of a stream in the order of its files.
    * ``facts``: shape and number of the images of a user's own kind of data set.
    """
    digest = hashlib.sha256()
    if isinstance(source, Images):
        kind = "images"
        for field in fields(source):
            _add_array(digest, field.name, _hashed(getattr(source, field.name)))
    else:
        kind = "records" if isinstance(source, Stream) else "facts"
        digest.update(f"{source.train_examples} {source.classes} {source.image_shape}".encode())
        for examples in (source.train, source.test) if isinstance(source, Stream) else ():
            for example in examples.ordered().take(RECORDS).as_numpy_iterator():
                digest.update(example if isinstance(example, bytes) else str(example).encode())
    return f"{kind}:{digest.hexdigest()[:LENGTH]}"


def _hashed(value: object) -> object:
    """Return images as an array, of large ones the first."""
    if not hasattr(value, "shape") or in_memory(value):
        return value
    return value[np.arange(min(RECORDS, len(value)))]


def _add_array(digest, name: str, value: object) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{name} {value.dtype} {value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)


def is_plain(source: Source) -> bool:
    """Return whether images are nothing but resized and, if wanted, standardized.

    Those of ImageNet are cropped and scaled to another range; of a user's own kind of data set it
    is not known.
    """
    if isinstance(source, Stream):
        return source.preparation.plain
    return isinstance(source, Images)
