"""Plain text tables for terminals."""

from collections.abc import Sequence

from nac.utils.text import printable


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in aligned columns under a header; columns of numbers are set right.

    Control characters in cells, which may be names of files, are written as escapes.

    Args:
        header: a title per column.
        rows: the cells as texts, as many per row as there are titles.
    """
    rows = [list(map(printable, row)) for row in rows]
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [bool(rows) and all(_numeric(cell) for cell in column[1:]) for column in columns]
    lines = [_line(header, widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join(lines + [_line(row, widths, right) for row in rows])


def _numeric(text: str) -> bool:
    try:
        float(text.replace(",", "").rstrip("%"))
    except ValueError:
        return text in ("", "-")
    return True


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if at_right else cell.ljust(width)
        for cell, width, at_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded).rstrip()
