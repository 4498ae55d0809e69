"""``nac.Constructor``, whose trainings are those of ``nac construct``."""

import json
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

import nac
from nac import constructor as module
from nac.models.classifier import make_classifier
from nac.utils.errors import NacError
from tests.builders import assert_says, input_error
from tests.data.image_files import image, write_classes, write_image

LABELS = np.arange(20) % 2
PIXELS = np.where(LABELS, 240, 10).astype(np.uint8)[:, None, None] + np.zeros((1, 28, 28), np.uint8)


@pytest.fixture
def calls(monkeypatch):
    """Return the arguments of each construction, of which none takes place."""
    calls = []
    monkeypatch.setattr(module, "run_construction", lambda **arguments: calls.append(arguments))
    return calls


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a directory with a classifier that knows dark images from bright ones."""
    directory = tmp_path_factory.mktemp("constructor") / "run"
    (directory / "final").mkdir(parents=True)
    pixels = keras.Input((4, 4, 1))
    logits = keras.layers.Dense(2)
    network = keras.Model(pixels, logits(keras.layers.GlobalAveragePooling2D()(pixels)))
    logits.set_weights([np.array([[-0.1, 0.1]]), np.array([12.8, -12.8])])
    make_classifier(network, ["0", "1"], standardize=False).save(directory / "classifier.keras")
    return directory


def test_a_folder_is_searched_and_then_fitted(calls, tmp_path):
    constructor = nac.Constructor(7, tmp_path / "runs/pets", max_parameters=5000, strategy="one")
    constructor.search(tmp_path / "pets")
    (call,) = calls
    assert (call["images"], call["search_only"]) == (tmp_path / "pets", True)
    assert (call["workdir"], call["name"]) == (tmp_path / "runs", "pets")
    assert (call["minutes"], call["max_parameters"], call["seed"]) == (7, 5000, 0)
    assert call["strategy"] == "one"


def test_numbers_of_numpy_become_those_of_python(calls, tmp_path):
    constructor = nac.Constructor(
        np.float32(7), tmp_path / "run", max_parameters=np.int64(5000), seed=np.int64(3)
    )
    constructor.search(tmp_path / "pets")
    numbers = [calls[0][name] for name in ("minutes", "max_parameters", "seed")]
    assert numbers == [7.0, 5000, 3]
    assert [type(number) for number in numbers] == [float, int, int]


def test_fit_goes_on_with_the_same_folder(calls, tmp_path):
    pets = write_classes(tmp_path / "pets", {"cat": 10, "dog": 10})
    constructor = nac.Constructor(7, tmp_path / "run")
    from nac.authoring.own_images import author_run

    (tmp_path / "run").mkdir()
    (tmp_path / "run/init.yaml").write_text(author_run(pets, tmp_path / "run").text)
    constructor.fit()
    (call,) = calls
    assert (call["images"], call["report"]) == (str(pets), True)
    assert "search_only" not in call


@pytest.mark.parametrize("kind", ["arrays", "dataset"])
def test_arrays_and_datasets_become_an_experiment(calls, tmp_path, kind):
    constructor = nac.Constructor(7, tmp_path / "run")
    if kind == "arrays":
        constructor.search(PIXELS, LABELS)
    else:
        constructor.search(tf.data.Dataset.from_tensor_slices((PIXELS[..., None], LABELS)))
    constructor.fit()
    searched, fitted = calls
    path = tmp_path / "run/init.yaml"
    assert (searched["experiment"], fitted["experiment"]) == (path, path)
    experiment = nac.load_experiment(path)
    assert experiment.parameters.dataset == f"arrays:{tmp_path}/run/data"
    about = json.loads((tmp_path / "run/data/about.json").read_text())
    assert (about["train_examples"], about["test_examples"]) == (16, 4)


def test_validation_data_may_be_arrays_or_a_dataset(calls, tmp_path):
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS[..., None], LABELS)).batch(8)
    for name, data in (("a", (PIXELS[:6], LABELS[:6])), ("b", dataset)):
        nac.Constructor(7, tmp_path / name).search(PIXELS, LABELS, validation_data=data)
        about = json.loads((tmp_path / name / "data/about.json").read_text())
        assert about["train_examples"] == 20


@pytest.mark.parametrize(
    ("data", "received"),
    [(PIXELS, "a ndarray"), ((PIXELS,), "a tuple of 1"), ([PIXELS, LABELS, 1], "a list of 3")],
)
def test_validation_data_must_be_a_pair(calls, tmp_path, data, received):
    constructor = nac.Constructor(7, tmp_path / "run")
    text = input_error(constructor.search, PIXELS, LABELS, data)
    expected = "expected (x, y) or a tf.data.Dataset"
    assert text == f"validation_data: {expected}, received {received}"
    assert not (tmp_path / "run/init.yaml").exists()


def test_validation_images_have_the_channels_of_the_others(calls, tmp_path):
    constructor = nac.Constructor(7, tmp_path / "run")
    other = np.repeat(PIXELS[..., None], 3, axis=-1)
    text = input_error(constructor.search, PIXELS, LABELS, (other, LABELS))
    assert_says(text, "validation_data: expected 1 as the number of channels", "received 3")


def test_wrong_arguments_are_one_line(calls, tmp_path):
    constructor = nac.Constructor(7, tmp_path / "run")
    assert_says(input_error(constructor.search, "pets", LABELS), "nothing but the folder")
    assert_says(input_error(constructor.search, PIXELS), "y: expected the class of each image")
    text = input_error(constructor.search, PIXELS, LABELS, None, "ab")
    assert_says(text, "class_names: expected a list of names, received 'ab'")
    assert_says(input_error(constructor.search, PIXELS / 255.0, LABELS), "give 255 * x")
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS[..., None], LABELS))
    assert_says(input_error(constructor.search, dataset, LABELS), "y: expected none")
    together = partial(nac.Constructor, strategy="multi_worker")
    assert_says(input_error(together), "strategy: expected another", "run_construction takes it")
    assert_says(input_error(nac.Constructor, -1), "--minutes: expected a number > 0, received -1")
    for name in ("seed", "max_parameters", "image_size"):
        text = input_error(lambda name=name: nac.Constructor(**{name: 1.5}))
        assert_says(text, f"--{name}: expected an integer", "received 1.5")
    assert calls == []
    assert not (tmp_path / "run/init.yaml").exists()


@pytest.mark.parametrize("ask", ["fit", "evaluate", "model"])
def test_what_needs_something_before_says_so(tmp_path, ask):
    constructor = nac.Constructor(7, tmp_path / "run")

    def asked():
        value = getattr(constructor, ask)
        return value() if callable(value) else value

    text = input_error(asked)
    assert text.startswith(f"{tmp_path}/run: ")
    assert_says(text, "call search() first" if ask == "fit" else "first")


class TestTrained:
    def test_photos_get_class_names(self, trained, tmp_path):
        path = write_image(tmp_path / "day.png", image(240, 9, 7, 3))
        (found,) = nac.Constructor(directory=trained).predict([path], top=1)
        assert (found.name, found.image) == ("1", str(path))
        assert str(found) == f"{path}: 1 (100.0%)"

    def test_arrays_get_class_names(self, trained):
        found = nac.Constructor(directory=trained).predict(PIXELS[:3])
        assert [prediction.name for prediction in found] == ["0", "1", "0"]
        assert [prediction.image for prediction in found] == ["0", "1", "2"]

    def test_an_unreadable_photo_is_an_error(self, trained, tmp_path):
        (tmp_path / "x.png").write_bytes(b"no image")
        text = input_error(nac.Constructor(directory=trained).predict, str(tmp_path / "x.png"))
        assert_says(text, "x.png: cannot be read as an image")

    def test_other_images_can_be_evaluated(self, trained):
        labels = LABELS.copy()
        labels[:5] = 1 - labels[:5]
        result = nac.Constructor(directory=trained).evaluate(PIXELS, labels)
        assert result["accuracy"] == 0.75
        assert result["loss"] > 1.0

    @pytest.mark.parametrize("other", [5, "cat"])
    def test_a_class_that_the_network_does_not_know_is_an_error(self, trained, other):
        constructor = nac.Constructor(directory=trained)
        text = input_error(constructor.evaluate, PIXELS[:2], [other, other])
        expected = "expected only classes that the network knows (0, 1)"
        assert text == f"y: {expected}, received '{other}'"

    def test_numbers_mean_the_classes_that_they_meant_in_the_search(self, trained):
        constructor = nac.Constructor(directory=trained)
        constructor.model.class_names = ("1", "2")
        assert constructor.evaluate(PIXELS, LABELS + 1)["accuracy"] == 1.0

    def test_labels_without_images_are_an_error(self, trained):
        text = input_error(lambda: nac.Constructor(directory=trained).evaluate(y=LABELS))
        assert text == "x: expected the images of y, received None"

    def test_a_single_image_is_an_error(self, trained):
        text = input_error(
            nac.Constructor(directory=trained).predict, np.zeros((8, 8, 3), np.uint8)
        )
        assert_says(text, "expected a batch of images", "x[np.newaxis]")

    def test_an_answer_names_a_class_or_more(self, trained):
        text = input_error(nac.Constructor(directory=trained).predict, PIXELS, 0)
        assert text == "top: expected an integer >= 1, received 0"

    def test_a_network_whose_training_diverged_is_an_error(self, trained):
        constructor = nac.Constructor(directory=trained)
        for weight in constructor.model.weights:
            weight.assign(np.full(weight.shape, np.nan))
        for ask in (
            lambda: constructor.predict(PIXELS),
            lambda: constructor.evaluate(PIXELS, LABELS),
        ):
            with pytest.raises(NacError, match=r"classifier.keras: expected .* answers are finite"):
                ask()

    def test_the_model_takes_pixels(self, trained):
        model = nac.Constructor(directory=trained).model
        assert model.predict(PIXELS[:2], verbose=0).argmax(axis=1).tolist() == [0, 1]
