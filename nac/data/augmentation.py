"""AMLA's augmentation of training images (stubs/tf/cifar10_input.py), batched and stateless.

Every random number is a function of the seed, the step and the image's place in the global batch.
"""

import tensorflow as tf

from nac.config.values import Augmentation


def augment(images, augmentation: Augmentation, image_size: int | None, seed):
    """Return augmented training images, float32.

    Order: pad or crop to ``image_size``, random crop to the original size, flip, brightness,
    contrast (on 0..255, not clipped), standardization.

    Args:
        images: (batch, height, width, channels), uint8.
        augmentation: which steps to do.
        image_size: side to pad to with zeros; None or the images' own side: no crop.
        seed: two integers, different for each batch.
    """
    seeds = tf.random.experimental.stateless_split(seed, 4)
    images = tf.cast(images, tf.float32)
    if augmentation.crop and image_size is not None:
        images = random_crop(images, image_size, seeds[0])
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
    return standardize(images) if augmentation.standardize else images


def standardize(images):
    """Return each image with mean 0 and deviation 1 (at least 1 / sqrt(pixels) before)."""
    return tf.image.per_image_standardization(tf.cast(images, tf.float32))


def random_crop(images, padded_size: int, seed):
    """Pad (or crop) to a square of the given side, then crop at random to the original size.

    A side smaller than the images' own leaves that side as it is.
    """
    batch = tf.shape(images)[0]
    height, width = images.shape[1:3]
    padded = tf.image.resize_with_crop_or_pad(
        images, max(padded_size, height), max(padded_size, width)
    )
    uniform = tf.random.stateless_uniform((2, batch), seed)
    for axis, side in ((1, height), (2, width)):
        room = padded.shape[axis] - side
        start = tf.cast(uniform[axis - 1] * (room + 1), tf.int32)
        positions = start[:, tf.newaxis] + tf.range(side)
        padded = tf.gather(padded, positions, axis=axis, batch_dims=1)
        padded = _set_shape(padded, images, axis, side)
    return padded


def _set_shape(values, like, axis: int, side: int):
    shape = values.shape.as_list()
    shape[0], shape[axis] = like.shape[0], side
    return tf.ensure_shape(values, shape)


def _uniform(images, seed, lowest: float = 0.0, highest: float = 1.0):
    shape = (tf.shape(images)[0], 1, 1, 1)
    return tf.random.stateless_uniform(shape, seed, lowest, highest)
