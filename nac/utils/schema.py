"""Reading a mapping with types, defaults and errors that say where and what was expected."""

import difflib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nac.utils.errors import InputError

REQUIRED: Any = object()
"""Default value that marks a key as required."""


def shown(value: Any) -> str:
    """Return ``value`` as it appears in an error message, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def nearest(word: str, words: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the word closest to ``word``, or an empty string."""
    matches = difflib.get_close_matches(str(word), [str(other) for other in words], n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def is_number(value: Any) -> bool:
    """Whether ``value`` is a finite int or float (a bool is not a number here)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def is_integer(value: Any) -> bool:
    """Whether ``value`` is an int (a bool is not an integer here)."""
    return isinstance(value, int) and not isinstance(value, bool)


class Section:
    """One mapping of an input file; remembers which keys were read.

    Call a reader per key, then :meth:`finish`: keys that nobody read are errors, so the set of
    known keys never has to be written twice.

    Args:
        value: the mapping; anything else is an error.
        source: what the mapping was read from, the beginning of each message.
        path: dotted place inside the source, empty at its root.

    Raises:
        InputError: ``value`` is no mapping with string keys.
    """

    def __init__(self, value: Any, source: str, path: str = ""):
        self.source = source
        self.path = path
        if not isinstance(value, dict):
            raise InputError(f"{self.at()}: expected a mapping, received {shown(value)}")
        for key in value:
            if not isinstance(key, str):
                raise InputError(f"{self.at()}: expected a text as key, received {shown(key)}")
        self._value = value
        self._read: set[str] = set()

    def at(self, key: str = "") -> str:
        """Return the place of ``key`` for an error message."""
        path = ".".join(part for part in (self.path, key) if part)
        return f"{self.source}: {path}" if path else self.source

    def __contains__(self, key: str) -> bool:
        self._read.add(key)
        return key in self._value

    def keys(self) -> list[str]:
        """Return the keys in the order of the file, as read (for mappings with free keys)."""
        self._read.update(self._value)
        return list(self._value)

    def any(self, key: str, default: Any = REQUIRED) -> Any:
        """Return the value of ``key`` unchecked, or ``default`` if it is absent."""
        self._read.add(key)
        if key not in self._value and default is REQUIRED:
            raise InputError(f"{self.at(key)}: missing")
        return self._value.get(key, default)

    def checked(
        self, key: str, expected: str, accepts: Callable[[Any], bool], default: Any = REQUIRED
    ) -> Any:
        """Return the value of ``key``, which must satisfy ``accepts``."""
        value = self.any(key, default)
        if key in self._value and not accepts(value):
            raise InputError(f"{self.at(key)}: expected {expected}, received {shown(value)}")
        return value

    def integer(self, key: str, default: Any = REQUIRED, minimum: int = 0) -> Any:
        """Return an integer that is at least ``minimum``."""
        return self.checked(
            key,
            f"an integer >= {minimum}",
            lambda value: is_integer(value) and value >= minimum,
            default,
        )

    def number(
        self,
        key: str,
        default: Any = REQUIRED,
        minimum: float = 0.0,
        maximum: float = math.inf,
        above: bool = False,
    ) -> Any:
        """Return a finite number in [minimum, maximum]; ``above`` excludes the minimum."""
        comparison = f"> {minimum:g}" if above else f">= {minimum:g}"
        limit = f" and <= {maximum:g}" if math.isfinite(maximum) else ""

        def accepts(value: Any) -> bool:
            if not is_number(value) or value > maximum:
                return False
            return value > minimum if above else value >= minimum

        return self.checked(key, f"a number {comparison}{limit}", accepts, default)

    def boolean(self, key: str, default: Any = REQUIRED) -> Any:
        """Return true or false."""
        return self.checked(key, "true or false", lambda value: isinstance(value, bool), default)

    def text(self, key: str, default: Any = REQUIRED, choices: Sequence[str] = ()) -> Any:
        """Return a text, one of ``choices`` if there are any."""
        value = self.checked(key, "a text", lambda value: isinstance(value, str), default)
        if choices and key in self._value and value not in choices:
            expected = ("one of " if len(choices) > 1 else "") + ", ".join(choices)
            hint = nearest(value, choices)
            raise InputError(f"{self.at(key)}: expected {expected}, received {value!r}{hint}")
        return value

    def sequence(
        self,
        key: str,
        expected: str,
        accepts: Callable[[Any], bool],
        default: Any = REQUIRED,
    ) -> Any:
        """Return a tuple of values that each satisfy ``accepts``."""
        value = self.checked(
            key,
            f"a list of {expected}",
            lambda value: isinstance(value, list | tuple) and all(map(accepts, value)),
            default,
        )
        return tuple(value) if key in self._value else value

    def section(self, key: str) -> "Section":
        """Return the mapping under ``key``, which must be there."""
        path = ".".join(part for part in (self.path, key) if part)
        return Section(self.any(key), self.source, path)

    def finish(self) -> None:
        """Raise InputError if there are keys that were not read, with the nearest known key."""
        for key in self._value:
            if key not in self._read:
                raise InputError(f"{self.at(key)}: unknown key{nearest(key, self._read)}")
