"""Arrays in a file of NumPy, ``.npz``, whose sizes are looked at before any is read."""

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from nac.utils.errors import InputError, reason

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_arrays(path: Path, expected: str, most: int) -> dict[str, np.ndarray]:
    """Return all arrays of a file by their names.

    A small file can promise, or be unpacked to, more than fits into memory. So what its arrays
    take is known from their headers, and refused, before one of them is read.

    Args:
        path: The file.
        expected: What it should be, for the message, such as "predictions of nac train".
        most: Largest number of bytes that all arrays together may take.

    Raises:
        InputError: The file is missing, is damaged, or its arrays are too large.
    """
    if not path.is_file():  # reading a pipe could wait forever
        raise InputError(f"{path}: expected {expected}, received no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.removesuffix(".npy"): member for member in archive.namelist()}
            sizes = {name: _size(archive, member) for name, member in members.items()}
            if sum(sizes.values()) <= most:
                return {name: _array(archive, member) for name, member in members.items()}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    except Exception as error:  # NumPy and zipfile do not say what bytes of strangers may raise
        why = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: expected {expected}, received a damaged file ({why})") from None
    largest = max(sizes, key=lambda name: sizes[name])
    raise InputError(
        f"{path}: {largest}: expected at most {most} bytes in all arrays,"
        f" received {sizes[largest]} in this one"
    )


def _size(archive: zipfile.ZipFile, member: str) -> int:
    """Return the bytes of an array according to its header."""
    with archive.open(member) as file:
        shape, dtype = _header(file)
    if min(shape, default=0) < 0:
        raise ValueError(f"{member} of shape {shape}")
    return math.prod(shape) * max(1, dtype.itemsize)  # values without a byte take time, too


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"arrays of version {version}")
    shape, _, dtype = _HEADERS[version](file)
    return shape, dtype


def _array(archive: zipfile.ZipFile, member: str) -> np.ndarray:
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def described(array: np.ndarray) -> str:
    """Return what a message says of an array: a single integer, or else type and shape.

    Example:
    >>> described(np.array(2)), described(np.zeros(3, np.float32))
    ('2', 'float32 of shape (3,)')
    """
    if not array.shape and array.dtype.kind in "iu":
        return str(array)
    return f"{array.dtype} of shape {array.shape}"
