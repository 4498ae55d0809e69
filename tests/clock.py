"""A clock that tests can set."""

import types


class Clock:
    """Stands in for the module ``time``: shows the seconds that a test sets."""

    def __init__(self, seconds: float = 1000.0):
        self.seconds = seconds

    def module(self) -> types.SimpleNamespace:
        """Return what replaces ``time``."""
        return types.SimpleNamespace(monotonic=lambda: self.seconds, strftime=lambda _: "12:34:56")
