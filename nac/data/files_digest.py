"""What identifies the files of a data set: their names, sizes and contents, but not their dates.

Files that are copied to another machine are the same, files that were edited are not.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nac.utils.errors import InputError, reason
from nac.utils.files import open_regular
from nac.utils.text import file_size

END_BYTES = 2**15
"""Bytes at the beginning and at the end of a file that count. So smaller files count whole, and
gigabytes of large ones need not be read; hardly anything changes a photo without changing these."""

READERS = 8
"""Files that are read at a time, as disks and networks answer several questions at once."""


@dataclass(frozen=True)
class FilesDigest:
    """What identifies the files of a data set.

    Attributes:
        files: Number of files.
        bytes: Bytes of all of them.
        digest: SHA-256 of names, sizes and contents, in the order of the names.
    """

    VERSION: ClassVar[int] = 1

    files: int
    bytes: int
    digest: str

    def __str__(self) -> str:
        return f"{self.files:,} files of {file_size(self.bytes)}"


def files_digest(files: Sequence[Path]) -> FilesDigest:
    """Return what identifies some files, whose names count from their common directory on.

    Args:
        files: Their paths, at least one.

    Raises:
        InputError: A file cannot be read.
    """
    base = os.path.commonpath([path.absolute().parent for path in files])
    named = sorted((os.path.relpath(path.absolute(), base), path) for path in files)
    with ThreadPoolExecutor(READERS) as pool:
        contents = list(pool.map(_content, (path for _, path in named)))
    digest = hashlib.sha256()
    for (name, _), (size, content) in zip(named, contents, strict=True):
        digest.update(os.fsencode(name) + b"\0" + f"{size}\0".encode() + content)
    return FilesDigest(len(named), sum(size for size, _ in contents), digest.hexdigest())


def _content(path: Path) -> tuple[int, bytes]:
    """Return the size of a file, and a hash of its beginning and its end."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            ends = [os.pread(file.fileno(), END_BYTES, 0)]
            if size > END_BYTES:
                ends.append(os.pread(file.fileno(), END_BYTES, max(END_BYTES, size - END_BYTES)))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    return size, hashlib.sha256(b"".join(ends)).digest()
