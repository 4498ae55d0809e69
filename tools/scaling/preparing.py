"""How many images of ImageNet a core decodes and prepares per second, measured on this machine.

ImageNet's images may not be passed on, so the image is made: a sum of waves, like a photo smooth in
the large and rough in the small, with noise until its JPEG has as many bytes as one of ImageNet has
on average.
"""

import io
import time
from functools import cache

import numpy as np
import tensorflow as tf
from PIL import Image

from nac.config.training import Augmentation
from nac.data.imagenet_images import inception

WIDTH, HEIGHT = 500, 375
"""Pixels of most of ImageNet's images."""

QUALITY = 90


@cache
def waves() -> np.ndarray:
    """Return an image of waves, (height, width, 3), around a medium grey."""
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH, :1][:2] / HEIGHT
    pixels = np.full((HEIGHT, WIDTH, 3), 128.0)
    for frequency in 2.0 ** np.arange(1, 8):
        angle, phase = generator.uniform(0, 2 * np.pi, (2, 3))
        along = np.cos(angle) * x + np.sin(angle) * y
        pixels += 60.0 / np.sqrt(frequency) * np.sin(2 * np.pi * frequency * along + phase)
    return pixels


def photo(noise: float) -> bytes:
    """Return a JPEG of an image of waves and noise.

    Args:
        noise: Deviation of the noise, in grey levels.
    """
    pixels = waves() + np.random.default_rng(0).normal(0.0, noise, waves().shape)
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def photo_of(size: int) -> bytes:
    """Return a JPEG of about so many bytes."""
    low, high = 0.0, 64.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if len(photo(middle)) < size else (low, middle)
    return photo(low)


def images_per_second(size: int, side: int = 224, images: int = 300) -> dict[str, float]:
    """Return what one core does per second: decoding alone, and all of the preparation.

    Args:
        size: Bytes of a JPEG.
        side: Pixels of a side after the preparation.
        images: Number of images.
    """
    preparation, augmentation = inception(side), Augmentation()
    boxes = tf.zeros((1, 0, 4))

    def decoded(_, jpeg):
        return tf.io.decode_jpeg(jpeg, 3)

    def prepared(number, jpeg):
        seed = tf.stack([tf.constant(0, tf.int64), number])
        return preparation.train(decoded(number, jpeg), boxes, augmentation, seed)

    # What every element has in common, TensorFlow would compute only once.
    photos = tf.data.Dataset.from_tensors(photo_of(size)).repeat()
    examples = tf.data.Dataset.zip((tf.data.Dataset.range(2 * images), photos))
    steps = {"decoding": decoded, "decoding and preparing": prepared}
    return {name: _rate(examples.map(step), images) for name, step in steps.items()}


def _rate(examples: tf.data.Dataset, images: int) -> float:
    """Return the elements of a data set per second of a core."""
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.autotune.enabled = False
    read = iter(examples.with_options(options))
    for _ in range(images // 10):
        next(read)
    started = time.process_time()
    for _ in range(images):
        next(read)
    return images / (time.process_time() - started)
