"""Texts that fit into a terminal. Pure functions."""

from collections.abc import Sequence

GAP = "  "
ELLIPSIS = "…"
LONGEST_BAR, SHORTEST_BAR = 20, 3


def cut(text: str, room: int) -> str:
    """Return a text, or its beginning with an ellipsis if it is longer than ``room`` columns.

    Example:
    >>> cut("Tesla V100", 8)
    'Tesla V…'
    """
    if len(text) <= room:
        return text
    return text[: room - 1].rstrip() + ELLIPSIS if room > 0 else ""


def bar(share: float, room: int) -> str:
    """Return a bar of at most ``room`` columns, an empty string if they are too few.

    Args:
        share: Filled part of the bar, from 0 to 1.
        room: Number of columns.

    Example:
    >>> bar(0.5, 8)
    '[###...]'
    """
    width = min(LONGEST_BAR, room - len("[]"))
    if width < SHORTEST_BAR:
        return ""
    filled = round(width * min(1.0, share))
    return f"[{'#' * filled}{'.' * (width - filled)}]"


def status_line(
    name: str, parts: Sequence[str], ending: str, room: int, share: float | None = None
) -> str:
    """Return a line that fits into a terminal. Its name and its ending are always there.

    Args:
        name: Its beginning. It is cut if even name and ending are too long.
        parts: What stands between them, the most important first. What does not fit is left out.
        ending: Its end, such as the time that is left; may be empty.
        room: Number of columns.
        share: How far a bar is filled that takes the room that is left; None for no bar.

    Example:
    >>> status_line("000", ["step 5/10", "accuracy 0.5"], "0:07 left", 30)
    '000  step 5/10  0:07 left'
    >>> status_line("000", ["step 5/10"], "0:07 left", 35, share=0.5)
    '000  [###...]  step 5/10  0:07 left'
    """
    head = cut(name, room - len(GAP + ending))
    rest = [ending] if ending else []
    for part in parts:
        if len(GAP.join([head, part, *rest])) > room:
            break
        rest.insert(len(rest) - bool(ending), part)
    filled = "" if share is None else bar(share, room - len(GAP.join([head, "", *rest])))
    return GAP.join(filter(None, [head, filled, *rest]))
