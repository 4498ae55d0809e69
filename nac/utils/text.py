"""How names are sorted, and how durations and sizes of memory are written."""

import re
from collections.abc import Sequence


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that puts ``Branch2`` before ``Branch10``; different names never tie."""
    numbered = []
    for part in re.findall(r"[0-9]+|[^0-9]+", name):
        if part[0] in "0123456789":  # of any length, so it is compared and not converted
            digits = part.lstrip("0")
            numbered.append((0, len(digits), digits))
        else:
            numbered.append((1, 0, part))
    return numbered, name


def clock(seconds: float) -> str:
    """Return a duration as ``m:ss`` or ``h:mm:ss``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def file_size(count: int) -> str:
    """Return a number of bytes in KiB or, from a MiB on, in MiB."""
    return f"{count / 2**10:,.0f} KiB" if count < 2**20 else mebibytes(count)


def mebibytes(count: float) -> str:
    """Return a number of bytes in MiB, with a decimal below 10 MiB."""
    size = count / 2**20
    return f"{size:,.1f} MiB" if size < 9.95 else f"{size:,.0f} MiB"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names for people; of many, the first ones and the number of all others.

    Example:
    >>> listed(["ant", "bee", "cat", "dog"], most=2)
    'ant, bee and 2 more'
    """
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def plain_reason(error: BaseException) -> str:
    """Return what an error of TensorFlow says, in one line without the names of its nodes.

    Example:
    >>> plain_reason(ValueError("{{function_node __wrapped__Decode}} Not a JPEG [Op:Decode]"))
    'Not a JPEG'
    """
    text = re.sub(r"\{\{.*?\}\}|\[\[.*?\]\]|\[Op:\w*\]|\[\]", "", str(error), flags=re.DOTALL)
    return " ".join(text.split())


def in_utf8(text: str) -> str:
    r"""Return a text in which what UTF-8 cannot express is escaped: bytes of a file's name, say.

    Example:
    >>> print(in_utf8("caf\udce9"))
    caf\udce9
    """
    return text.encode(errors="backslashreplace").decode()


def printable_lines(text: str) -> str:
    """Return a text of several lines, each as :func:`printable` makes it."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def printable(text: str, most: int | None = None) -> str:
    r"""Return a text of others as one line that is safe to show: control characters as escapes.

    Args:
        text: The text, such as the name of a file.
        most: Largest number of characters; of a longer text, the middle is left out.

    Example:
    >>> print(printable("red\x1b[31m.jpg"))
    red\x1b[31m.jpg
    >>> printable("0123456789" * 3, most=20)
    '0123456789 ... 56789'
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if most is None or len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} ... {text[half + 5 - most :]}"
