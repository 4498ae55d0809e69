"""Small pictures of images on which a network was scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from nac.data.preparation import resized, without_alpha
from nac.data.source import Source
from nac.runs.layout import thumbnail_file
from nac.utils.files import write_atomically

LARGEST_SIDE = 96
"""Side in pixels to which larger images are reduced."""


def thumbnails(source: Source, split: str, positions: Sequence[int]) -> dict[int, np.ndarray]:
    """Return small pictures of some images of a split, uint8, by their position.

    Where no image reaches the brightest value, as in digits with values up to 16, all become
    brighter by the same factor.

    Args:
        source: The data set.
        split: The images, "test" or "validation".
        positions: Their positions, rising.
    """
    with tf.device("CPU"):
        small = {p: _reduced(pixels) for p, pixels in source.pixels(split, positions)}
    brightest = max((int(pixels.max()) for pixels in small.values()), default=0)
    return {p: _brightened(pixels, brightest) for p, pixels in small.items()}


def _reduced(pixels: np.ndarray) -> np.ndarray:
    """Return an image of at most LARGEST_SIDE pixels in height and width, in its proportions."""
    height, width = pixels.shape[:2]
    scale = LARGEST_SIDE / max(height, width)
    if scale < 1.0:
        sides = (max(1, round(scale * side)) for side in (height, width))
        pixels = resized(tf.constant(pixels), *sides).numpy()
    return without_alpha(pixels)


def _brightened(pixels: np.ndarray, brightest: int) -> np.ndarray:
    if not 0 < brightest < 255:
        return pixels
    return np.round(pixels * (255.0 / brightest)).astype(np.uint8)


def write_thumbnails(job: Path, pictures: Mapping[int, np.ndarray]) -> None:
    """Write pictures as PNG files into a job's directory."""
    for position, pixels in pictures.items():
        with tf.device("CPU"):
            content = tf.io.encode_png(pixels).numpy()
        write_atomically(thumbnail_file(job, position), content)
