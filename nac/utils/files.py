"""Files that pass between processes: read with named errors, written whole or not at all."""

import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

import yaml

from nac.utils.errors import InputError


class _Loader(yaml.SafeLoader):
    """YAML as people write it: ``3e-4`` is a number, and a repeated key is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        own = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=True) for key in own]
        duplicates = sorted({str(key) for key in keys if keys.count(key) > 1})
        if duplicates:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"key {duplicates[0]!r} is given twice (mapping at line {line})")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    duplicates = sorted({key for key in keys if keys.count(key) > 1})
    if duplicates:
        raise ValueError(f"key {duplicates[0]!r} is given twice")
    return dict(pairs)


def read_text(path: str | os.PathLike) -> str:
    """Return the content of a text file.

    Raises:
        InputError: The file cannot be read or is not UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected UTF-8 text, received other bytes") from None


def parse_json(text: str, source: str) -> Any:
    """Parse JSON; a repeated key is an error, because it is always a mistake.

    Args:
        text: The JSON.
        source: Where it is from, the beginning of the message.

    Raises:
        InputError: It is not valid JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: not valid JSON: {error}") from None


def read_json(path: str | os.PathLike) -> Any:
    """Read a JSON file (see :func:`parse_json`)."""
    return parse_json(read_text(path), str(path))


def read_structured(path: str | os.PathLike) -> Any:
    """Read a file as JSON if its name ends in ``.json``, else as YAML.

    Raises:
        InputError: The file cannot be read or parsed.
    """
    if str(path).endswith(".json"):
        return read_json(path)
    try:
        return yaml.load(read_text(path), Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def write_atomically(path: str | os.PathLike, content: str | bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, fsync, rename."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    # Unlike one of tempfile, this file has the permissions that the user's umask gives.
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write ``value`` as indented JSON, whole or not at all."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


def write_yaml(path: str | os.PathLike, value: Any, heading: str = "") -> None:
    """Write ``value`` as YAML in the given key order, after comment lines ``heading``."""
    comments = "".join(f"# {line}\n" for line in heading.splitlines())
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=100)
    write_atomically(path, comments + text)
