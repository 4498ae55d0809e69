"""The keys of an experiment file, each declared once: as the field of a dataclass.

A field made by :func:`key` says what its value looks like in a file, what it defaults to and what
it means. Reading, writing and the reference in docs/experiment.md all follow from the fields.

Example:
>>> from nac.config.forms import integer, number
>>> @dataclass(frozen=True)
... class Schedule(Keys):
...     epochs: int = key(REQUIRED, integer(1), "How long the schedule lasts.")
...     rate: float = key(0.1, number(above=True), "Initial learning rate.")
>>> read(Schedule, Section({"epochs": 3}, "try.yaml", "lr"))
Schedule(epochs=3, rate=0.1)
>>> read(Schedule, Section({"epochs": 0}, "try.yaml", "lr"))
Traceback (most recent call last):
nac.utils.errors.InputError: try.yaml: lr.epochs: expected an integer >= 1, received 0
"""

from collections.abc import Callable, Collection
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from functools import partial
from typing import Any, ClassVar, TypeVar

from nac.utils.errors import InputError
from nac.utils.schema import Section

REQUIRED: Any = MISSING
"""Default of a key that must be in the file."""

REST = "*"
"""Name of a field that holds all keys which the other fields leave over."""


@dataclass(frozen=True)
class Keys:
    """Base of the dataclasses that stand for a mapping in an experiment file."""

    WITHOUT_EFFECT: ClassVar[tuple[str, ...]] = ()
    """Further keys, accepted because AMLA's files have them, which change nothing."""

    def contradiction(self) -> tuple[str, str] | None:
        """Return a key whose value does not fit the others, and what is wrong with it."""
        return None


AnyKeys = TypeVar("AnyKeys", bound=Keys)


@dataclass(frozen=True)
class Form:
    """What the value of a key looks like in a file.

    Attributes:
        kind: Name of the type, for the reference.
        range: Which values of that type are accepted, for the reference.
        read: Takes a section and a key; checks the value there and returns what the field holds.
        write: Takes what the field holds and returns what a file says, None to omit the key.
        absent: The default, for the reference, if ``read`` also handles an absent key.
        variants: For a mapping with a ``type``: each type and the dataclass of its other keys.
    """

    kind: str
    range: str
    read: Callable[[Section, str], Any]
    write: Callable[[Any], Any] = lambda value: list(value) if isinstance(value, tuple) else value
    absent: str = ""
    variants: tuple[tuple[str, type[Keys]], ...] = ()


def key(default: Any, form: Form, meaning: str, init: bool = True, **more: Any) -> Any:
    """Declare a key of an experiment file as a dataclass field.

    Args:
        default: Value of the field if the key is absent, or :data:`REQUIRED`.
        form: What the value looks like in a file.
        meaning: What the key means, in Markdown.
        init: False for a field that follows from the others.
        **more: ``name``: The key, if it differs from the field's name. ``amla``: What the reference
            says of AMLA, if not "same". ``final``: True if ``final_training`` may override it.
    """
    return field(default=default, init=init, metadata={"form": form, "meaning": meaning, **more})


new = partial(key, amla="addition")
"""Declares a key that AMLA does not have."""


def key_name(declared: Field) -> str:
    """Return the name that the key of a field has in a file."""
    return str(declared.metadata.get("name", declared.name))


def take(
    kind: type[AnyKeys],
    section: Section,
    base: AnyKeys | None = None,
    only: Collection[str] | None = None,
) -> AnyKeys:
    """Read the keys of one dataclass from a section that may hold others as well.

    Args:
        kind: The dataclass.
        section: Where to read.
        base: What the section changes; by default the defaults of the dataclass.
        only: Keys that the section may have; by default all, those without effect included.

    Raises:
        InputError: A key is missing or has a wrong value.
    """
    values = {}
    for declared in fields(kind):
        name = key_name(declared)
        if not declared.init or (only is not None and name not in only):
            continue
        # Forms read required keys even if they are absent: some can choose the value themselves.
        if name in section or (base is None and declared.default is REQUIRED):
            values[declared.name] = declared.metadata["form"].read(section, name)
    for name in kind.WITHOUT_EFFECT if only is None else ():
        section.any(name, None)
    return replace(base, **values) if base else kind(**values)


def check(value: Keys, section: Section) -> None:
    """Raise InputError if the keys of a section contradict each other."""
    if contradiction := value.contradiction():
        raise InputError(f"{section.at(contradiction[0])}: {contradiction[1]}")


def read(kind: type[AnyKeys], section: Section) -> AnyKeys:
    """Read a section that holds one dataclass and nothing else.

    Raises:
        InputError: A key is unknown or missing, has a wrong value or contradicts another one.
    """
    value = take(kind, section)
    section.finish()
    check(value, section)
    return value


def write(value: Keys) -> dict[str, Any]:
    """Return the section from which this value is read, with defaults written out."""
    written: dict[str, Any] = {}
    for declared in fields(value):
        name, form = key_name(declared), declared.metadata["form"]
        content = form.write(getattr(value, declared.name))
        if content is not None:
            written |= content if name == REST else {name: content}
    return written
