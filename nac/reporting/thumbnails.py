"""Small pictures that a job has left, as parts of the page."""

import base64
from pathlib import Path

from nac.runs.layout import thumbnail_file
from nac.utils.files import open_regular

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
        with open_regular(path, follow_links=False) as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    if len(content) > MOST_BYTES or not content.startswith(SIGNATURE):
        return None
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
