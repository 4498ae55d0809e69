"""Tables that users extend: by a ``register`` call, or by an entry point of their package."""

import importlib
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.schema import nearest, shown

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry], Generic[Entry]):
    """A mapping from names to entries that imports an entry when it is first used.

    So the names of all export formats can be listed in ``--help`` without importing TensorFlow.
    Entries come from three places: those of nac itself, packages that declare an entry point in
    the group ``nac.<kind>s`` (``ranking`` -> ``nac.rankings``), and :meth:`register`.

    Args:
        kind: what one entry is, in the singular; messages use it.
        entries: name -> the entry itself, or ``"module:attribute"`` to import it from.

    Example:
    >>> formats = Registry("export format", {"json": "json:dumps"})
    >>> formats["json"]([1, 2])
    '[1, 2]'
    """

    def __init__(self, kind: str, entries: Mapping[str, Entry | str]):
        self.kind = kind
        self.group = f"nac.{kind.replace(' ', '_').removesuffix('y')}" + (
            "ies" if kind.endswith("y") else "s"
        )
        self._entries: dict[str, Any] = dict(entries)
        self._searched = False

    def register(self, name: str, entry: Entry) -> None:
        """Add an entry.

        Raises:
            InputError: another entry has this name, or it is no word; or the entry is None.
        """
        _check_word(name, self.kind)
        if entry is None:
            raise InputError(f"{self.kind} {name!r}: expected an entry, received None")
        if self._known().get(name, entry) is not entry:
            raise InputError(f"{self.kind} {name!r} is registered already; choose another name")
        self._entries[name] = entry

    def unregister(self, name: str) -> None:
        """Remove an entry that :meth:`register` added."""
        del self._entries[name]

    def _known(self) -> dict[str, Any]:
        """Return all entries, after adding those that installed packages declare."""
        if not self._searched:
            self._searched = True
            for point in entry_points(group=self.group):
                self._entries.setdefault(point.name, point)
        return self._entries

    def __getitem__(self, name: str) -> Entry:
        entry = self._known()[name]
        if isinstance(entry, str):
            module, _, attribute = entry.partition(":")
            entry = getattr(importlib.import_module(module), attribute)
        elif isinstance(entry, EntryPoint):
            entry = entry.load()
        self._entries[name] = entry
        return cast(Entry, entry)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._known()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def check(self, name: Any, place: str) -> None:
        """Check that an entry of this name exists.

        Args:
            name: what the user wrote.
            place: where, the beginning of the message: a file and key, or a flag.

        Raises:
            InputError: it does not; the message lists the names that do.
        """
        if name not in self:
            raise InputError(
                f"{place}: expected one of {', '.join(self)}, received {shown(name)}"
                f"{nearest(name, self)}; --plugin=MODULE adds your own"
            )


def _check_word(name: Any, kind: str) -> None:
    """Raise InputError unless a name can be written in an experiment, a flag and a message."""
    word = isinstance(name, str) and name.isprintable() and name == "".join(name.split())
    if not word or not 0 < len(name) <= limits.NAME:
        raise InputError(
            f"name of a {kind}: expected 1 to {limits.NAME} visible characters without spaces,"
            f" received {shown(name)}"
        )
