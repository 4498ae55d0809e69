"""Tiny datasets that tensorflow-datasets prepares offline, and TFRecords in the form AMLA reads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tests.data.image_files import image


def examples(count: int, classes: int, first: int = 0, shape=(4, 4, 1)) -> list[dict[str, Any]]:
    """Return examples; the n-th has label n modulo classes and, in every pixel, the value n."""
    numbers = range(first, first + count)
    return [{"image": image(n, *shape), "label": n % classes} for n in numbers]


def prepare(
    directory: Path,
    splits: dict[str, Iterable[dict[str, Any]]],
    name: str = "tiny",
    classes: int = 3,
    shape: tuple[int | None, int | None, int] = (4, 4, 1),
    **options: Any,
) -> Path:
    """Prepare a data set and return its directory.

    Args:
        directory: its data_dir.
        splits: split name -> examples.
        name: of the data set.
        classes: number of classes.
        shape: of images; None where they differ.
        **options: further ones of ``store_as_tfds_dataset``, also other ``features``.
    """
    features = options.pop("features", None) or tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=shape),
            "label": tfds.features.ClassLabel(num_classes=classes),
        }
    )
    version = options.pop("version", "1.0.0")
    sets = {
        split: tf.data.Dataset.from_generator(
            lambda found=found: iter(found), output_signature=features.get_tensor_spec()
        )
        for split, found in splits.items()
    }
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version=version,
        features=features,
        split_datasets=sets,
        data_dir=str(directory),
        disable_shuffling=True,
        **options,
    )
    return directory / name / version


def amla_record(label: int, pixels: np.ndarray, boxes: Iterable[tuple[float, ...]] = ()) -> bytes:
    """Return a record with a JPEG image and boxes (ymin, xmin, ymax, xmax), as Inception's."""

    def floats(values: Iterable[float]) -> tf.train.Feature:
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    corners = zip(*boxes, strict=True) if boxes else [()] * 4
    encoded = tf.io.encode_jpeg(pixels, quality=100).numpy()
    features = {
        "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[encoded])),
        "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        **{
            f"image/object/bbox/{corner}": floats(values)
            for corner, values in zip(("ymin", "xmin", "ymax", "xmax"), corners, strict=True)
        },
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def write_records(path: Path, records: Iterable[bytes]) -> Path:
    """Write a TFRecord file."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return path
