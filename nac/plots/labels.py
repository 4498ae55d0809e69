"""Places for labels of curves and points, so that they do not cover each other. Pure Python."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

CHARACTER, LINE_HEIGHT, MARKER, GAP = 6.8, 13.0, 6.0, 9.0
"""In pixels: width and height of small text, radius of a marker, its distance from the label."""


def spread(values: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move places of labels apart along one axis.

    Args:
        values: where the labels would best stand.
        gap: smallest distance between two.
        low: lowest place; where there is not room enough, labels go below it.
        high: highest place.

    Returns:
        a place for each value, in the same order of size.
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    places = [min(max(values[place], low), high) for place in order]
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + gap)
    limit = high
    for place in reversed(range(len(places))):
        places[place] = limit = min(places[place], limit)
        limit -= gap
    moved = [0.0] * len(values)
    for place, value in zip(order, places, strict=True):
        moved[place] = value
    return moved


class Box(NamedTuple):
    """A rectangle in pixels; y grows upward."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have a part in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def inside(self, other: "Box") -> bool:
        """Whether it is a part of the other."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top


def place_labels(
    points: Sequence[tuple[float, float]], texts: Sequence[str], room: Box
) -> list[Box]:
    """Find a box near each point for its text, each the first one that is free.

    Args:
        points: x and y of the markers in pixels.
        texts: one per point, lines separated by newlines.
        room: what the boxes should not leave.

    Returns:
        a box per text; where nothing near is free, the one at the right.
    """
    taken = [Box(x - MARKER, y - MARKER, x + MARKER, y + MARKER) for x, y in points]
    found = []
    for (x, y), text in zip(points, texts, strict=True):
        boxes = list(_boxes(x, y, text))
        free = (b for b in boxes if b.inside(room) and not any(map(b.overlaps, taken)))
        found.append(next(free, boxes[0]))
        taken.append(found[-1])
    return found


def _boxes(x: float, y: float, text: str) -> Iterator[Box]:
    """Yield boxes at the right, left, above and below, then further and further away."""
    lines = text.split("\n")
    width, height = CHARACTER * max(map(len, lines)), LINE_HEIGHT * len(lines)
    for distance in (0, LINE_HEIGHT, 2 * LINE_HEIGHT, 3 * LINE_HEIGHT, 4 * LINE_HEIGHT):
        for dy in (distance, -distance):
            for left in (x + GAP, x - GAP - width):
                yield Box(left, y + dy - height / 2, left + width, y + dy + height / 2)
        for bottom in (y + GAP + distance, y - GAP - distance - height):
            yield Box(x - width / 2, bottom, x + width / 2, bottom + height)
