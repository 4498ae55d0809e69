"""How names are sorted, and how durations and sizes of memory are written."""

import re
from collections.abc import Sequence


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that puts ``Branch2`` before ``Branch10``; different names never tie."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    numbered = [(0, int(p), "") if p[0] in "0123456789" else (1, 0, p) for p in parts]
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
