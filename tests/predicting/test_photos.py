"""A classifier's answers for image files."""

import numpy as np
import pytest

from nac.predicting.photos import (
    Guess,
    Prediction,
    find_images,
    guesses,
    predict_files,
    predict_pixels,
)
from nac.utils.errors import NacError
from tests.builders import assert_says, input_error
from tests.data.image_files import image, write_classes, write_image


class BrightOrDark:
    """Says how bright the first pixel of an image is."""

    class_names = ("dark", "bright")
    image_shape = (4, 6, 3)

    def __init__(self):
        self.shapes = []

    def predict_on_batch(self, pixels):
        self.shapes.append(pixels.shape)
        bright = pixels[:, 0, 0, 0] / 255.0
        return np.stack([1.0 - bright, bright], axis=1)


def test_files_and_folders_are_found_in_order(tmp_path):
    write_classes(tmp_path / "folder", {"bee": 1, "ant": 2})
    single = write_image(tmp_path / "a.png", image(1))
    (tmp_path / "folder/notes.txt").write_text("no image")
    found = find_images([tmp_path / "folder", single])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "folder/ant/000.png",
        "folder/ant/001.png",
        "folder/bee/000.png",
        "a.png",
    ]


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    text = input_error(find_images, [tmp_path / "x.jpg"])
    assert text == f"{tmp_path}/x.jpg: no such file or folder"


def test_an_empty_path_is_not_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(write_classes(tmp_path, {"ant": 1}))
    assert input_error(find_images, ["ant", ""]) == (
        "expected image files or folders, received an empty path"
    )


def test_a_folder_without_images_is_an_error(tmp_path):
    assert_says(input_error(find_images, [tmp_path]), f"{tmp_path}: expected", "received none")


def test_each_image_gets_its_most_probable_classes(tmp_path):
    paths = [write_image(tmp_path / f"{value}.png", image(value)) for value in (0, 255)]
    dark, bright = predict_files(BrightOrDark(), paths, top=2)
    assert dark == Prediction(str(paths[0]), (Guess("dark", 1.0), Guess("bright", 0.0)))
    assert [guess.name for guess in bright.guesses] == ["bright", "dark"]


def test_images_are_brought_to_the_size_and_channels_of_the_training(tmp_path):
    classifier = BrightOrDark()
    path = write_image(tmp_path / "a.png", image(9, 30, 20))
    list(predict_files(classifier, [path], top=1))
    assert classifier.shapes == [(1, 4, 6, 3)]


def test_an_unreadable_file_is_named_in_its_place(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    good = write_image(tmp_path / "b.png", image(0))
    problem, prediction = predict_files(BrightOrDark(), [tmp_path / "a.png", good], top=1)
    assert_says(problem, f"{tmp_path}/a.png: cannot be read as an image")
    assert prediction.image == str(good)


def test_without_a_readable_file_nothing_is_predicted(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    assert len(list(predict_files(BrightOrDark(), [tmp_path / "a.png"], top=1))) == 1


def test_many_images_come_in_batches(tmp_path):
    write_classes(tmp_path, {"ant": 130})
    classifier = BrightOrDark()
    assert len(list(predict_files(classifier, find_images([tmp_path]), top=1))) == 130
    assert [shape[0] for shape in classifier.shapes] == [64, 64, 2]


class Diverged(BrightOrDark):
    def predict_on_batch(self, pixels):
        return super().predict_on_batch(pixels) * np.nan


def test_answers_that_are_not_finite_are_an_error_that_names_the_file(tmp_path):
    message = "^bad.keras: expected a classifier whose answers are finite, received NaN"
    path = write_image(tmp_path / "a.png", image(9))
    with pytest.raises(NacError, match=message):
        list(predict_files(Diverged(), [path], 1, "bad.keras"))
    with pytest.raises(NacError, match=message):
        predict_pixels(Diverged(), np.zeros((1, 4, 6, 3), np.uint8), 1, "bad.keras")


@pytest.mark.parametrize(("top", "names"), [(1, ["b"]), (2, ["b", "a"]), (9, ["b", "a", "c"])])
def test_of_equal_guesses_the_first_class_is_the_better_one(top, names):
    best = guesses(np.array([0.25, 0.5, 0.25]), ["a", "b", "c"], top)
    assert [guess.name for guess in best] == names
