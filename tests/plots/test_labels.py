"""Positions of labels."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nac.plots.labels import Box, place_labels, spread

ROOM = Box(0, 0, 1000, 1000)


def test_labels_that_are_far_enough_apart_stay_where_they_are():
    assert spread([5.0, 1.0, 9.0], 2, 0, 10) == [5.0, 1.0, 9.0]


def test_labels_that_are_too_close_are_moved_up():
    assert spread([5.0, 5.0, 1.0], 2, 0, 10) == [5.0, 7.0, 1.0]


def test_labels_at_the_upper_end_are_moved_down():
    assert spread([10.0, 9.0, 9.5], 2, 0, 10) == [10.0, 6.0, 8.0]


@given(st.lists(st.floats(0, 100), max_size=20), st.floats(0.1, 5))
def test_labels_keep_order_and_distance(values, gap):
    positions = spread(values, gap, 0, 100)
    order = sorted(range(len(values)), key=lambda index: (values[index], index))
    pairs = list(pairwise(order))
    assert all(positions[above] - positions[below] >= gap - 1e-9 for below, above in pairs)


def test_a_label_is_to_the_right_of_its_point():
    (box,) = place_labels([(100, 100)], ["abc"], ROOM)
    assert box.left > 100
    assert (box.bottom + box.top) / 2 == 100


def test_a_label_at_the_right_edge_is_to_the_left_of_its_point():
    (box,) = place_labels([(995, 100)], ["abc"], ROOM)
    assert box.right < 995


def test_a_label_covers_no_other_point_and_no_other_label():
    points = [(100, 100), (130, 100), (100, 104)]
    boxes = place_labels(points, ["first", "second", "third"], ROOM)
    assert not any(box.overlaps(other) for box in boxes for other in boxes if box is not other)
    assert not any(
        box.left < x < box.right and box.bottom < y < box.top for box in boxes for x, y in points
    )


def test_a_label_without_room_is_to_the_right_of_its_point():
    (box,) = place_labels([(5, 5)], ["much too long"], Box(0, 0, 10, 10))
    assert box.left > 5
