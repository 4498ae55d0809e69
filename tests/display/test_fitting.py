"""Lines that fit into a terminal."""

import pytest

from nac.display.fitting import bar, cut, status_line


@pytest.mark.parametrize(
    ("room", "text"), [(9, "a network"), (8, "a netwo…"), (3, "a…"), (1, "…"), (0, "")]
)
def test_a_long_text_is_cut_with_an_ellipsis(room, text):
    assert cut("a network", room) == text


@pytest.mark.parametrize(
    ("share", "room", "text"),
    [
        (0.0, 6, "[....]"),
        (0.5, 6, "[##..]"),
        (1.0, 6, "[####]"),
        (1.5, 6, "[####]"),
        (0.5, 5, "[##.]"),
        (0.5, 4, ""),
        (1.0, 99, f"[{'#' * 20}]"),
    ],
)
def test_a_bar_takes_what_room_there_is(share, room, text):
    assert bar(share, room) == text


PARTS = ["step 25/100", "accuracy 0.500", "1,234 images/s"]


@pytest.mark.parametrize(
    ("room", "line"),
    [
        (80, "001  step 25/100  accuracy 0.500  1,234 images/s  1:01 left"),
        (59, "001  step 25/100  accuracy 0.500  1,234 images/s  1:01 left"),
        (58, "001  step 25/100  accuracy 0.500  1:01 left"),
        (40, "001  step 25/100  1:01 left"),
        (26, "001  1:01 left"),
        (13, "0…  1:01 left"),
    ],
)
def test_the_time_left_stays_and_what_matters_least_goes_first(room, line):
    assert status_line("001", PARTS, "1:01 left", room) == line


def test_a_bar_stands_after_the_name_where_there_is_room():
    line = status_line("001", ["step 25/100"], "1:01 left", 40, share=0.25)
    assert line == "001  [##.......]  step 25/100  1:01 left"
    assert status_line("001", ["step 25/100"], "1:01 left", 33, 0.25).startswith("001  step")


def test_a_line_may_have_no_end():
    assert status_line("001", ["step 1/100"], "", 40) == "001  step 1/100"
