"""ImageNet as AMLA's TFRecords and as tensorflow-datasets prepared it, of a few images."""

import os

import numpy as np
import pytest
import tensorflow as tf

from nac.data import imagenet
from nac.data.datasets import load_dataset
from nac.data.imagenet import count_records
from tests.builders import assert_says, input_error
from tests.data.examples import OFF
from tests.data.image_files import image
from tests.data.prepared_sets import amla_record, prepare, write_records

BOX = (0.0, 0.0, 1.0, 0.5)


def color(value):
    return image(value, 20, 30, 3)


def example(encoded, label):
    """Return a record of bytes that should be an image, and a label."""
    features = {
        "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[encoded])),
        "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture
def amla(tmp_path):
    """Two training files of labels 1, 1000 and 7, one test file of label 2."""
    write_records(
        tmp_path / "train-00000-of-00002",
        [amla_record(1, color(0)), amla_record(1000, color(255), [BOX, BOX])],
    )
    write_records(tmp_path / "train-00001-of-00002", [amla_record(7, color(51))])
    write_records(tmp_path / "validation-00000-of-00001", [amla_record(2, color(0))])
    return tmp_path


@pytest.fixture
def prepared(tmp_path):
    """Training images of classes 0, 999 and 6, a test image of class 1."""
    train = [{"image": color(v), "label": n} for v, n in ((0, 0), (255, 999), (51, 6))]
    test = [{"image": color(0), "label": 1}]
    splits = {"train": train, "validation": test}
    prepare(tmp_path, splits, "imagenet2012", 1000, (None, None, 3))
    return tmp_path


def load(directory, name="imagenet", image_size=8):
    return load_dataset(name, str(directory), image_size)


def training(stream, size=3):
    """Return {label: value} of an epoch of evenly colored images."""
    ((images, labels),) = stream.training_batches(range(1), size, OFF)
    return {
        int(label): round(float(np.mean(image)), 2)
        for image, label in zip(images, labels, strict=True)
    }


@pytest.mark.parametrize("form", ["amla", "prepared"])
class TestBothForms:
    @pytest.fixture
    def directory(self, form, request):
        return request.getfixturevalue(form)

    def test_amlas_name_has_a_class_0_of_no_images(self, directory):
        data = load(directory)
        assert (data.classes, data.image_shape, data.train_examples) == (1001, (8, 8, 3), 3)
        assert training(data) == {1: -1.0, 1000: 1.0, 7: -0.6}

    def test_imagenet2012_counts_from_0(self, directory):
        data = load(directory, "imagenet2012")
        assert data.classes == 1000
        assert training(data) == {0: -1.0, 999: 1.0, 6: -0.6}

    def test_the_validation_split_evaluates(self, directory):
        ((images, labels),) = load(directory).evaluation_batches("test", 2)
        assert labels.numpy().tolist() == [2, -1]
        assert np.unique(images[0]).tolist() == [-1.0]

    def test_images_have_224_pixels_unless_image_size_says_otherwise(self, directory):
        assert load(directory, image_size=None).image_shape == (224, 224, 3)


def test_with_all_1024_files_the_number_of_images_is_known(amla, monkeypatch):
    monkeypatch.setattr(imagenet, "FULL_TRAINING_SET", (2, 1281167))
    assert load(amla).train_examples == 1281167


def test_records_are_counted_by_their_lengths(tmp_path):
    path = write_records(tmp_path / "a", [b"", b"x" * 1000, b"yy"])
    assert count_records([path, path]) == 6


@pytest.mark.parametrize("cut", [1, 4, 17])
def test_a_file_that_is_cut_short_is_named(tmp_path, cut):
    path = write_records(tmp_path / "a", [b"x" * 1000, b"yy"])
    path.write_bytes(path.read_bytes()[:-cut])
    assert_says(input_error(count_records, [path]), f"{path}: expected whole TFRecords")


def test_missing_validation_files_are_named(amla):
    (amla / "validation-00000-of-00001").unlink()
    assert_says(input_error(load, amla), f"{amla}: expected files validation-*-of-*")


def test_training_files_without_records_are_an_error(amla):
    for path in amla.glob("train-*"):
        path.write_bytes(b"")
    assert_says(input_error(load, amla), f"{amla}: expected images in train-*-of-*")


def test_a_pipe_in_place_of_a_file_is_named(amla):
    path = amla / "train-00001-of-00002"
    path.unlink()
    os.mkfifo(path)
    assert_says(input_error(load, amla), f"{path}: expected a file, received a folder, a pipe")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"", "image/class/label"),
        (b"no example", "Could not parse example"),
        (example(b"no image", 1), "received others: "),
        (amla_record(1001, color(0)), "expected one of 1000 classes, received number 1000"),
        (amla_record(0, color(0)), "expected one of 1000 classes, received number -1"),
    ],
    # The bytes of a record differ from process to process.
    ids=["empty", "no example", "no image", "class too large", "class too small"],
)
@pytest.mark.parametrize("name", ["train-00001-of-00002", "validation-00000-of-00001"])
def test_a_file_of_other_records_is_named(amla, name, record, message):
    write_records(amla / name, [record])
    assert_says(input_error(load, amla, "imagenet2012"), f"{amla / name}: expected", message)


def test_a_prepared_file_of_other_records_is_named(prepared):
    (path,) = prepared.rglob("*-train.tfrecord-*")
    write_records(path, [b""])
    assert_says(input_error(load, prepared), f"{path}: expected records of images")


def test_another_number_of_classes_is_an_error(tmp_path):
    found = [{"image": color(0), "label": 0}]
    prepare(tmp_path, {"train": found, "validation": found}, "imagenet2012", 7, (None, None, 3))
    assert_says(input_error(load, tmp_path), "expected 1000 classes", "received 7")
