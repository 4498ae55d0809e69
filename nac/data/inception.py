"""ImageNet's preparation as AMLA has it (stubs/tf/imagenet), which is Inception's.

Training: a random crop that covers a tenth of some labelled box (the whole image where there is
none), of 5 to 100 % of the area and an aspect ratio from 3/4 to 1.33, stretched to the size by one
of four methods at random; flip; brightness, saturation, hue and contrast in one of two orders.
Evaluation: the middle 87.5 % of each side. Both scaled to [-1, 1].
"""

import tensorflow as tf

from nac.config.values import Augmentation
from nac.data.stream import Preparation

CENTRE = 0.875
METHODS = ("bilinear", "nearest", "bicubic", "area")


def inception(side: int) -> Preparation:
    """Return the preparation for images of a given side.

    Of the ``augmentation`` section, ``crop`` and ``flip`` count; colors are left alone where both
    ``brightness`` and ``contrast`` are off. Instead of ``standardize`` the scale is always [-1, 1].
    """

    def train(image, boxes, augmentation: Augmentation, seed):
        seeds = tf.random.experimental.stateless_split(seed, 4)
        image = tf.image.convert_image_dtype(image, tf.float32)
        if augmentation.crop:
            image = _resized(_random_crop(image, boxes, seeds[0]), side, seeds[1])
        else:
            image = _center(image, side)
        if augmentation.flip:
            image = tf.image.stateless_random_flip_left_right(image, seeds[2])
        if augmentation.brightness or augmentation.contrast:
            image = distort_colors(image, seeds[3])
        return _scaled(image)

    def test(image, augmentation: Augmentation):
        return _scaled(_center(tf.image.convert_image_dtype(image, tf.float32), side))

    return Preparation(train, test)


def distort_colors(image, seed):
    """Return a float image in [0, 1] with random colors, clipped to that range."""
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


def _resized(image, side: int, seed):
    method = tf.random.stateless_uniform((), seed, 0, len(METHODS), tf.int32)

    def by(name: str):
        return lambda: tf.ensure_shape(tf.image.resize(image, (side, side), name), (side, side, 3))

    return tf.switch_case(method, [by(name) for name in METHODS])


def _center(image, side: int):
    return tf.image.resize(tf.image.central_crop(image, CENTRE), (side, side))


def _scaled(image):
    return 2.0 * tf.clip_by_value(image, 0.0, 1.0) - 1.0
