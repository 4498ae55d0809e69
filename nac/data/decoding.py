"""Decoding and resizing of single images, and their preparation as the ``augmentation`` says."""

from typing import Any

import tensorflow as tf

from nac.config.values import Augmentation
from nac.data.augmentation import augment, standardize
from nac.data.splits import padded_side
from nac.data.stream import Preparation


def without_alpha(image):
    """Return an image without its alpha channel: 2 channels become 1, 4 become 3."""
    return image[..., :-1] if image.shape[-1] in (2, 4) else image


def resized(image, height: int, width: int):
    """Return the image stretched to a size, uint8; shrinking averages."""
    values = tf.image.resize(image, (height, width), antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(values), 0.0, 255.0), tf.uint8)


def no_boxes():
    """Return what stands for the boxes of an image that has none, (1, 0, 4)."""
    return tf.zeros((1, 0, 4))


def like_images(shape: tuple[int, int, int], resize: bool, image_size: int | None) -> Preparation:
    """Return the preparation that does with one image what is done with images in memory.

    Args:
        shape: of the result.
        resize: whether images are brought to that shape; else they have it.
        image_size: ``parameters.image_size``.
    """
    padded = padded_side(image_size, resize)

    def sized(image):
        image = resized(image, *shape[:2]) if resize else image
        return tf.ensure_shape(image, shape)[tf.newaxis]

    def train(image, boxes: Any, augmentation: Augmentation, seed):
        return augment(sized(image), augmentation, padded, seed)[0]

    def test(image, augmentation: Augmentation):
        images = tf.cast(sized(image), tf.float32)
        return (standardize(images) if augmentation.standardize else images)[0]

    return Preparation(train, test)
