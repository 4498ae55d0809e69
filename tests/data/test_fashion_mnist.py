"""Fashion-MNIST from IDX files or from a prepared directory, and errors in these files."""

import gzip
import os
import struct

import numpy as np
import pytest

from nac.data import fashion_mnist
from nac.data.datasets import load_dataset
from nac.data.fashion_mnist import read_idx
from tests.builders import assert_says, input_error
from tests.data.prepared_sets import examples, prepare

SHAPE = (28, 28, 1)

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"


def idx(values):
    """Return the bytes of an IDX file."""
    values = np.asarray(values, np.uint8)
    sides = struct.pack(f">{values.ndim}I", *values.shape)
    return bytes([0, 0, 8, values.ndim]) + sides + values.tobytes()


def images(count, first=0, side=28):
    """Return images of which each is filled with its number."""
    numbers = np.arange(first, first + count, dtype=np.uint8)
    return np.broadcast_to(numbers[:, np.newaxis, np.newaxis], (count, side, side))


def write(folder, packed=False, **changes):
    """Write three training and two test images; ``changes`` are other contents, None for none."""
    contents = {
        "train_images": (TRAIN_IMAGES, idx(images(3))),
        "train_labels": (TRAIN_LABELS, idx([9, 0, 4])),
        "test_images": (TEST_IMAGES, idx(images(2, first=100))),
        "test_labels": (TEST_LABELS, idx([1, 2])),
    }
    for key, (name, data) in contents.items():
        data = changes.get(key, data)
        if data is None:
            continue
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(data) if packed else data)
    return str(folder)


def load(folder):
    return load_dataset("fashion_mnist", str(folder))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
class TestIdxFiles:
    def test_images_have_a_channel(self, tmp_path, packed):
        data = load(write(tmp_path, packed))
        assert data.train_images.shape == (3, 28, 28, 1)
        assert data.test_images.shape == (2, 28, 28, 1)
        assert data.train_images.dtype == np.uint8

    def test_images_and_labels_are_those_of_the_files(self, tmp_path, packed):
        data = load(write(tmp_path, packed))
        assert data.train_images[:, 5, 7, 0].tolist() == [0, 1, 2]
        assert data.test_images[:, 0, 0, 0].tolist() == [100, 101]
        assert data.train_labels.tolist() == [9, 0, 4]
        assert data.test_labels.tolist() == [1, 2]

    def test_rows_are_rows(self, tmp_path, packed):
        picture = np.zeros((1, 28, 28), np.uint8)
        picture[0, 2, 20] = 7
        folder = write(tmp_path, packed, test_images=idx(picture), test_labels=idx([0]))
        assert load(folder).test_images[0, 2, 20, 0] == 7


def test_labels_are_int32_and_there_are_ten_classes(tmp_path):
    data = load(write(tmp_path))
    assert (data.train_labels.dtype, data.classes) == (np.int32, 10)


def test_without_a_directory_debians_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "DEBIAN_DIRECTORY", write(tmp_path, packed=True))
    assert load_dataset("fashion_mnist").train_labels.tolist() == [9, 0, 4]


