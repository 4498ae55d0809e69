"""Records of ImageNet as AMLA reads them (stubs/tf/imagenet/image_processing.py names the keys)."""

from collections.abc import Callable

import tensorflow as tf

CORNERS = ("ymin", "xmin", "ymax", "xmax")


def decode(label_offset: int) -> Callable:
    """Return the function from a record to (image uint8, boxes (1, n, 4), label int32).

    Args:
        label_offset: what is added to the label, which counts from 1.
    """
    keys = {
        "image/encoded": tf.io.FixedLenFeature((), tf.string),
        "image/class/label": tf.io.FixedLenFeature((1,), tf.int64),
        **{f"image/object/bbox/{corner}": tf.io.VarLenFeature(tf.float32) for corner in CORNERS},
    }

    def parse(record):
        example = tf.io.parse_single_example(record, keys)
        image = tf.io.decode_image(example["image/encoded"], 3, expand_animations=False)
        sides = [example[f"image/object/bbox/{corner}"].values for corner in CORNERS]
        label = tf.cast(example["image/class/label"][0], tf.int32) + label_offset
        return tf.ensure_shape(image, (None, None, 3)), tf.stack(sides, axis=1)[tf.newaxis], label

    return parse
