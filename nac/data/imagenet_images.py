"""ImageNet's images: AMLA's records decoded, and Inception's preparation, which AMLA uses.

Training images get a random crop that covers at least a tenth of a labeled box (of the whole image
if there are none), with 5 to 100 % of the area and an aspect ratio from 3/4 to 1.33; the crop is
resized by one of four methods at random and flipped at random; brightness, saturation, hue and
contrast are changed in one of two orders. Evaluation uses the middle 87.5 % of each side. Both are
scaled to [-1, 1]. (AMLA, stubs/tf/imagenet.)
"""

from collections.abc import Callable

import tensorflow as tf

from nac.config.training import Augmentation
from nac.data.augmentation import random_erasing
from nac.data.preparation import Preparation

CORNERS = ("ymin", "xmin", "ymax", "xmax")
CENTER = 0.875
METHODS = ("bilinear", "nearest", "bicubic", "area")


def amla_decoder(label_offset: int) -> Callable:
    """Return the function from one of AMLA's records to (image, boxes, label).

    AMLA's stubs/tf/imagenet/image_processing.py has the names of the keys.

    Args:
        label_offset: Number to add to the label, which counts from 1.
    """
    keys = {
        "image/encoded": tf.io.FixedLenFeature((), tf.string),
        "image/class/label": tf.io.FixedLenFeature((1,), tf.int64),
        **{f"image/object/bbox/{corner}": tf.io.VarLenFeature(tf.float32) for corner in CORNERS},
    }

    def decode(record):
        example = tf.io.parse_single_example(record, keys)
        image = tf.io.decode_image(example["image/encoded"], 3, expand_animations=False)
        sides = [example[f"image/object/bbox/{corner}"].values for corner in CORNERS]
        label = tf.cast(example["image/class/label"][0], tf.int32) + label_offset
        return tf.ensure_shape(image, (None, None, 3)), tf.stack(sides, axis=1)[tf.newaxis], label

    return decode


def inception(side: int) -> Preparation:
    """Return Inception's preparation for images of a given side in pixels.

    Of the ``augmentation`` section, ``crop``, ``flip`` and ``erasing`` have their effect, and
    colors are not changed if both ``brightness`` and ``contrast`` are off. The scale is always
    [-1, 1], whatever ``standardize`` is.
    """

    def train(image, boxes, augmentation: Augmentation, seed):
        seeds = tf.random.experimental.stateless_split(seed, 4)
        image = tf.image.convert_image_dtype(image, tf.float32)
        if augmentation.crop:
            image = _resized_at_random(_random_crop(image, boxes, seeds[0]), side, seeds[1])
        else:
            image = _center(image, side)
        if augmentation.flip:
            image = tf.image.stateless_random_flip_left_right(image, seeds[2])
        if augmentation.brightness or augmentation.contrast:
            image = distort_colors(image, seeds[3])
        image = tf.ensure_shape(_scaled(image), (side, side, 3))
        if augmentation.erasing:
            erasing_seed = tf.random.experimental.stateless_fold_in(seed, 4)
            image = random_erasing(image[tf.newaxis], augmentation.erasing, erasing_seed)[0]
        return image

    def test(image, standardize: bool):
        return _scaled(_center(tf.image.convert_image_dtype(image, tf.float32), side))

    return Preparation(train, test)


def distort_colors(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return a float image in [0, 1] with randomly changed colors, clipped to that range."""
    seeds = tf.random.experimental.stateless_split(seed, 5)

    def saturation_and_hue(image):
        image = tf.image.stateless_random_saturation(image, 0.5, 1.5, seeds[0])
        return tf.image.stateless_random_hue(image, 0.2, seeds[1])

    def contrast(image):
        return tf.image.stateless_random_contrast(image, 0.5, 1.5, seeds[2])

    image = tf.image.stateless_random_brightness(image, 32.0 / 255.0, seeds[3])
    image = tf.cond(
        tf.random.stateless_uniform((), seeds[4]) < 0.5,
        lambda: contrast(saturation_and_hue(image)),
        lambda: saturation_and_hue(contrast(image)),
    )
    return tf.clip_by_value(image, 0.0, 1.0)


def _random_crop(image, boxes, seed):
    begin, size, _ = tf.image.stateless_sample_distorted_bounding_box(
        tf.shape(image),
        boxes,
        seed,
        min_object_covered=0.1,
        aspect_ratio_range=(0.75, 1.33),
        area_range=(0.05, 1.0),
        max_attempts=100,
        use_image_if_no_bounding_boxes=True,
    )
    return tf.slice(image, begin, size)


def _resized_at_random(image, side: int, seed):
    """Return the image resized by one of the four methods, which differ in their artifacts."""
    choice = tf.random.stateless_uniform((), seed, 0, len(METHODS), tf.int32)

    def resize_by(method: str):
        shape = (side, side, 3)
        return lambda: tf.ensure_shape(tf.image.resize(image, shape[:2], method), shape)

    return tf.switch_case(choice, [resize_by(method) for method in METHODS])


def _center(image, side: int):
    return tf.image.resize(tf.image.central_crop(image, CENTER), (side, side))


def _scaled(image):
    return 2.0 * tf.clip_by_value(image, 0.0, 1.0) - 1.0
