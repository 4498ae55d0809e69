"""Files that pass between processes: read with named errors, written whole or not at all."""

import errno
import io
import json
import os
import stat
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nac.utils import limits
from nac.utils.errors import InputError, SystemRefusal, reason, refused
from nac.utils.plain_yaml import dump_yaml, parse_yaml
from nac.utils.schema import shown


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"key {shown(key)} is given twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > limits.NUMBER_LENGTH:
        raise ValueError(f"expected numbers of at most {limits.NUMBER_LENGTH} digits")
    return int(digits)


def expanded(path: str | os.PathLike) -> Path:
    """Return a path in which ``~`` or ``~name`` is replaced by the home directory of the user.

    Raises:
        InputError: There is no such user.
    """
    path = Path(path)
    try:
        return path.expanduser()
    except RuntimeError:
        raise InputError(
            f"{path}: expected a user with a home directory, received {path.parts[0]}"
        ) from None


def read_text(path: str | os.PathLike, most: int = limits.FILE_BYTES) -> str:
    """Return the content of a text file.

    Args:
        path: Its path.
        most: Largest number of bytes that it may have.

    Raises:
        InputError: The file cannot be read, is too large or is not UTF-8.
    """
    try:
        content = _read_bytes(path, most + 1)
    except (OSError, ValueError) as error:  # a ValueError: no file can have such a name
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    if len(content) > most:
        raise InputError(f"{path}: expected a file of at most {most} bytes, received more")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected UTF-8 text, received other bytes") from None


@contextmanager
def open_regular(path: str | os.PathLike, follow_links: bool = True) -> Iterator[io.BufferedReader]:
    """Open a file for reading; what is none is refused at once, as reading a pipe may never end.

    Args:
        path: Its path, or a link to it.
        follow_links: Whether it may be a link.

    Raises:
        OSError: It cannot be opened, or is a folder, a pipe, a device, or a link if it may not.
    """
    links = 0 if follow_links else os.O_NOFOLLOW
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | links)
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind != stat.S_IFREG:
            received = _KINDS.get(kind, "a device")
            raise OSError(errno.EINVAL, f"expected a file, received {received}", str(path))
    except BaseException:
        os.close(descriptor)
        raise
    with open(descriptor, "rb") as file:
        yield file


_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe"}


def _read_bytes(path: str | os.PathLike, most: int) -> bytes:
    """Return the first bytes of a file; a pipe into which nobody writes is empty."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.set_blocking(descriptor, True)
        return file.read(most)


def parse_json(text: str, source: str) -> Any:
    """Parse JSON; a repeated key is an error, because it is always a mistake.

    Args:
        text: The JSON.
        source: Where it is from, the beginning of the message.

    Raises:
        InputError: It is not valid JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique_keys, parse_int=_integer)
    except ValueError as error:
        raise InputError(f"{source}: not valid JSON: {error}") from None
    except RecursionError:
        raise InputError(f"{source}: not valid JSON: nested too deeply") from None


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
    text = read_text(path, limits.YAML_BYTES)
    try:
        return parse_yaml(text)
    except ValueError as error:
        raise InputError(f"{path}: not valid YAML: {error}") from None


def write_atomically(path: str | os.PathLike, content: str | bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, fsync, rename.

    What UTF-8 cannot express, such as a byte of a folder's name that is not UTF-8, is escaped.

    Raises:
        InputError: There is something that is no file and would be replaced, such as /dev/null.
        SystemRefusal: The system refuses it, because the disk is full, say.
    """
    path = Path(path)
    _check_replaceable(path)
    with refused("written", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
        # Unlike one of tempfile, this file has the permissions that the user's umask gives.
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):  # it may be why the file could not be written
                temporary.unlink()
            raise


def _check_replaceable(path: Path) -> None:
    """Raise InputError for a device, a pipe and the like, also behind a link as /dev/stdout is."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # there is nothing, or writing says why not
        return
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{path}: expected a file or nothing, received a device or a pipe")


@contextmanager
def whole_or_not(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` for a file that takes its place if the block succeeds.

    If it fails, nothing is left of it. This is for libraries that write files themselves.

    Raises:
        SystemRefusal: The system refuses it, because the disk is full, say.
    """
    partial = path.with_name(f".{path.name}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise SystemRefusal(f"{path}: cannot be written: {reason(error)}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write ``value`` as indented JSON, whole or not at all."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


def write_yaml(path: str | os.PathLike, value: Any, heading: str = "") -> None:
    """Write ``value`` as YAML in the given key order, after comment lines ``heading``."""
    comments = "".join(f"# {line}\n" for line in heading.splitlines())
    text = dump_yaml(value, sort_keys=False, default_flow_style=None, width=100)
    write_atomically(path, comments + text)
