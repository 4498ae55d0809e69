"""The two kinds of failure that a user sees as one line instead of a traceback."""

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
