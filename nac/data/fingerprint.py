"""What a job was trained on, told by a short hash of its data."""

import hashlib
from dataclasses import fields

import numpy as np

from nac.data.images import Images
from nac.data.source import Source
from nac.data.stream import Stream

LENGTH = 16
"""Digits of a fingerprint."""

RECORDS = 1000
"""Encoded examples of each split of a stream that count, from the first one on."""


def fingerprint(source: Source) -> str:
    """Return ``kind:digits``; equal data give an equal fingerprint.

    The kind says what was hashed by SHA-256:

    * ``images``: shape and bytes of all arrays of images and labels.
    * ``records``: the number of training images, and the first 1000 encoded training and test
      examples of a stream in the order of its files (for a folder of image files: their paths and
      labels).
    * ``facts``: shape and number of the images of a user's own kind of data set.
    """
    digest = hashlib.sha256()
    if isinstance(source, Images):
        kind = "images"
        for field in fields(source):
            _add_array(digest, field.name, getattr(source, field.name))
    else:
        kind = "records" if isinstance(source, Stream) else "facts"
        digest.update(f"{source.train_examples} {source.classes} {source.image_shape}".encode())
        for examples in (source.train, source.test) if isinstance(source, Stream) else ():
            for example in examples.ordered().take(RECORDS).as_numpy_iterator():
                for part in example if isinstance(example, tuple) else (example,):
                    digest.update(part if isinstance(part, bytes) else str(part).encode())
    return f"{kind}:{digest.hexdigest()[:LENGTH]}"


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
