"""Files of arrays, of which no more is read than is allowed."""

import io
import os
import zipfile

import numpy as np
import pytest

from nac.utils.arrays import described, read_arrays
from tests.builders import input_error


def header(shape, dtype="<i8", version=b"\x01\x00"):
    """Return the beginning of a ``.npy`` file, with no values after it."""
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text


def write(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def refusal(path, most=100):
    return input_error(read_arrays, path, "numbers", most)


def test_arrays_are_read_by_name(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, first=np.array([1.5, 2.5]), second=np.array("word"))
    arrays = read_arrays(path, "numbers", 32)
    assert {name: array.tolist() for name, array in arrays.items()} == {
        "first": [1.5, 2.5],
        "second": "word",
    }


def test_the_bytes_of_all_arrays_count_together(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, small=np.zeros(5), large=np.zeros(8))
    assert read_arrays(path, "numbers", 104)["large"].shape == (8,)
    assert refusal(path, 103) == (
        f"{path}: large: expected at most 103 bytes in all arrays, received 64 in this one"
    )


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (header((10**13,)), 80_000_000_000_000),
        (header((10**13,), "<U0"), 10_000_000_000_000),
    ],
)
def test_an_array_that_only_promises_values_is_refused_by_its_header(tmp_path, content, received):
    path = tmp_path / "a.npz"
    write(path, a=content)
    assert refusal(path).endswith(
        f"at most 100 bytes in all arrays, received {received} in this one"
    )


def test_an_array_that_is_large_only_when_unpacked_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, a=np.zeros(100_000))
    assert path.stat().st_size < 2_000
    assert "a: expected at most 2000 bytes" in refusal(path, 2_000)


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut short", npy(np.zeros(3))])
def test_other_files_are_damaged(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path}: expected numbers, received a damaged file (")


@pytest.mark.parametrize(
    "content",
    [
        b"text",
        header((3,)),
        header((-1,)),
        header((3,), version=b"\x09\x00"),
        header((3,), "<q9"),
        header("(" * 300),
        npy(np.zeros(3))[:-1],
        npy(np.array([None])),
    ],
)
def test_a_member_that_is_no_array_is_damage(tmp_path, content):
    path = tmp_path / "a.npz"
    write(path, a=content)
    assert refusal(path).startswith(f"{path}: expected numbers, received a damaged file (")


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.npz")
    assert refusal(tmp_path / "a.npz").endswith("expected numbers, received no such file")


def test_a_single_integer_is_described_by_its_value():
    assert described(np.array(7)) == "7"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array([1, 2], np.int8), "int8 of shape (2,)"),
        (np.array(True), "bool of shape ()"),
        (np.array("ant"), "<U3 of shape ()"),
    ],
)
def test_others_are_described_by_type_and_shape(array, text):
    assert described(array) == text
