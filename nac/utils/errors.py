"""The two kinds of failure that a user sees as one line instead of a traceback."""


class NacError(Exception):
    """A failure whose text is one complete line for the user."""


class InputError(NacError):
    """Something the user wrote is wrong: a file, a key, a flag or an architecture."""


class JobError(NacError):
    """A training job could not finish, for instance because its loss stopped being finite."""
