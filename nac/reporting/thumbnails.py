"""Small pictures that a job has left, as parts of the page."""

import base64
import os
import stat
from pathlib import Path

from nac.runs.layout import thumbnail_file

MOST_BYTES = 256 * 2**10
"""Bytes of a picture; those of nac have at most a few tens of thousands."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""What every PNG file begins with."""


def data_uri(job: Path, position: int) -> str | None:
    """Return the picture of an image as a ``data:`` URI, None if there is no usable one.

    A page is passed on to others, and the run may be somebody else's. So a link, which could bring
    any file of this machine into the page, is not followed, and only PNG files are taken.

    Args:
        job: The job's directory.
        position: Position of the image among those that were scored.
    """
    path = thumbnail_file(job, position)
    if path.parent.is_symlink():
        return None
    try:
        content = _regular_file(path)
    except OSError:
        return None
    if content is None or not content.startswith(SIGNATURE):
        return None
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _regular_file(path: Path) -> bytes | None:
    """Return the content of a file, None if it is too large or of another kind.

    Raises:
        OSError: It is a link, or the system refuses to read it.
    """
    # Opening a pipe without O_NONBLOCK would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = file.read(MOST_BYTES + 1)
    return content if len(content) <= MOST_BYTES else None
