"""What libraries say when the system refuses something, in the words of the system alone."""

import errno
import os

from nac.utils.text import plain_reason

REFUSALS = tuple(
    os.strerror(number)
    for number in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ESTALE,
    )
)
"""How the system says why a file cannot be read or written; TensorFlow repeats that."""


def reason_in(error: Exception) -> str:
    """Return the reason of the system, or all that TensorFlow says if there is none in it."""
    return refusal_in(error) or plain_reason(error)


def refusal_in(error: Exception) -> str | None:
    """Return why the system refused something, None if an error is about something else.

    Example:
    >>> refusal_in(Exception("ckpt-3.tempstate1; No space left on device [Op:SaveV2]"))
    'No space left on device'
    """
    text = str(error)
    return next((reason for reason in REFUSALS if reason in text), None)
