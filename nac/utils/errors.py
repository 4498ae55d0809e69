"""The kinds of failure that a user sees as one line instead of a traceback."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from nac.utils.text import printable

LONGEST = 500
"""Characters of a message; of a longer one, the middle is left out."""


class NacError(Exception):
    """A failure whose text is one complete line for the user.

    Names and values in it may come from files of strangers: control characters, which could change
    what a terminal shows, are written as escapes, and a long text is shortened.

    Args:
        message: The line.
        *details: Further lines, such as the end of a log.
    """

    def __init__(self, message: str, *details: str):
        super().__init__("\n".join(printable(line, LONGEST) for line in (message, *details)))


class InputError(NacError):
    """Something the user wrote is wrong: a file, a key, a flag or an architecture."""


class SystemRefusal(NacError):
    """The operating system refused something: the disk is full, a file is protected, and so on."""


class JobError(NacError):
    """A training job could not finish, for instance because its loss stopped being finite."""


class LossError(JobError):
    """The loss of a training stopped being finite.

    Args:
        message: The line for the user.
        step: The first step with such a loss.

    Attributes:
        step: As given.
    """

    def __init__(self, message: str, step: int):
        super().__init__(message)
        self.step = step


def reason(error: OSError | ValueError) -> str:
    """Return why the system refused something, in its own words.

    Args:
        error: A ValueError is what Python raises for names that no system takes, such as one with a
            NUL character.

    Example:
    >>> reason(OSError(28, "No space left on device", "report.html"))
    'No space left on device'
    """
    if isinstance(error, FileExistsError) and error.filename is not None:
        return f"{error.filename} is a file"
    return getattr(error, "strerror", None) or " ".join(str(error).split())


@contextmanager
def refused(tried: str, path: str | os.PathLike) -> Iterator[None]:
    """Turn what the system refuses within the block into one line.

    Args:
        tried: What was tried, such as "written".
        path: The file or directory.

    Raises:
        SystemRefusal: The system refused.

    Example:
    >>> with refused("written", "/proc/x"):
    ...     open("/proc/x", "w")
    Traceback (most recent call last):
    nac.utils.errors.SystemRefusal: /proc/x: cannot be written: No such file or directory
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise SystemRefusal(f"{path}: cannot be {tried}: {reason(error)}") from error


@contextmanager
def system_refusals() -> Iterator[None]:
    """Turn any OSError within the block into one line: the net below more precise messages.

    Raises:
        SystemRefusal: There was one. A broken pipe is none.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SystemRefusal(f"{_what(error)}: {reason(error)}") from error


WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What only writing meets."""


def _what(error: OSError) -> str:
    given = (error.filename, error.filename2)
    names = [os.fsdecode(name) for name in given if isinstance(name, str | bytes)]
    if names:
        return f"{' -> '.join(names)}: cannot be read or written"
    # Files that nac writes are named by `refused`.
    return "output: cannot be written" if error.errno in WRITING else "refused by the system"
