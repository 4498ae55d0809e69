"""From a single decoded image to what a network sees, for data sets that are streamed."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from nac.config.training import Augmentation
from nac.data.augmentation import augment, standardize_if


@dataclass(frozen=True)
class Preparation:
    """What is done with a decoded image.

    Attributes:
        train: Maps (image, boxes, augmentation, seed) to a float32 image. The image is uint8, the
            boxes have shape (1, number, 4), the seed is two integers.
        test: Maps (image, whether to standardize) to a float32 image.
        plain: Whether ``test`` resizes and, if wanted, standardizes the image, and does no more.
    """

    train: Callable[[tf.Tensor, tf.Tensor, Augmentation, tf.Tensor], tf.Tensor]
    test: Callable[[tf.Tensor, bool], tf.Tensor]
    plain: bool = False


def prepare_like_images(
    shape: tuple[int, int, int], resize: bool, padded_side: int | None
) -> Preparation:
    """Return the preparation that treats one image as images in memory are treated.

    Args:
        shape: (height, width, channels) of the result.
        resize: Whether images are resized to that shape. Otherwise they have it already.
        padded_side: Side in pixels to which training images are padded before the random crop.
    """

    def as_batch(image):
        image = resized(image, *shape[:2]) if resize else image
        return tf.ensure_shape(image, shape)[tf.newaxis]

    def train(image, boxes, augmentation, seed):
        return augment(as_batch(image), augmentation, padded_side, seed)[0]

    def test(image, standardize):
        return standardize_if(standardize, as_batch(image))[0]

    return Preparation(train, test, plain=True)


def resized(image: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Return the image stretched to a size, uint8. Shrinking averages pixels."""
    values = tf.image.resize(image, (height, width), antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(values), 0.0, 255.0), tf.uint8)


def without_alpha(image: tf.Tensor) -> tf.Tensor:
    """Return an image without its alpha channel: 2 channels become 1, and 4 become 3."""
    return image[..., :-1] if image.shape[-1] in (2, 4) else image


def no_boxes() -> tf.Tensor:
    """Return the bounding boxes of an image that has none, shape (1, 0, 4)."""
    return tf.zeros((1, 0, 4))
