"""How durations and sizes of memory are written."""

import pytest

from nac.utils.text import clock, mebibytes


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
