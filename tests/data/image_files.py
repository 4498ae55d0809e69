"""Folders of small PNG and JPEG files."""

from pathlib import Path

import numpy as np
import tensorflow as tf


def image(value: int, height: int = 4, width: int = 4, channels: int = 1) -> np.ndarray:
    """Return an image of one value."""
    return np.full((height, width, channels), value, np.uint8)


def write_image(path: Path, pixels: np.ndarray) -> Path:
    """Write a JPEG or PNG file, as its name ends, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = tf.io.encode_png if path.suffix.lower() == ".png" else tf.io.encode_jpeg
    path.write_bytes(encode(pixels).numpy())
    return path


def write_classes(path: Path, counts: dict[str, int]) -> Path:
    """Write so many PNG files of each class; the n-th of class c (both from 0) is all 50 c + n."""
    for label, (name, count) in enumerate(counts.items()):
        (path / name).mkdir(parents=True)
        for number in range(count):
            write_image(path / name / f"{number:03d}.png", image(50 * label + number))
    return path


def write_folder(path: Path, train: dict[str, int], test: dict[str, int] | None = None) -> Path:
    """Write the images of both splits (see :func:`write_classes`)."""
    write_classes(path / "train", train)
    write_classes(path / "test", test or {})
    return path
