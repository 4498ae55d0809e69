"""Images by their number: an array, a choice from one, or files that are decoded when asked for."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np

from nac.data.photo import read_photo
from nac.data.source import MEMORY_LIMIT
from nac.utils.files import open_regular


class Rows(Protocol):
    """Images of one shape, uint8. A NumPy array is one, in memory or mapped from a file.

    Attributes:
        shape: (images, height, width, channels).
    """

    @property
    def shape(self) -> tuple[int, ...]: ...  # noqa: D102

    def __len__(self) -> int: ...

    def __getitem__(self, numbers: np.ndarray) -> np.ndarray:
        """Return the images of these numbers, (numbers, height, width, channels)."""


def mapped(path: Path) -> np.ndarray:
    """Return the array of a .npy file, which stays on the disk.

    Raises:
        OSError: The file cannot be read, or is no file but a pipe, say.
        ValueError: Its content is another one.
    """
    with open_regular(path):  # NumPy would wait for a pipe
        pass
    try:
        with np.errstate(over="ignore"):  # a header may say any shape
            return np.lib.format.open_memmap(path, mode="r")
    except (OverflowError, MemoryError, EOFError) as error:
        raise ValueError(str(error) or "its shape is impossible") from None


class Chosen:
    """Some images of others, which are not copied.

    Args:
        images: All images.
        numbers: Numbers of those that are chosen, (chosen,) integers.

    Attributes:
        shape: (chosen, height, width, channels).
    """

    def __init__(self, images: Rows, numbers: np.ndarray):
        self._images, self._numbers = images, numbers
        self.shape = (len(numbers), *images.shape[1:])

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, numbers: np.ndarray) -> np.ndarray:
        return self._images[self._numbers[numbers]]


class Undecoded:
    """Images in files, which are decoded each time that they are asked for.

    Args:
        files: Paths of the files, each of which can be read.
        shape: (height, width, channels) of the images, to which they are brought.

    Attributes:
        shape: (files, height, width, channels).
    """

    def __init__(self, files: Sequence[str], shape: tuple[int, int, int]):
        self._files, self.shape = np.array(files, object), (len(files), *shape)
        self._pool = ThreadPoolExecutor(os.cpu_count())

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, numbers: np.ndarray) -> np.ndarray:
        _, height, width, channels = self.shape
        read = self._pool.map(
            lambda file: read_photo(file, (height, width), channels), self._files[numbers]
        )
        return np.stack(list(read))


def in_memory(images: Rows) -> bool:
    """Return whether images are an array that is small enough to be copied."""
    return isinstance(images, np.ndarray) and images.nbytes <= MEMORY_LIMIT


def chosen(images: Rows, mask: np.ndarray) -> Rows:
    """Return the images of a mask, (images,) bool: a copy if they are in memory."""
    return images[mask] if in_memory(images) else Chosen(images, np.flatnonzero(mask))
