"""Reads mappings with checked types, and errors that say where and what was expected."""

import difflib
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, TypeGuard

from nac.utils import limits
from nac.utils.errors import InputError

REQUIRED: Any = object()
"""Default that marks a key as required."""


LONGEST = 60
"""Characters of a value in a message."""


def shown(value: Any) -> str:
    """Return ``value`` as it appears in an error message, cut to 60 characters.

    No more of it is written out than that, however large it is.
    """
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > LONGEST:
            return text[: LONGEST - 3] + "..."
    return text


def _pieces(value: Any) -> Iterator[str]:
    """Yield the ``repr`` of a value in pieces."""
    if isinstance(value, dict):
        yield from _listed("{}", ((key, entry) for key, entry in value.items()))
    elif isinstance(value, list):
        yield from _listed("[]", ((entry,) for entry in value))
    elif isinstance(value, str):
        yield repr(value[: LONGEST + 1])
    elif is_integer(value) and value.bit_length() > 4 * LONGEST:
        yield f"an integer of {value.bit_length()} bits"
    else:
        yield repr(value)


def _listed(brackets: str, entries: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    yield brackets[0]
    for number, entry in enumerate(entries):
        yield ", " if number else ""
        for position, part in enumerate(entry):
            yield ": " if position else ""
            yield from _pieces(part)
    yield brackets[1]


def nearest(word: str, words: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the word closest to ``word``, or an empty string."""
    if len(str(word)) > LONGEST:
        return ""
    some = [str(other) for other in islice(words, 1000)]
    matches = difflib.get_close_matches(str(word), some, n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""


def is_number(value: Any) -> TypeGuard[float]:
    """Whether ``value`` is a finite int or float (a bool is not a number here)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond every float
        return False


def is_integer(value: Any) -> TypeGuard[int]:
    """Whether ``value`` is an int (a bool is not an integer here)."""
    return isinstance(value, int) and not isinstance(value, bool)


def plain_number(value: Any) -> Any:
    """Return a number of NumPy as the int or float that it is, and anything else as it is.

    Example:
    >>> import numpy as np
    >>> plain_number(np.int64(3)), plain_number(np.float32(0.5)), plain_number("3")
    (3, 0.5, '3')
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def whole_number(value: Any, place: str, minimum: int = 0, maximum: int = limits.INTEGER) -> int:
    """Return an integer of Python or NumPy in [minimum, maximum] as an int.

    Args:
        value: What was given for it.
        place: Where it was given, the beginning of the message.
        minimum: The smallest one.
        maximum: The largest one.

    Raises:
        InputError: It is none.
    """
    number = plain_number(value)
    if is_integer(number) and minimum <= number <= maximum:
        return number
    too_large = is_integer(number) and number > maximum
    expected = whole_bounds(minimum, maximum if too_large else None)
    raise InputError(f"{place}: expected an integer {expected}, received {shown(value)}")


def positive_number(value: Any, place: str, maximum: float = math.inf) -> float:
    """Return a number of Python or NumPy in (0, maximum] as an int or float.

    Args:
        value: What was given for it.
        place: Where it was given, the beginning of the message.
        maximum: The largest one.

    Raises:
        InputError: It is none.
    """
    number = plain_number(value)
    if is_number(number) and 0 < number <= maximum:
        return number
    too_large = is_number(number) and number > maximum
    expected = bounds(0, maximum if too_large else math.inf, above=True)
    raise InputError(f"{place}: expected a number {expected}, received {shown(value)}")


def is_plain(value: Any, depth: int = limits.NESTING) -> bool:
    """Whether a value consists of None, booleans, strings, finite numbers, lists and mappings.

    Args:
        value: The value.
        depth: Largest number of lists and mappings inside each other.
    """
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        return depth > 0 and all(is_plain(entry, depth - 1) for entry in value)
    return value is None or isinstance(value, str | bool) or is_number(value)


def check_name(name: Any, place: str) -> None:
    """Check that a string can be the name of a directory inside another one.

    Args:
        name: What was given for it.
        place: What it was given for, the beginning of the message.

    Raises:
        InputError: It is no string, empty, too long, a path, or has characters that cannot be
            seen.
    """
    expected = None
    if not isinstance(name, str):
        expected = "a string"
    elif name in ("", ".", ".."):
        expected = "a name that is neither empty nor . or .."
    elif "/" in name or "\\" in name:
        expected = "a name without slashes"
    elif not name.isprintable():
        expected = "a name of visible characters"
    elif len(name.encode()) > limits.NAME:
        expected = f"a name of at most {limits.NAME} bytes"
    if expected:
        raise InputError(f"{place}: expected {expected}, received {shown(name)}")


def check_class_name(name: Any, place: str) -> None:
    """Check that a value can be the name of a class.

    Args:
        name: The value.
        place: What it was given for, the beginning of the message.

    Raises:
        InputError: It is no text, empty, or too long.
    """
    if not isinstance(name, str) or not 0 < len(name) <= limits.CLASS_NAME:
        raise InputError(
            f"{place}: expected a text of 1 to {limits.CLASS_NAME:,} characters,"
            f" received {shown(name)}"
        )


def check_count(values: Sized, most: int, what: str, place: str) -> None:
    """Check that there are not too many values.

    Args:
        values: The values.
        most: Largest number of them.
        what: What a value stands for, in the plural.
        place: Where they are given, the beginning of the message.

    Raises:
        InputError: There are more.
    """
    if len(values) > most:
        raise InputError(f"{place}: expected at most {most} {what}, received {len(values)}")


def bounds(minimum: float, maximum: float = math.inf, above: bool = False) -> str:
    """Return a range as it appears in a message, for instance ``> 0 and <= 1``."""
    limit = f" and <= {maximum:g}" if math.isfinite(maximum) else ""
    return f"{'>' if above else '>='} {minimum:g}{limit}"


def whole_bounds(minimum: int, maximum: int | None = None) -> str:
    """Return a range of integers as it appears in a message, for instance ``>= 1 and <= 64``."""
    return f">= {minimum}" if maximum is None else f">= {minimum} and <= {maximum}"


class Section:
    """One mapping of an input file, which remembers the keys that were read.

    Call a reader for each key and then :meth:`finish`, for which every other key is an error. So
    the list of known keys need not be written a second time.

    Args:
        value: The mapping.
        source: What the mapping was read from, usually a file. Each message begins with it.
        path: Dotted path of the mapping within the source, empty at its root.

    Raises:
        InputError: ``value`` is not a mapping, or one of its keys is not a string.

    Example:
    >>> section = Section({"stepz": 3}, "try.yaml", "parameters")
    >>> section.integer("steps", None)
    >>> section.finish()
    Traceback (most recent call last):
    nac.utils.errors.InputError: try.yaml: parameters.stepz: unknown key (did you mean 'steps'?)
    """

    def __init__(self, value: Any, source: str, path: str = ""):
        self.source = source
        self.path = path
        if not isinstance(value, dict):
            raise InputError(f"{self.at()}: expected a mapping, received {shown(value)}")
        for key in value:
            if not isinstance(key, str):
                raise InputError(f"{self.at()}: expected a string as key, received {shown(key)}")
        self._value = value
        self._read: set[str] = set()

    def at(self, key: str = "") -> str:
        """Return source and path of ``key``, with which messages about it begin."""
        path = self._path(key)
        return f"{self.source}: {path}" if path else self.source

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self.path, key) if part)

    def __contains__(self, key: str) -> bool:
        self._read.add(key)
        return key in self._value

    def keys(self) -> list[str]:
        """Return the keys in the order of the file; all of them count as read."""
        self._read.update(self._value)
        return list(self._value)

    def check_count(self, most: int, what: str) -> None:
        """Raise InputError if there are more keys than ``most``.

        Args:
            most: Largest number of keys.
            what: What a key stands for, in the plural.
        """
        check_count(self._value, most, what, self.at())

    def any(self, key: str, default: Any = REQUIRED) -> Any:
        """Return the value of ``key``, whatever it is, or ``default`` if it is absent."""
        self._read.add(key)
        if key not in self._value and default is REQUIRED:
            raise InputError(f"{self.at(key)}: missing")
        return self._value.get(key, default)

    def checked(
        self, key: str, expected: str, accepts: Callable[[Any], bool], default: Any = REQUIRED
    ) -> Any:
        """Return the value of ``key``, for which ``accepts`` must be true."""
        value = self.any(key, default)
        if key in self._value and not accepts(value):
            raise InputError(f"{self.at(key)}: expected {expected}, received {shown(value)}")
        return value

    def integer(
        self,
        key: str,
        default: Any = REQUIRED,
        minimum: int = 0,
        maximum: int = limits.INTEGER,
    ) -> Any:
        """Return an integer in [minimum, maximum]."""
        value = self.any(key, default)
        if key not in self._value:
            return value
        return whole_number(value, self.at(key), minimum, maximum)

    def number(
        self,
        key: str,
        default: Any = REQUIRED,
        minimum: float = 0.0,
        maximum: float = math.inf,
        above: bool = False,
    ) -> Any:
        """Return a finite number in [minimum, maximum]; ``above`` excludes the minimum."""

        def accepts(value: Any) -> bool:
            low_enough = is_number(value) and value <= maximum
            return low_enough and bool(value > minimum if above else value >= minimum)

        expected = f"a number {bounds(minimum, maximum, above)}"
        return self.checked(key, expected, accepts, default)

    def boolean(self, key: str, default: Any = REQUIRED) -> Any:
        """Return true or false."""
        return self.checked(key, "true or false", lambda value: isinstance(value, bool), default)

    def text(self, key: str, default: Any = REQUIRED, choices: Sequence[str] = ()) -> Any:
        """Return a string, one of ``choices`` if there are any."""
        value = self.checked(key, "a string", lambda value: isinstance(value, str), default)
        if choices and key in self._value and value not in choices:
            expected = ("one of " if len(choices) > 1 else "") + ", ".join(choices)
            hint = nearest(value, choices)
            raise InputError(f"{self.at(key)}: expected {expected}, received {value!r}{hint}")
        return value

    def name(self, key: str, default: Any = REQUIRED) -> Any:
        """Return a string that can be the name of a directory."""
        value = self.text(key, default)
        if key in self._value:
            check_name(value, self.at(key))
        return value

    def plain(self, key: str) -> Any:
        """Return a value that JSON can hold: no NaN, for instance, which differs from itself."""
        return self.checked(key, "a value of finite numbers and strings", is_plain)

    def sequence(
        self, key: str, expected: str, accepts: Callable[[Any], bool], default: Any = REQUIRED
    ) -> Any:
        """Return a list as a tuple; ``accepts`` must be true for each of its values."""

        def accepts_all(value: Any) -> bool:
            return isinstance(value, list | tuple) and all(map(accepts, value))

        value = self.checked(key, f"a list of {expected}", accepts_all, default)
        return tuple(value) if key in self._value else value

    def section(self, key: str, default: Any = REQUIRED) -> "Section":
        """Return the mapping under ``key``."""
        return Section(self.any(key, default), self.source, self._path(key))

    def sections(self, key: str) -> "list[Section]":
        """Return the mappings in the list under ``key``."""
        values = self.sequence(key, "mappings", lambda value: isinstance(value, dict))
        return [
            Section(value, self.source, f"{self._path(key)}[{number}]")
            for number, value in enumerate(values)
        ]

    def finish(self) -> None:
        """Raise InputError if a key was not read; the message suggests the nearest known key."""
        for key in self._value:
            if key not in self._read:
                raise InputError(f"{self.at(key)}: unknown key{nearest(key, self._read)}")
