"""One image file as an array of pixels, whatever its format. Needs no TensorFlow.

Pillow reads the files; it comes with TensorBoard, which requires it. A file is read in the same way
for training and for predictions.
"""

import os
import threading
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.files import open_regular

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
"""Endings of the files that count as images, in small letters."""

FORMATS = "JPEG, PNG, WebP, BMP, GIF or TIFF"
"""The same for messages."""

DECODERS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Pillow's names for these. Its other decoders read no file, whatever its name: some of them run
programs, such as Ghostscript for PostScript, and most of them are hardly ever tested."""

GRAY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})
"""Pillow's names for images without color; all others have three channels."""

OVERSAMPLING = 2
"""A JPEG file may be decoded in a smaller size, which takes a fraction of the time, but at least in
this multiple of the size that is wanted."""

LARGE = 25_000_000
"""Pixels from which on images are decoded one at a time, as each takes hundreds of megabytes."""

_large = threading.Lock()


def read_photo(
    path: str | os.PathLike[str], size: tuple[int, int] | None = None, channels: int | None = None
) -> np.ndarray:
    """Return the pixels of an image file, (height, width, channels) uint8.

    The image is turned upright as its EXIF data say. Of 16 bits per pixel the upper 8 are kept, of
    an animation the first image. Transparency is dropped.

    Args:
        path: A file in one of :data:`FORMATS`.
        size: (height, width) to which the image is stretched. None keeps its own.
        channels: 1 for gray, 3 for color. None for 3 unless the file has no color.

    Raises:
        InputError: The file cannot be read as an image, or has too many pixels.
    """
    with _opened(path) as image:
        if size and channels != 1 and image.format == "JPEG":
            # Upright or not: the larger side is enough for both.
            image.draft(None, (OVERSAMPLING * max(size),) * 2)
        channels = channels or _channels(image)
        with _large if image.width * image.height > LARGE else nullcontext():
            ImageOps.exif_transpose(image, in_place=True)  # copies of large images take long
            return _pixels(_eight_bits(image, channels), size)


def stretched(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image stretched to a size as :func:`read_photo` does.

    Args:
        pixels: (height, width, 1 or 3), uint8.
        size: (height, width) of the result.
    """
    return _pixels(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels), size)


def _pixels(image: Image.Image, size: tuple[int, int] | None) -> np.ndarray:
    if size and image.size != size[::-1]:
        image = image.resize(size[::-1], Image.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def photos_or_reasons(
    paths: Iterable[str | os.PathLike[str]], shape: tuple[int, int, int]
) -> Iterator[np.ndarray | str]:
    """Yield the image of each file in its order, or why it cannot be read, by all cores.

    Args:
        paths: The files. All of them are read, however slowly the images are taken.
        shape: (height, width, channels) of each image.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda path: _photo_or_reason(path, shape), paths)


def _photo_or_reason(path: str | os.PathLike[str], shape: tuple[int, int, int]) -> np.ndarray | str:
    try:
        return read_photo(path, shape[:2], shape[-1])
    except InputError as error:
        return str(error)


def photo_shape(path: str | os.PathLike[str]) -> tuple[int, int, int]:
    """Return (height, width, channels) of an image file, of which only the beginning is read.

    Raises:
        InputError: The file cannot be read as an image.
    """
    with _opened(path) as image:
        width, height = image.size
        return height, width, _channels(image)


@contextmanager
def _opened(path: str | os.PathLike[str]):
    """Yield an image whose pixels are not read yet; say in one line what is wrong with the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about large images and damaged EXIF data
            with open_regular(path) as file, Image.open(file, formats=DECODERS) as image:
                _check_size(*image.size)
                yield image
    # Pillow raises almost anything for a damaged file, and each means the same to the user.
    except Exception as error:
        raise InputError(f"{path}: cannot be read as an image ({_reason(error)})") from None


def _check_size(width: int, height: int) -> None:
    """Refuse an image before it is decoded, as a small file may say that it is huge."""
    if width * height > limits.IMAGE_PIXELS:
        raise ValueError(
            f"expected at most {limits.IMAGE_PIXELS:,} pixels, received {width}x{height}"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return f"its content is not that of a {FORMATS} file"
    if isinstance(error, Image.DecompressionBombError):  # Pillow's own limit, which is higher
        return f"expected at most {limits.IMAGE_PIXELS:,} pixels, received more"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:80]


def _channels(image: Image.Image) -> int:
    return 1 if image.mode in GRAY_MODES else 3


def _eight_bits(image: Image.Image, channels: int) -> Image.Image:
    if image.mode == "I" or image.mode.startswith("I;16"):
        # Pillow itself would make everything above 255 white.
        values = np.asarray(image) >> 8
        image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    if image.mode == "P":  # by way of its own colors, as transparent ones may be anything
        image = image.convert("RGBA")
    mode = "L" if channels == 1 else "RGB"
    return image if image.mode == mode else image.convert(mode)
