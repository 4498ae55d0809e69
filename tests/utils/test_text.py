"""How durations and sizes of memory are written."""

import pytest

from nac.utils.text import (
    clock,
    file_size,
    mebibytes,
    natural_order,
    plain_reason,
    printable,
    printable_lines,
)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3725, "1:02:05")]
)
def test_a_duration(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.0 MiB"), (1.25, "1.2 MiB"), (9.96, "10 MiB"), (2048.4, "2,048 MiB")]
)
def test_a_size_of_memory(size, text):
    assert mebibytes(size * 2**20) == text


@pytest.mark.parametrize(
    ("count", "text"), [(1024, "1 KiB"), (633_856, "619 KiB"), (3 * 2**19, "1.5 MiB")]
)
def test_the_size_of_a_file(count, text):
    assert file_size(count) == text


def test_numbers_in_names_are_ordered_by_value_whatever_their_length():
    names = ["b1", "a" + "9" * 5000, "a10", "a2", "a02"]
    assert sorted(names, key=natural_order) == ["a02", "a2", "a10", "a" + "9" * 5000, "b1"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("größe – 64 × 64", "größe – 64 × 64"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udc80", r"\udc80"),
    ],
)
def test_control_characters_are_written_as_escapes(text, safe):
    assert printable(text) == safe


def test_a_long_text_loses_its_middle():
    text = printable("a" * 300 + "b" * 300, most=100)
    assert text == "a" * 50 + " ... " + "b" * 45


def test_lines_stay_lines():
    assert printable_lines("a\n\x1bb\n") == "a\n\\x1bb\n"


def test_the_names_of_nodes_are_left_out_of_what_tensorflow_says():
    error = ValueError(
        "{{function_node __wrapped__DecodeJpeg_device_/cpu:0}} Invalid JPEG data\n\t"
        " [[{{node decode}}]] [Op:DecodeJpeg]"
    )
    assert plain_reason(error) == "Invalid JPEG data"
