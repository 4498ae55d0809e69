"""YAML as plain values: mappings, lists, strings, numbers, booleans and nulls, and nothing else.

The values are built from the events of PyYAML's parser, so no tag can ask for another type, and
aliases are counted as what they stand for before anything of that size is made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from nac.utils import limits

_TAG = "tag:yaml.org,2002:"
TOO_DEEP = f"expected at most {limits.NESTING} lists and mappings inside each other"

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # that in C is ten times as fast


class _Resolver(yaml.resolver.Resolver):
    """Tells numbers, booleans and nulls from strings; ``3e-4`` is a number, too."""


class _Dumper(yaml.SafeDumper):
    """Puts strings into quotes that :class:`_Resolver` would take for something else."""


for _kind in (_Resolver, _Dumper):
    _kind.add_implicit_resolver(
        f"{_TAG}float",
        re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
        list("-+0123456789"),
    )


@dataclass(frozen=True)
class _Node:
    """A value of a file.

    Attributes:
        value: The value.
        size: Number of values in it, itself included.
        height: Number of lists and mappings inside each other.
        merge: Whether it is the key ``<<``.
    """

    value: Any
    size: int = 1
    height: int = 0
    merge: bool = False


def dump_yaml(value: Any, **options: Any) -> str:
    """Return a value as YAML that :func:`parse_yaml` reads as the same value.

    Args:
        value: Mappings, lists, strings, numbers, booleans and None.
        **options: Those of ``yaml.dump`` about the form.

    Example:
    >>> dump_yaml(["1e3", 1000.0], default_flow_style=True).strip()
    "['1e3', 1000.0]"
    """
    return yaml.dump(value, Dumper=_Dumper, **options)


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML document.

    A key that is given twice is an error, as it is always a mistake. Merge keys (``<<``) work.

    Raises:
        ValueError: It is not valid YAML, has a tag, or is beyond a limit; the message says where.

    Example:
    >>> parse_yaml("lr: {value: 3e-4}")
    {'lr': {'value': 0.0003}}
    """
    try:
        return _Document(yaml.parse(text, Loader=_PARSER)).value()
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


class _Document:
    """Builds the value of one document.

    Args:
        events: What PyYAML's parser says about it.
    """

    def __init__(self, events: Iterator[yaml.Event]):
        self._events = events
        self._anchors: dict[str, _Node] = {}
        self._resolver, self._constructor = _Resolver(), yaml.constructor.SafeConstructor()

    def value(self) -> Any:
        """Return the value, None if there is no document."""
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._node(next(self._events), 0).value
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _error(after, "expected a single document, received another one")
        return value

    def _node(self, event: Any, depth: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            node = self._anchored(event)
        else:
            node = self._made(event, depth)
            if event.anchor:
                self._anchors[event.anchor] = node
        if depth + node.height > limits.NESTING:
            raise _error(event, TOO_DEEP)
        if node.size > limits.VALUES:
            raise _error(event, f"expected at most {limits.VALUES} values, aliases written out")
        return node

    def _anchored(self, event: Any) -> _Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise _error(event, f"alias *{event.anchor} stands for nothing before it")
        return node

    def _made(self, event: Any, depth: int) -> _Node:
        if event.tag is not None:
            raise _error(event, f"expected no tag, received {event.tag}")
        if depth > limits.NESTING:
            raise _error(event, TOO_DEEP)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            nodes = list(self._children(yaml.SequenceEndEvent, depth))
            return _parent([node.value for node in nodes], nodes)
        nodes = list(self._children(yaml.MappingEndEvent, depth))
        return _parent(_mapping(event, nodes[::2], nodes[1::2]), nodes)

    def _children(self, end: type[yaml.Event], depth: int) -> Iterator[_Node]:
        while not isinstance(event := next(self._events), end):
            yield self._node(event, depth + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> _Node:
        tag = self._resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
        kind = tag.removeprefix(_TAG)
        if kind == "merge":
            return _Node(event.value, merge=True)
        if kind not in ("null", "bool", "int", "float"):  # a date is a string like any other
            return _Node(event.value)
        if len(event.value) > limits.NUMBER_LENGTH:
            most = f"{limits.NUMBER_LENGTH} characters"
            raise _error(event, f"expected at most {most} of a number, received {len(event.value)}")
        make = getattr(self._constructor, f"construct_yaml_{kind}")
        try:
            return _Node(make(yaml.ScalarNode(tag, event.value)))
        except (ValueError, ArithmeticError):
            raise _error(event, f"{event.value!r} is not a number") from None


def _parent(value: Any, children: list[_Node]) -> _Node:
    size = 1 + sum(child.size for child in children)
    return _Node(value, size, 1 + max((child.height for child in children), default=0))


def _mapping(event: yaml.Event, keys: list[_Node], values: list[_Node]) -> dict[Any, Any]:
    own: dict[Any, Any] = {}
    merged: dict[Any, Any] = {}
    for key, node in zip(keys, values, strict=True):
        if key.height:
            raise _error(event, "expected a string as key, received a list or a mapping")
        if key.merge:
            for source in reversed(node.value if isinstance(node.value, list) else [node.value]):
                if not isinstance(source, dict):
                    raise _error(event, "expected mappings after <<")
                merged = merged | source
        elif key.value in own:
            raise _error(event, f"key {key.value!r} is given twice in the mapping that begins")
        else:
            own[key.value] = node.value
    return merged | own


def _error(event: yaml.Event, message: str) -> ValueError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return ValueError(f"{message} at line {line}")
