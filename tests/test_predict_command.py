"""nac predict: class names for image files."""

import json

import keras
import numpy as np
import pytest

from nac.models.classifier import make_classifier
from tests.builders import assert_says
from tests.data.image_files import image, write_image
from tests.experiments import run


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a run whose classifier knows dark images from bright ones."""
    place = tmp_path_factory.mktemp("predict")
    (place / "runs/mine").mkdir(parents=True)
    pixels = keras.Input((4, 4, 1))
    mean = keras.layers.GlobalAveragePooling2D()(pixels)
    logits = keras.layers.Dense(2, name="dense")
    network = keras.Model(pixels, logits(mean))
    logits.set_weights([np.array([[-0.1, 0.1]]), np.array([12.8, -12.8])])
    classifier = make_classifier(network, ["dark", "bright"], standardize=False)
    classifier.save(place / "runs/mine/classifier.keras")
    for name, value in (("night", 10), ("day", 240)):
        write_image(place / f"photos/{name}.png", image(value, 9, 7, 3))
    return place


def command(place, *arguments):
    return run("predict", *arguments, cwd=place)


def error(place, *arguments):
    result = command(place, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def test_each_file_of_a_folder_gets_its_class(place):
    result = command(place, "--run=runs/mine", "photos", "--top=1")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[:2] for line in result.stdout.splitlines()[2:]] == [
        ["photos/day.png", "bright"],
        ["photos/night.png", "dark"],
    ]


def test_flags_may_come_before_files_and_after_them(place):
    result = command(place, "photos/day.png", "--run=runs/mine", "--json")
    (found,) = json.loads(result.stdout)
    assert [guess["class"] for guess in found["predictions"]] == ["bright", "dark"]


def test_a_file_that_is_no_image_is_named_and_skipped(place):
    (place / "text.png").write_text("no image")
    result = command(place, "--run=runs/mine", "text.png", "photos/day.png", "--csv")
    assert result.returncode == 0
    assert_says(result.stderr, "text.png: cannot be read as an image", "skipped")
    assert_says(result.stdout, "photos/day.png,1,bright,")


def test_nothing_but_files_that_are_no_images_is_an_error(place):
    (place / "text.png").write_text("no image")
    text = error(place, "--run=runs/mine", "text.png")
    assert_says(text, "error: none of the images can be read")


def test_a_network_whose_training_diverged_is_an_error(place):
    classifier = keras.models.load_model(place / "runs/mine/classifier.keras")
    for weight in classifier.weights:
        weight.assign(np.full(weight.shape, np.nan))
    classifier.save(place / "diverged.keras")
    text = error(place, "--model=diverged.keras", "--json", "photos")
    assert_says(text, "error: diverged.keras: expected a classifier whose answers are finite")
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("photos",), "give either --run or --model"),
        (("--run=runs/mine",), "expected image files or folders, received none"),
        (("--run=runs/mine", "--json", "--csv", "photos"), "give either --json or --csv"),
        (("--run=runs/mine", "nowhere.jpg"), "nowhere.jpg: no such file or folder"),
        (("--run=runs/yours", "photos"), "--run: runs/yours: no such directory"),
        (("--run=runs", "photos"), "--run: runs: has no trained network yet"),
        (("--model=photos/day.png", "photos"), "photos/day.png: expected a Keras model"),
    ],
)
def test_mistakes_are_one_line(place, arguments, message):
    text = error(place, *arguments)
    assert text.startswith("error: ")
    assert_says(text, message)
    assert text.count("\n") == 1
