"""Frozen dataclasses to and from JSON, checked, with a version.

What processes hand to each other as files is declared once, as a dataclass. Its fields say which
keys there are and which types they have; a field with a default may be missing in the file.
"""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from nac.utils.errors import InputError
from nac.utils.schema import Section, is_integer, is_number, shown
from nac.utils.versions import check_version

Record = TypeVar("Record")

_INTEGER = re.compile(r"-?[0-9]{1,18}")

_CHECKS = {
    # The loss of a network that diverged is not finite; no other number is beyond all floats.
    float: ("a number", lambda value: isinstance(value, float) or is_number(value)),
    int: ("an integer", is_integer),
    str: ("a string", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
}


def to_json(record: Any) -> dict[str, Any]:
    """Return the JSON form of a record: its version, if it has one, and its fields.

    A field that is None by default is left out while it is None.
    """
    version = getattr(record, "VERSION", None)
    head = {} if version is None else {"version": version}
    values = ((field, getattr(record, field.name)) for field in fields(record))
    return head | {
        field.name: _plain(value)
        for field, value in values
        if value is not None or field.default is not None
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def from_json(kind: type[Record], value: Any, source: str) -> Record:
    """Return a record from its JSON form.

    A file without a ``version`` counts as one of version 1, which nac 0.1.0 wrote.

    Args:
        kind: The dataclass to make; it may have a class attribute ``VERSION``.
        value: The content of the file.
        source: The file's path, with which messages begin.

    Raises:
        InputError: The version is another one, a key is missing, or a value has the wrong type.
    """
    section = value if isinstance(value, Section) else Section(value, source)
    expected = getattr(kind, "VERSION", None)
    if expected is not None:
        check_version(section, expected)
    hints = get_type_hints(kind)
    return kind(**{f.name: _read(section, f, hints[f.name]) for f in _present(kind, section)})


def _present(kind: Any, section: Section) -> Iterator[Field[Any]]:
    """Yield the fields that a file has or must have."""
    for field in fields(kind):
        required = field.default is MISSING and field.default_factory is MISSING
        if required or field.name in section:
            yield field


def _read(section: Section, field: Field[Any], hint: Any) -> Any:
    return _value(section.any(field.name), hint, section, field.name)


def _value(value: Any, hint: Any, section: Section, key: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        return None if value is None else _value(value, rest[0], section, key)
    if isinstance(hint, type) and is_dataclass(hint):
        return from_json(hint, Section(value, section.source, _dotted(section, key)), "")
    if origin is tuple:
        _check(isinstance(value, list), "a list", value, section, key)
        items = (_value(x, arguments[0], section, f"{key}[{n}]") for n, x in enumerate(value))
        return tuple(items)
    if origin is not None:
        return _mapping(value, arguments, section, key)
    if hint in _CHECKS:
        what, accepts = _CHECKS[hint]
        _check(accepts(value), what, value, section, key)
    return float(value) if hint is float else value


def _mapping(value: Any, arguments: tuple, section: Section, key: str) -> dict:
    _check(isinstance(value, dict), "a mapping", value, section, key)
    make = arguments[0]
    if make is int:
        for name in value:
            _check(bool(_INTEGER.fullmatch(name)), "integers as keys", name, section, key)
    return {
        make(name): _value(entry, arguments[1], section, f"{key}.{name}")
        for name, entry in value.items()
    }


def _dotted(section: Section, key: str) -> str:
    return ".".join(part for part in (section.path, key) if part)


def _check(accepted: bool, expected: str, value: Any, section: Section, key: str) -> None:
    if not accepted:
        raise InputError(f"{section.at(key)}: expected {expected}, received {shown(value)}")
