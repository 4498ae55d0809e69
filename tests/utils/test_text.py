"""How durations and sizes of memory are written."""

import pytest

from nac.utils.text import clock, file_size, mebibytes


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
