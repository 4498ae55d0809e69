"""classifier.keras: read with nac and without it, and the same bytes each time."""

import json
import os
import zipfile

import keras
import numpy as np
import pytest

from nac.architecture.branch_types import BRANCH_TYPES
from nac.models.classifier import PhotoClassifier, make_classifier
from nac.models.classifier_file import write_classifier
from tests.builders import layer
from tests.forks import forked
from tests.models.test_classifier import NAMES, SIDE, network, pixels

WITHOUT_NAC = """
import sys
import keras
import numpy as np

model = keras.models.load_model("classifier.keras")
np.save("received.npy", model.predict(np.load("images.npy"), verbose=0))
assert "nac" not in sys.modules
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a folder with a classifier and images, and the classifier."""
    folder = tmp_path_factory.mktemp("classifier")
    classifier = make_classifier(network(3), NAMES, provenance={"run": "mine", "accuracy": 0.5})
    write_classifier(classifier, folder / "classifier.keras")
    np.save(folder / "images.npy", pixels(3, 11, 9, 3))
    return folder, classifier


def test_it_loads_with_its_classes(saved):
    folder, classifier = saved
    loaded = keras.models.load_model(folder / "classifier.keras")
    assert type(loaded) is PhotoClassifier
    assert (loaded.class_names, loaded.provenance) == (NAMES, classifier.provenance)
    images = np.load(folder / "images.npy")
    np.testing.assert_array_equal(loaded(images), classifier(images))


@pytest.mark.slow
def test_it_loads_without_nac(saved):
    folder, classifier = saved
    result = forked(exec, WITHOUT_NAC, {}, cwd=folder, environment=os.environ)
    assert result.returncode == 0, result.stderr
    received = np.load(folder / "received.npy")
    expected = classifier.predict(np.load(folder / "images.npy"), verbose=0)
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_anyone_can_read_the_classes_in_its_configuration(saved):
    with zipfile.ZipFile(saved[0] / "classifier.keras") as archive:
        config = json.loads(archive.read("config.json"))
    first = config["config"]["layers"][0]
    assert first["class_names"] == list(NAMES)
    assert first["provenance"]["accuracy"] == 0.5


def test_the_same_classifier_gives_the_same_bytes(saved, tmp_path):
    write_classifier(saved[1], tmp_path / "again.keras")
    again = (tmp_path / "again.keras").read_bytes()
    assert again == (saved[0] / "classifier.keras").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.keras"]


def test_it_is_saved_by_keras_too(saved, tmp_path):
    saved[1].save(tmp_path / "again.keras")
    assert keras.models.load_model(tmp_path / "again.keras").class_names == NAMES


def test_one_with_layers_of_a_user_says_that_it_needs_them(monkeypatch, tmp_path):
    @keras.saving.register_keras_serializable("tests")
    class Own(keras.layers.Conv2D):
        pass

    monkeypatch.setitem(
        BRANCH_TYPES._entries, "own", lambda size, filters, dtype: Own(filters, size)
    )
    classifier = make_classifier(network(1, layer("1x1own")), NAMES)
    write_classifier(classifier, tmp_path / "classifier.keras")
    with zipfile.ZipFile(tmp_path / "classifier.keras") as archive:
        assert json.loads(archive.read("config.json"))["registered_name"] == "nac>PhotoClassifier"
    images = pixels(2, SIDE, SIDE, 1)
    loaded = keras.models.load_model(tmp_path / "classifier.keras")
    np.testing.assert_array_equal(loaded(images), classifier(images))