class TestErrors:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("train_labels", TRAIN_LABELS),
            ("test_images", TEST_IMAGES),
            ("test_labels", TEST_LABELS),
        ],
    )
    def test_a_missing_file_is_named(self, tmp_path, key, name):
        text = input_error(load, write(tmp_path, **{key: None}))
        assert text == f"{tmp_path / name}: missing (also as .gz)"

    def test_a_truncated_file_is_named(self, tmp_path):
        text = input_error(load, write(tmp_path, train_images=idx(images(3))[:-1]))
        assert text == (
            f"{tmp_path / TRAIN_IMAGES}: expected 2352 bytes for (3, 28, 28), received 2351"
        )

    def test_a_file_that_is_too_long_is_named(self, tmp_path):
        text = input_error(load, write(tmp_path, test_labels=idx([1, 2]) + b"\0"))
        assert_says(text, TEST_LABELS, "expected 2 bytes for (2,), received more")

    @pytest.mark.parametrize(
        "data", [b"", b"\0\0\x08", b"\0\0\x0d\x01\0\0\0\x01\0", b"<html>not found</html>"]
    )
    def test_another_magic_number_is_named(self, tmp_path, data):
        text = input_error(load, write(tmp_path, train_labels=data))
        assert_says(text, str(tmp_path / TRAIN_LABELS), "expected an IDX file of unsigned bytes")

    def test_a_truncated_gz_file_is_named(self, tmp_path):
        path = tmp_path / f"{TEST_LABELS}.gz"
        path.write_bytes(gzip.compress(idx(range(10)))[:-6])
        assert_says(input_error(read_idx, path), str(path), "cannot be read")

    def test_a_gz_file_that_is_none_is_named(self, tmp_path):
        path = tmp_path / f"{TEST_LABELS}.gz"
        path.write_bytes(b"<html>not found</html>")
        assert_says(input_error(read_idx, path), str(path), "cannot be read")

    def test_a_gz_file_with_other_bytes_inside_is_named(self, tmp_path):
        data = bytearray(gzip.compress(idx(range(100))))
        data[12:20] = b"\xff" * 8
        path = tmp_path / f"{TEST_LABELS}.gz"
        path.write_bytes(data)
        assert_says(input_error(read_idx, path), str(path), "cannot be read")

    def test_a_file_that_ends_in_its_header_is_named(self, tmp_path):
        path = tmp_path / TEST_LABELS
        path.write_bytes(b"\0\0\x08\x03\0\0")
        assert_says(input_error(read_idx, path), str(path))

    @pytest.mark.parametrize(
        ("header", "message"),
        [
            (b"\x00", "expected 1 to 3 dimensions, received 0"),
            (b"\xff" + b"\0\0\0\1" * 255, "expected 1 to 3 dimensions, received 255"),
            (
                b"\x03" + struct.pack(">3I", 2**31, 2**31, 4),  # 2**64 bytes
                "expected at most 268,435,456 bytes, received sides of (2147483648, 2147483648, 4)",
            ),
        ],
    )
    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
    def test_an_impossible_shape_is_named(self, tmp_path, header, message, pack):
        path = tmp_path / (TEST_IMAGES if pack is bytes else f"{TEST_IMAGES}.gz")
        path.write_bytes(pack(b"\0\0\x08" + header))
        assert input_error(read_idx, path) == f"{path}: {message}"

    def test_of_a_gz_file_no_more_is_unpacked_than_its_header_says(self, tmp_path):
        path = tmp_path / f"{TEST_LABELS}.gz"
        cut = gzip.compress(idx([1, 2]) + bytes(2**20))[:-20]  # its end cannot be read
        path.write_bytes(cut)
        assert input_error(read_idx, path) == f"{path}: expected 2 bytes for (2,), received more"

    def test_a_pipe_in_place_of_a_file_is_named(self, tmp_path):
        path = tmp_path / TEST_LABELS
        os.mkfifo(path)
        assert_says(input_error(read_idx, path), "cannot be read: expected a file, received a pipe")

    def test_another_number_of_labels_than_images_is_an_error(self, tmp_path):
        text = input_error(load, write(tmp_path, train_labels=idx([9, 0])))
        assert_says(text, str(tmp_path / TRAIN_LABELS), "3", "2")

    def test_another_image_size_is_named(self, tmp_path):
        text = input_error(load, write(tmp_path, test_images=idx(images(2, side=27))))
        assert_says(text, str(tmp_path / TEST_IMAGES), "28x28 pixels", "(2, 27, 27)")

    def test_labels_where_images_should_be_are_named(self, tmp_path):
        text = input_error(load, write(tmp_path, test_images=idx([1, 2])))
        assert_says(text, str(tmp_path / TEST_IMAGES), "28x28 pixels", "(2,)")

    def test_a_label_that_is_no_class_is_named(self, tmp_path):
        text = input_error(load, write(tmp_path, train_labels=idx([9, 10, 0])))
        assert_says(text, str(tmp_path / TRAIN_LABELS), "labels from 0 to 9")

    def test_a_directory_without_the_data_is_named(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
        text = input_error(load, tmp_path)
        assert_says(text, f"{tmp_path}: no fashion_mnist there", "IDX files", "--data_dir")


def test_a_prepared_directory_does_as_well(tmp_path):
    splits = {"train": examples(3, 10, shape=SHAPE), "test": examples(2, 10, shape=SHAPE)}
    prepare(tmp_path, splits, "fashion_mnist", 10, SHAPE)
    data = load(tmp_path)
    assert (data.train_labels.tolist(), data.test_labels.tolist()) == ([0, 1, 2], [0, 1])
    assert (data.image_shape, data.classes) == (SHAPE, 10)
