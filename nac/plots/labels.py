"""Positions for the labels of curves and points, chosen so that labels do not overlap."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

CHARACTER, LINE_HEIGHT, MARKER, GAP = 6.8, 13.0, 6.0, 9.0
"""Width and height of small text, radius of a marker, and gap between the marker's center and
its label, in pixels."""


def spread(values: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart along one axis, and return their positions in the order of the values.

    Args:
        values: The preferred position of each label.
        gap: Smallest distance between two labels.
        low: Lowest position. If there is too little room, some labels are placed below it.
        high: Highest position.
    """
    order = sorted(range(len(values)), key=lambda index: values[index])
    positions = [min(max(values[index], low), high) for index in order]
    # Going up, push each label away from the one below it.
    for rank in range(1, len(positions)):
        positions[rank] = max(positions[rank], positions[rank - 1] + gap)
    # Going down, move back what was pushed above the limit, and what is then too close below it.
    limit = high
    for rank in reversed(range(len(positions))):
        positions[rank] = limit = min(positions[rank], limit)
        limit -= gap
    moved = dict(zip(order, positions, strict=True))
    return [moved[index] for index in range(len(values))]


class Box(NamedTuple):
    """A rectangle in pixels, in which y grows upward."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: "Box") -> bool:
        """Return whether the two boxes overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def inside(self, other: "Box") -> bool:
        """Return whether this box is entirely inside the other one."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top


def place_labels(
    points: Sequence[tuple[float, float]], texts: Sequence[str], room: Box
) -> list[Box]:
    """Return a box for the label of each point: the first free one of those near the point.

    Args:
        points: Center (x, y) of each marker in pixels.
        texts: Label of each point. Newlines separate its lines.
        room: The area that labels should stay inside. If no box near a point is free, its label
            is placed to the right of the marker anyway.
    """
    taken = [Box(x - MARKER, y - MARKER, x + MARKER, y + MARKER) for x, y in points]
    labels = []
    for (x, y), text in zip(points, texts, strict=True):
        boxes = list(_boxes(x, y, text))
        free = (b for b in boxes if b.inside(room) and not any(map(b.overlaps, taken)))
        labels.append(next(free, boxes[0]))
        taken.append(labels[-1])
    return labels


def _boxes(x: float, y: float, text: str) -> Iterator[Box]:
    """Yield boxes to the right, left, above and below, at larger and larger distances."""
    lines = text.split("\n")
    width, height = CHARACTER * max(map(len, lines)), LINE_HEIGHT * len(lines)
    for distance in (0, LINE_HEIGHT, 2 * LINE_HEIGHT, 3 * LINE_HEIGHT, 4 * LINE_HEIGHT):
        for dy in (distance, -distance):
            for left in (x + GAP, x - GAP - width):
                yield Box(left, y + dy - height / 2, left + width, y + dy + height / 2)
        for bottom in (y + GAP + distance, y - GAP - distance - height):
            yield Box(x - width / 2, bottom, x + width / 2, bottom + height)
