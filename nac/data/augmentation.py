"""Augmentation of training images, batched and stateless.

AMLA's (stubs/tf/cifar10_input.py) pads with zeros and changes brightness and contrast. Padding by
reflection and random erasing are additions. Every random number is a function of the seed, the step
and the image's position in the global batch.
"""

import math
from collections.abc import Sequence

import tensorflow as tf

from nac.config.training import REFLECT, Augmentation

ERASED_AREA, ERASED_RATIO = (0.02, 0.25), 3.0
"""Share of an image that an erased rectangle covers; largest ratio of its sides."""


def augment(
    images: tf.Tensor,
    augmentation: Augmentation,
    padded_side: int | None,
    seed: tf.Tensor | Sequence[int],
) -> tf.Tensor:
    """Return augmented training images, float32.

    The steps are, in this order: pad (or crop) to ``padded_side``, random crop to the original
    size, flip, brightness, contrast (on the 0..255 scale, without clipping), standardization,
    random erasing.

    Args:
        images: Tensor of shape (batch, height, width, channels), uint8.
        augmentation: Which of the steps to do.
        padded_side: Side in pixels to pad to. None, or the images' own side, means that nothing
            is cropped; but with "reflect", None means to pad each side by an eighth.
        seed: Two integers, different for each batch.
    """
    seeds = tf.random.experimental.stateless_split(seed, 4)
    images = tf.cast(images, tf.float32)
    height, width = images.shape[1:3]
    if augmentation.crop == REFLECT:
        images = random_crop(reflected(images, padded_side), height, width, seeds[0])
    elif augmentation.crop and padded_side is not None:
        images = random_crop(padded(images, padded_side), height, width, seeds[0])
    if augmentation.flip:
        mirrored = _uniform(images, seeds[1]) < 0.5
        images = tf.where(mirrored, tf.reverse(images, [2]), images)
    if augmentation.brightness:
        limit = augmentation.brightness
        images += _uniform(images, seeds[2], -limit, limit)
    if augmentation.contrast is not None:
        factor = _uniform(images, seeds[3], *augmentation.contrast)
        means = tf.reduce_mean(images, axis=[1, 2], keepdims=True)
        images = (images - means) * factor + means
    images = standardize_if(augmentation.standardize, images)
    if augmentation.erasing:
        erasing_seed = tf.random.experimental.stateless_fold_in(seed, 4)
        images = random_erasing(images, augmentation.erasing, erasing_seed)
    return images


def standardize_if(wanted: bool, images: tf.Tensor) -> tf.Tensor:
    """Return images as float32, standardized if that is wanted."""
    return standardize(images) if wanted else tf.cast(images, tf.float32)


def standardize(images: tf.Tensor) -> tf.Tensor:
    """Return each image shifted to mean 0 and divided by its standard deviation, float32.

    The divisor is at least 1 / sqrt(number of values), so an even image becomes zeros.
    """
    return tf.image.per_image_standardization(tf.cast(images, tf.float32))


def padded(images: tf.Tensor, side: int) -> tf.Tensor:
    """Return images with borders of zeros, or without their own borders, as squares.

    Where ``side`` is smaller than an image's height or width, that one stays as it is.
    """
    height, width = images.shape[1:3]
    return tf.image.resize_with_crop_or_pad(images, max(side, height), max(side, width))


def reflected(images: tf.Tensor, side: int | None) -> tf.Tensor:
    """Return images whose borders continue as their mirror images.

    Args:
        images: Tensor of shape (batch, height, width, channels).
        side: Height and width of the result, unless an image has more. None for an eighth of the
            image on each side.
    """
    margins = [_margins(length, side) for length in images.shape[1:3]]
    return tf.pad(images, [(0, 0), *margins, (0, 0)], "REFLECT")


def _margins(length: int, side: int | None) -> tuple[int, int]:
    added = 2 * (length // 8) if side is None else max(0, side - length)
    added = min(added, 2 * (length - 1))  # a mirror image is not longer than the image
    return added // 2, added - added // 2


def random_crop(images: tf.Tensor, height: int, width: int, seed: tf.Tensor) -> tf.Tensor:
    """Crop each image at random to a height and width that are at most its own."""
    uniform = tf.random.stateless_uniform((2, tf.shape(images)[0]), seed)
    cropped = images
    for axis, side in ((1, height), (2, width)):
        margin = cropped.shape[axis] - side
        start = tf.cast(uniform[axis - 1] * (margin + 1), tf.int32)
        positions = start[:, tf.newaxis] + tf.range(side)
        cropped = tf.gather(cropped, positions, axis=axis, batch_dims=1)
        cropped = _set_shape(cropped, images, axis, side)
    return cropped


def random_erasing(images: tf.Tensor, share: float, seed: tf.Tensor) -> tf.Tensor:
    """Set a random rectangle of some images to zero (Zhong et al., arXiv 1708.04896).

    Args:
        images: Tensor of shape (batch, height, width, channels), float32.
        share: Share of the images in which this is done.
        seed: Two integers, different for each batch.
    """
    count, (height, width) = tf.shape(images)[0], images.shape[1:3]
    chosen, area, ratio, top, left = tf.unstack(tf.random.stateless_uniform((5, count), seed))
    area = (ERASED_AREA[0] + (ERASED_AREA[1] - ERASED_AREA[0]) * area) * height * width
    ratio = tf.exp((2.0 * ratio - 1.0) * math.log(ERASED_RATIO))
    rows = _span(top, tf.sqrt(area * ratio), height)
    columns = _span(left, tf.sqrt(area / ratio), width)
    erased = rows[:, :, tf.newaxis] & columns[:, tf.newaxis, :]
    erased &= (chosen < share)[:, tf.newaxis, tf.newaxis]
    return tf.where(erased[..., tf.newaxis], 0.0, images)


def _span(position: tf.Tensor, length: tf.Tensor, side: int) -> tf.Tensor:
    """Return which pixels of a side belong to a span of some length, (batch, side), bool.

    Args:
        position: Where the span begins, (batch,), from 0 to 1 for the last place where it fits.
        length: Its number of pixels, (batch,).
        side: Number of pixels of the side.
    """
    start = (position * tf.maximum(0.0, side - length))[:, tf.newaxis]
    pixels = tf.range(side, dtype=tf.float32) + 0.5
    return (pixels >= start) & (pixels < start + length[:, tf.newaxis])


def _set_shape(values, like, axis: int, side: int):
    shape = values.shape.as_list()
    shape[0], shape[axis] = like.shape[0], side
    return tf.ensure_shape(values, shape)


def _uniform(images, seed, lowest: float = 0.0, highest: float = 1.0):
    shape = (tf.shape(images)[0], 1, 1, 1)
    return tf.random.stateless_uniform(shape, seed, lowest, highest)
