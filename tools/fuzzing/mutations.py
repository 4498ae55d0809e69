"""Damages documents: their values, and their text. Everything follows from a random generator."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 3, 1000, 2**31, 2**53, 2**64, 10**30, 10**400, -(10**400)),
    *(0.0, -0.0, 0.5, 1e-320, 1e308, -1e308, float("nan"), float("inf"), float("-inf")),
    *("", " ", ".", "..", "/", "../../x", "a/b", "x" * 300, "x" * 200_000, "9" * 5000, "-", "--3"),
    *("all", "3x3", "9x9sep", "0x0", "test", "folder:/proc", "arrays:..", "tfds:x/y", "digits"),
    *("\x1b[31mred", "a\nb", "a\x00b", "\u202egnp", "\udc80", "\u0663", "{{7*7}}", "<script>"),
    *([], {}, [[]], [{}], {"": None}, {"value": 1}, {"type": "keras", "class_name": "SGD"}),
    *([1] * 100, [0] * 10_000, list(range(2000)), {str(i): i for i in range(2000)}),
)
"""Values that something may stumble over."""

FRAGMENTS = (
    *("&a ", "*a", "<<: *a\n", "!!set ", "!!map ", "!!int ", "!!float ", "!!bool ", "!!binary "),
    *("!!python/name:os.system ", "!!timestamp ", "2026-01-01", "0x" + "f" * 5000, "0b1", "0o7"),
    *("[" * 60, "{" * 60, "? ", "- " * 60, "| ", "> ", "---\n", "...\n", "%YAML 9.9\n", "\t", "\0"),
    *("1:30:00", "1_000", ".inf", ".nan", "~", "'", '"', "#", "\x85", "\ufeff", "{a: &a [*a]}"),
    *("&b [*a,*a,*a,*a,*a,*a,*a,*a]", "NaN", "Infinity", "1e999", "9" * 5000, "\\ud800", '"a":1,'),
)
"""Pieces of text that mean something to a parser of YAML or JSON."""

DEEP = 100_000
"""Levels of the deepest nesting."""


def damaged_value(value: Any, random: Random) -> Any:
    """Return a copy of a document in which one to three places are changed.

    Args:
        value: Nested mappings and lists.
        random: Decides everything.
    """
    document = {"": deepcopy(value)}
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = _places(document)
        if places:
            random.choice(_CHANGES)(*random.choice(places), random)
    return document.get("")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return (mapping or list, key or index) of everything in a document."""
    found, waiting = [], [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])
    return found


def _replace(holder: Any, key: Any, random: Random) -> None:
    holder[key] = deepcopy(random.choice(VALUES))


def _remove(holder: Any, key: Any, random: Random) -> None:
    del holder[key]


def _rename(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        name = random.choice(
            ("x", "x" * 300, "\x1b]0;x\x07", "", "..", "a.b", "9" * 5000, str(key)[:-1])
        )
        holder[name] = holder.pop(key)


def _add(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        holder[random.choice((f"{key}z", "version", "type", "inputs", "value"))] = holder[key]
    else:
        holder.insert(key, deepcopy(holder[key]))


def _multiply(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, list):
        holder[key : key + 1] = [holder[key]] * random.choice((2, 40, 600))
    elif isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
        holder[key] *= random.choice((-1, 10, 1000, 10**6, 10**12))


def _wrap(holder: Any, key: Any, random: Random) -> None:
    for _ in range(random.choice((1, 2, 40))):
        holder[key] = [holder[key]] if random.random() < 0.5 else {"x": holder[key]}


def _swap(holder: Any, key: Any, random: Random) -> None:
    other = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


_CHANGES: tuple[Callable[[Any, Any, Random], None], ...] = (
    *(_replace, _replace, _replace, _remove, _rename, _add, _multiply, _wrap, _swap),
)


def damaged_text(text: str, random: Random) -> bytes:
    """Return the bytes of a text in which one to three places are changed.

    Args:
        text: YAML or JSON.
        random: Decides everything.
    """
    content = text.encode(errors="surrogatepass")
    for _ in range(random.choice((1, 1, 2, 3))):
        start = random.randrange(len(content) + 1)
        end = min(len(content), start + random.choice((0, 0, 1, 2, 30)))
        content = content[:start] + _piece(content, random) + content[end:]
    return content


def _piece(content: bytes, random: Random) -> bytes:
    kind = random.randrange(20)
    if kind == 0:
        return random.randbytes(random.randrange(1, 9))
    if kind == 1:
        return random.choice((b"[", b"{a: ", b'{"a":')) * DEEP
    if kind == 2:
        return content[: random.randrange(len(content) + 1)] * random.choice((1, 2, 30))
    return random.choice(FRAGMENTS).encode()
