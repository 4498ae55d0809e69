"""Reading data sets that tensorflow-datasets prepared: into memory, or as a stream if large."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from nac.data.images import Images, side_before_crop, with_test_split
from nac.data.preparation import no_boxes, prepare_like_images, resized
from nac.data.source import MEMORY_LIMIT, Request, Source
from nac.data.stream import Records, Stream, check_records
from nac.utils.errors import InputError

TEST_SPLITS = ("test", "validation")
"""Names that the split for evaluation may have, in order of preference."""


@dataclass(frozen=True)
class Prepared:
    """An image-classification data set on disk, with facts about it.

    Attributes:
        path: Its directory.
        features: The features of a record, of which only image and label are decoded.
        image: Name of the image feature.
        label: Name of the label feature.
        splits: Name of a split -> (its files, number of its examples).
    """

    path: Path
    features: Any
    image: str
    label: str
    splits: dict[str, tuple[list[str], int]]

    @property
    def shape(self) -> tuple[int | None, int | None, int]:
        """(height, width, channels) of an image; None where images differ."""
        return self.features[self.image].shape

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.features[self.label].num_classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """Name of each class; its number where the data set has no names."""
        return tuple(map(self.features[self.label].int2str, range(self.classes)))

    def test_split(self) -> str | None:
        """Return the name of the split for evaluation, None if there is none."""
        return next((name for name in TEST_SPLITS if name in self.splits), None)

    def records(self, split: str) -> Records:
        """Return the records of a split."""
        return Records(tuple(self.splits[split][0]))

    def decoder(self, label_offset: int = 0) -> Callable:
        """Return the function from a record to (image, boxes, label).

        Args:
            label_offset: Number to add to each label.
        """

        def decode(record):
            example = self.features.deserialize_example(record)
            label = tf.cast(example[self.label], tf.int32) + label_offset
            return example[self.image], no_boxes(), label

        return decode


def load_images(path: Path, request: Request) -> Source:
    """Read a prepared data set.

    Images that all have one size keep it. Others are resized to ``parameters.image_size``. Without
    a test split, every fifth image of each class is a test image.

    Args:
        path: Directory of the data set.
        request: Its ``image_size``.

    Raises:
        InputError: Images vary in size but no image_size is given, the data set is too large to
            split off test images, or a file is damaged.
    """
    prepared = open_prepared(path)
    side = None if None not in prepared.shape else request.required_image_size()
    shape = (side, side, prepared.shape[-1]) if side else prepared.shape
    padded_side = side_before_crop(side) if side else request.image_size
    examples = sum(count for _, count in prepared.splits.values())
    if examples * int(np.prod(shape)) <= MEMORY_LIMIT:
        return _in_memory(prepared, side, padded_side)
    test = prepared.test_split()
    if test is None:
        raise InputError(
            f"{path}: expected a split 'test' or 'validation', as the data set is large;"
            f" received {', '.join(prepared.splits)}"
        )
    records = prepared.records("train"), prepared.records(test)
    for part in records:
        check_records(part, prepared.decoder(), prepared.classes)
    return Stream(
        shape,
        prepared.classes,
        prepared.splits["train"][1],
        *records,
        prepared.decoder(),
        prepare_like_images(shape, side is not None, padded_side),
        class_names=prepared.class_names,
    )


def _in_memory(prepared: Prepared, side: int | None, padded_side: int | None) -> Images:
    images, labels = _arrays(prepared, "train", side)
    test = prepared.test_split()
    if test is not None:
        tests = _arrays(prepared, test, side)
        splits = images, labels, *tests
        names = prepared.class_names
        return Images(*splits, prepared.classes, padded_side, class_names=names)
    facts = prepared.classes, padded_side, prepared.class_names
    source = with_test_split(images, labels, *facts)
    if not len(source.test_labels):
        raise InputError(
            f"{prepared.path}: expected a split 'test' or 'validation', or at least five images"
            " of a class"
        )
    return source


def _arrays(prepared: Prepared, split: str, side: int | None) -> tuple[np.ndarray, np.ndarray]:
    decode = prepared.decoder()

    def prepare(record):
        image, _, label = decode(record)
        return (resized(image, side, side) if side else image), label

    batches = prepared.records(split).ordered().map(prepare, tf.data.AUTOTUNE).batch(256)
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


def open_prepared(path: Path) -> Prepared:
    """Return the facts about the data set in a directory.

    Raises:
        InputError: The directory cannot be read, or does not have images with one class each.
    """
    try:
        info = tfds.builder_from_directory(path).info
        splits = {
            key: ([str(file) for file in split.filepaths], split.num_examples)
            for key, split in info.splits.items()
        }
    except Exception as error:  # TFDS raises many kinds; each means the same to the user
        raise InputError(f"{path}: cannot be read ({type(error).__name__}: {error})") from None
    if info.file_format.value != "tfrecord":
        raise InputError(f"{path}: expected tfrecord files, received {info.file_format.value}")
    image = _feature(path, info, tfds.features.Image)
    label = _feature(path, info, tfds.features.ClassLabel)
    wanted = tfds.decode.PartialDecoding({image: True, label: True})
    prepared = Prepared(path, wanted.extract_features(info.features), image, label, splits)
    _check_images(prepared)
    _check_files(prepared)
    return prepared


def _feature(path: Path, info: Any, kind: type) -> str:
    """Return the name of the only feature of a kind, or of the supervised one of several."""
    names = [name for name, feature in info.features.items() if type(feature) is kind]
    supervised = [name for name in names if name in (info.supervised_keys or ())]
    if not supervised and len(names) != 1:
        raise InputError(
            f"{path}: expected images with one class each,"
            f" received {', '.join(sorted(info.features))}"
        )
    return (supervised or names)[0]


def _check_images(prepared: Prepared) -> None:
    dtype = prepared.features[prepared.image].np_dtype
    if dtype != np.uint8 or prepared.shape[-1] is None:
        raise InputError(
            f"{prepared.path}: expected uint8 images with a known number of channels,"
            f" received {dtype} images with {prepared.shape[-1] or 'any number of'} channels"
        )


def _check_files(prepared: Prepared) -> None:
    if "train" not in prepared.splits:
        raise InputError(
            f"{prepared.path}: expected a split 'train', received"
            f" {', '.join(prepared.splits) or 'none'}"
        )
    for files, examples in prepared.splits.values():
        for file in files:
            if not Path(file).is_file():
                raise InputError(f"{file}: missing")
        if not sum(Path(file).stat().st_size for file in files):
            raise InputError(f"{prepared.path}: expected {examples} images, received empty files")
