"""The run directory of a run on images that a Python program gave."""

import json
import os

import numpy as np
import pytest

from nac.authoring.given import from_arrays
from nac.authoring.own_arrays import author_arrays
from nac.authoring.own_images import Wishes
from nac.data.datasets import load_dataset
from nac.utils.errors import NacError
from nac.utils.files import write_atomically
from tests.builders import assert_says, input_error

LABELS = ["cat", "dog"] * 5


def given(count=10, side=28, labels=LABELS):
    values = np.arange(count, dtype=np.uint8)
    pixels = np.broadcast_to(values[:, None, None], (count, side, side))
    return from_arrays(pixels, labels[:count])


def author(directory, train=None, test=None, wishes=None):
    train = train or given()
    return author_arrays(train.digest, lambda: (train, test), directory, wishes or Wishes())


def save_as_archive(path):
    with open(path, "wb") as file:
        np.savez(file, labels=np.zeros(2, np.int32))


def replace_by_pipe(path):
    path.unlink()
    os.mkfifo(path)


def save_header(path, shape):
    with open(path, "wb") as file:
        header = {"descr": "<i4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)


def values(images):
    return images[:, 0, 0, 0].tolist()


def test_the_images_are_kept_and_are_a_data_set(tmp_path):
    authored = author(tmp_path / "run")
    dataset = authored.experiment.parameters.dataset
    assert dataset == f"arrays:{tmp_path}/run/data"
    source = load_dataset(dataset)
    assert (source.class_names, source.image_shape) == (("cat", "dog"), (28, 28, 1))
    assert (values(source.train_images), values(source.test_images)) == (
        [0, 1, 2, 3, 4, 5, 6, 7],
        [8, 9],
    )
    assert source.test_labels.tolist() == [0, 1]


def test_validation_data_score_the_network(tmp_path):
    author(tmp_path / "run", test=given(3))
    source = load_dataset(f"arrays:{tmp_path}/run/data")
    assert (source.train_examples, values(source.test_images)) == (10, [0, 1, 2])


def test_images_are_stretched_to_what_is_wanted(tmp_path):
    author(tmp_path / "run", wishes=Wishes(image_size=16))
    assert load_dataset(f"arrays:{tmp_path}/run/data").image_shape == (16, 16, 1)


def begin(directory, authored):
    """Do as if a job of the run were done."""
    write_atomically(directory / "init.yaml", authored.text)
    (directory / "000").mkdir()
    (directory / "000/statistics.json").write_text("{}")


def test_a_run_that_is_continued_does_not_read_its_images_again(tmp_path):
    begin(tmp_path / "run", author(tmp_path / "run"))

    def give():
        raise AssertionError("the images are there")

    authored = author_arrays(given().digest, give, tmp_path / "run")
    assert authored.text is None


def test_a_run_on_other_images_is_not_continued(tmp_path):
    begin(tmp_path / "run", author(tmp_path / "run"))
    with pytest.raises(NacError, match="holds a run on other images"):
        author(tmp_path / "run", given(8))


def test_one_class_is_an_error(tmp_path):
    text = input_error(author, tmp_path / "run", given(labels=["cat"] * 10))
    assert text == "x: expected images of at least two classes, received cat"


def test_too_few_images_to_hold_some_out_are_an_error(tmp_path):
    assert_says(input_error(author, tmp_path / "run", given(4)), "at least five images of a class")


def test_a_class_of_the_validation_data_alone_is_an_error(tmp_path):
    test = given(labels=["cow"] * 10)
    text = input_error(author, tmp_path / "run", None, test)
    assert_says(text, "validation_data: expected only classes of the training images", "cow")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: (data / "about.json").unlink(), "about.json: no such file"),
        (lambda data: (data / "train_images.npy").unlink(), "train_images.npy: cannot be read"),
        (
            lambda data: np.save(data / "test_labels.npy", np.zeros(1, np.int32)),
            "test_labels.npy: expected int32 of shape (2,), received int32 of shape (1,)",
        ),
        (
            lambda data: np.save(data / "test_labels.npy", np.array([{}, {}])),
            "test_labels.npy: cannot be read: Array can't be memory-mapped: Python objects",
        ),
        (
            lambda data: save_as_archive(data / "test_labels.npy"),
            "test_labels.npy: cannot be read: the magic string is not correct",
        ),
        (
            lambda data: replace_by_pipe(data / "test_images.npy"),
            "test_images.npy: cannot be read: expected a file, received a pipe",
        ),
        (
            lambda data: save_header(data / "test_labels.npy", (2**62, 2**62)),
            "test_labels.npy: cannot be read: ",
        ),
    ],
)
def test_damaged_files_are_one_line(tmp_path, damage, message):
    author(tmp_path / "run")
    damage(tmp_path / "run/data")
    assert_says(input_error(load_dataset, f"arrays:{tmp_path}/run/data"), message)


def test_what_is_kept_is_no_pickle(tmp_path):
    author(tmp_path / "run")
    data = tmp_path / "run/data"
    assert json.loads((data / "about.json").read_text())["class_names"] == ["cat", "dog"]
    for path in data.glob("*.npy"):
        np.load(path, allow_pickle=False)


@pytest.mark.parametrize(
    ("label", "name"), [("\x1b[31m", "\x1b[31m"), ("\udcff", "\\udcff"), ("a\nb", "a\nb")]
)
def test_names_of_classes_may_have_any_characters(tmp_path, label, name):
    authored = author(tmp_path, given(labels=[label, "b"] * 5))
    names = load_dataset(authored.experiment.parameters.dataset).class_names
    assert set(names) == {name, "b"}
