"""CIFAR in binary form, as files, in its folder or in its archive, and errors in these files."""

import gzip
import io
import os
import sys
import tarfile

import numpy as np
import pytest

from nac.data import cifar
from nac.data.datasets import load_dataset
from tests.builders import assert_says, input_error

BATCHES = [f"data_batch_{number}.bin" for number in range(1, 6)]
FOLDER = "cifar-10-batches-bin"
ARCHIVE = "cifar-10-binary.tar.gz"


def record(label, red=0, green=0, blue=0):
    """Return the bytes of an image of one color, its first row black but for a red last pixel."""
    planes = np.empty((3, 32, 32), np.uint8)
    for plane, value in zip(planes, (red, green, blue), strict=True):
        plane[:] = value
    planes[:, 0] = 0
    planes[0, 0, 31] = 255
    return bytes(label) + planes.tobytes()


def contents():
    """Return file name -> bytes: two images a training file, labels 0 to 9; three test images."""
    files = {
        name: record([2 * index], red=index) + record([2 * index + 1], green=index, blue=9)
        for index, name in enumerate(BATCHES)
    }
    files["test_batch.bin"] = record([3], 7) + record([1], 8) + record([9], 9)
    return files


def write(folder, **changes):
    """Write the files; ``changes`` (names without .bin) are other contents, None for none."""
    folder.mkdir(exist_ok=True)
    for name, data in contents().items():
        data = changes.get(name.removesuffix(".bin"), data)
        if data is not None:
            (folder / name).write_bytes(data)
    return folder


def write_archive(path, files, folder=FOLDER):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def as_files(directory):
    write(directory)


def as_folder(directory):
    write(directory / FOLDER)


def as_archive(directory):
    write_archive(directory / ARCHIVE, contents())


def load(directory, name="cifar10"):
    return load_dataset(name, str(directory))


@pytest.mark.parametrize("lay_out", [as_files, as_folder, as_archive])
class TestCifar10:
    def test_images_and_labels_are_those_of_the_files(self, tmp_path, lay_out):
        lay_out(tmp_path)
        data = load(tmp_path)
        assert data.train_labels.tolist() == list(range(10))
        assert data.test_labels.tolist() == [3, 1, 9]
        assert data.train_images[:, 5, 5, 0].tolist() == [0, 0, 1, 0, 2, 0, 3, 0, 4, 0]
        assert data.test_images[:, 5, 5].tolist() == [[7, 0, 0], [8, 0, 0], [9, 0, 0]]

    def test_pixels_are_stored_by_channel_row_and_column(self, tmp_path, lay_out):
        lay_out(tmp_path)
        image = load(tmp_path).train_images[1]
        assert image[0, 31].tolist() == [255, 0, 0]
        assert image[0, 30].tolist() == [0, 0, 0]
        assert image[31, 0].tolist() == [0, 0, 9]

    def test_the_facts_are_those_of_cifar10(self, tmp_path, lay_out):
        lay_out(tmp_path)
        data = load(tmp_path)
        assert (data.image_shape, data.classes, data.train_examples) == ((32, 32, 3), 10, 10)
        assert (data.train_images.dtype, data.train_labels.dtype) == (np.uint8, np.int32)


def test_binary_files_are_read_without_tensorflow_datasets(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    as_archive(tmp_path)
    assert load(tmp_path).train_examples == 10


def test_of_cifar100_the_fine_label_is_the_class(tmp_path):
    (tmp_path / "train.bin").write_bytes(record([19, 99]) + record([2, 40]))
    (tmp_path / "test.bin").write_bytes(record([0, 7]))
    data = load(tmp_path, "cifar100")
    assert (data.train_labels.tolist(), data.test_labels.tolist()) == ([99, 40], [7])
    assert (data.classes, data.image_shape) == (100, (32, 32, 3))


class TestErrors:
    def test_a_truncated_batch_is_named(self, tmp_path):
        write(tmp_path, data_batch_3=contents()["data_batch_3.bin"][:-1])
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/data_batch_3.bin: expected a whole number of records of 3073 bytes,"
            " received 6145 bytes"
        )

    def test_an_empty_batch_is_named(self, tmp_path):
        write(tmp_path, test_batch=b"")
        assert_says(input_error(load, tmp_path), f"{tmp_path}/test_batch.bin", "received 0 bytes")

    def test_a_missing_batch_is_named(self, tmp_path):
        write(tmp_path, data_batch_4=None)
        assert_says(input_error(load, tmp_path), f"{tmp_path}/data_batch_4.bin: cannot be read")

    def test_a_label_that_is_no_class_is_named(self, tmp_path):
        write(tmp_path, data_batch_2=record([10]))
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/data_batch_2.bin: expected labels from 0 to 9, received 10"
        )

    def test_an_archive_that_is_cut_short_is_named(self, tmp_path):
        as_archive(tmp_path)
        path = tmp_path / ARCHIVE
        path.write_bytes(path.read_bytes()[:-200])
        assert_says(input_error(load, tmp_path), f"{path}: cannot be read")

    def test_a_file_that_is_no_archive_is_named(self, tmp_path):
        (tmp_path / ARCHIVE).write_bytes(b"<html>not found</html>")
        assert_says(input_error(load, tmp_path), f"{tmp_path / ARCHIVE}: cannot be read")

    def test_an_archive_without_a_batch_is_named(self, tmp_path):
        files = contents()
        del files["test_batch.bin"]
        write_archive(tmp_path / ARCHIVE, files)
        assert input_error(load, tmp_path) == (
            f"{tmp_path / ARCHIVE}: expected test_batch.bin in it, received none"
        )

    def test_no_more_of_an_archive_is_unpacked_than_there_can_be(self, tmp_path, monkeypatch):
        monkeypatch.setattr(cifar, "LARGEST", 50_000)
        write_archive(tmp_path / ARCHIVE, {"zeros": bytes(2**20), **contents()})
        assert input_error(load, tmp_path) == (
            f"{tmp_path / ARCHIVE}: expected at most 50,000 bytes, received more"
        )

    def test_a_huge_file_is_not_read(self, tmp_path):
        write(tmp_path)
        with open(tmp_path / "test_batch.bin", "r+b") as file:
            file.truncate(2**40)  # which takes no room
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/test_batch.bin: expected at most 268,435,456 bytes,"
            " received 1,099,511,627,776"
        )

    def test_a_pipe_in_place_of_a_batch_is_named(self, tmp_path):
        write(tmp_path, data_batch_4=None)
        os.mkfifo(tmp_path / "data_batch_4.bin")
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/data_batch_4.bin: cannot be read: expected a file, received a pipe"
        )

    def test_an_archive_of_nested_headers_is_named(self, tmp_path):
        header = bytearray(tarfile.TarInfo("x").tobuf())
        header[156:157] = b"x"  # further facts follow, which are those of a header like this
        header[148:156] = b"%06o\0 " % (sum(header) - sum(header[148:156]) + 8 * 32)
        (tmp_path / ARCHIVE).write_bytes(gzip.compress(bytes(header) * 5000))
        assert_says(input_error(load, tmp_path), f"{tmp_path / ARCHIVE}: cannot be read: max")
