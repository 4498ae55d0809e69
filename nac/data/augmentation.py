"""AMLA's augmentation of training images (stubs/tf/cifar10_input.py), batched and stateless.

Every random number is a function of the seed, the step and the image's position in the global
batch.
"""

from collections.abc import Sequence

import tensorflow as tf

from nac.config.values import Augmentation


def augment(
    images: tf.Tensor,
    augmentation: Augmentation,
    padded_side: int | None,
    seed: tf.Tensor | Sequence[int],
) -> tf.Tensor:
    """Return augmented training images, float32.

    The steps are, in this order: pad (or crop) to ``padded_side``, random crop to the original
    size, flip, brightness, contrast (on the 0..255 scale, without clipping), standardization.

    Args:
        images: Tensor of shape (batch, height, width, channels), uint8.
        augmentation: Which of the steps to do.
        padded_side: Side in pixels to pad to with zeros. None, or the images' own side, means
            that nothing is cropped.
        seed: Two integers, different for each batch.
    """
    seeds = tf.random.experimental.stateless_split(seed, 4)
    images = tf.cast(images, tf.float32)
    if augmentation.crop and padded_side is not None:
        images = random_crop(images, padded_side, seeds[0])
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
    return standardize_if(augmentation.standardize, images)


def standardize_if(wanted: bool, images: tf.Tensor) -> tf.Tensor:
    """Return images as float32, standardized if that is wanted."""
    return standardize(images) if wanted else tf.cast(images, tf.float32)


def standardize(images: tf.Tensor) -> tf.Tensor:
    """Return each image shifted to mean 0 and divided by its standard deviation, float32.

    The divisor is at least 1 / sqrt(number of values), so an even image becomes zeros.
    """
    return tf.image.per_image_standardization(tf.cast(images, tf.float32))


def random_crop(images: tf.Tensor, padded_side: int, seed: tf.Tensor) -> tf.Tensor:
    """Pad (or crop) images to a square, then crop each at random to the original size.

    Where ``padded_side`` is smaller than an image's height or width, that one stays as it is.
    """
    batch = tf.shape(images)[0]
    height, width = images.shape[1:3]
    cropped = tf.image.resize_with_crop_or_pad(
        images, max(padded_side, height), max(padded_side, width)
    )
    uniform = tf.random.stateless_uniform((2, batch), seed)
    for axis, side in ((1, height), (2, width)):
        margin = cropped.shape[axis] - side
        start = tf.cast(uniform[axis - 1] * (margin + 1), tf.int32)
        positions = start[:, tf.newaxis] + tf.range(side)
        cropped = tf.gather(cropped, positions, axis=axis, batch_dims=1)
        cropped = _set_shape(cropped, images, axis, side)
    return cropped


def _set_shape(values, like, axis: int, side: int):
    shape = values.shape.as_list()
    shape[0], shape[axis] = like.shape[0], side
    return tf.ensure_shape(values, shape)


def _uniform(images, seed, lowest: float = 0.0, highest: float = 1.0):
    shape = (tf.shape(images)[0], 1, 1, 1)
    return tf.random.stateless_uniform(shape, seed, lowest, highest)
