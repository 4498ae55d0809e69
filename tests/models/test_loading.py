"""Errors when loading a saved network."""

import json
from zipfile import ZipFile

import keras
import pytest

from nac.models.classifier import make_classifier
from nac.models.classifier_file import CONFIG, write_classifier
from nac.models.loading import check_fits, load_classifier, load_either, load_network
from nac.utils.errors import InputError
from tests.builders import assert_says, input_error


def error(path):
    with pytest.raises(InputError) as caught:
        load_network(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def network(outputs=10, shape=(8, 8, 1)):
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Dense(outputs)(keras.layers.Flatten()(images)))


def test_a_network_is_read(tmp_path):
    network().save(tmp_path / "net.keras")
    assert load_network(tmp_path / "net.keras").output_shape == (None, 10)


def test_a_file_that_is_not_there(tmp_path):
    assert error(tmp_path / "net.keras").startswith(f"{tmp_path / 'net.keras'}: no such file")


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "net.json").write_text("{}")
    assert "expected a Keras model, a file named *.keras" in error(tmp_path / "net.json")


def test_a_file_with_other_content(tmp_path):
    (tmp_path / "net.keras").write_text("{}")
    assert "expected a Keras model that this version can read" in error(tmp_path / "net.keras")


def test_a_file_cut_short(tmp_path):
    network().save(tmp_path / "net.keras")
    content = (tmp_path / "net.keras").read_bytes()
    (tmp_path / "net.keras").write_bytes(content[: len(content) // 2])
    assert "expected a Keras model that this version can read" in error(tmp_path / "net.keras")


def test_a_network_with_vectors_in(tmp_path):
    vector = keras.Input((4,))
    keras.Model(vector, keras.layers.Dense(2)(vector)).save(tmp_path / "net.keras")
    assert "expected a network with images in and logits out" in error(tmp_path / "net.keras")


def test_a_network_with_images_out(tmp_path):
    images = keras.Input((8, 8, 1))
    keras.Model(images, keras.layers.Conv2D(1, 1)(images)).save(tmp_path / "net.keras")
    assert "expected a network with images in and logits out" in error(tmp_path / "net.keras")


def test_a_network_with_two_inputs(tmp_path):
    one, two = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    total = keras.layers.Flatten()(keras.layers.Add()([one, two]))
    keras.Model([one, two], total).save(tmp_path / "net.keras")
    assert "expected a network with images in and logits out" in error(tmp_path / "net.keras")


def test_a_network_for_other_images():
    with pytest.raises(InputError) as caught:
        check_fits(network(), "net.keras", (28, 28, 1), 10)
    assert str(caught.value) == (
        "net.keras: images: expected a network for 28x28x1, as the data set has, received one for"
        " 8x8x1"
    )


def test_a_network_for_other_classes():
    with pytest.raises(InputError) as caught:
        check_fits(network(outputs=3), "net.keras", (8, 8, 1), 10)
    assert str(caught.value) == (
        "net.keras: classes: expected a network for 10, as the data set has, received one for 3"
    )


def test_a_classifier_is_read(tmp_path):
    make_classifier(network(outputs=2), ("a", "b")).save(tmp_path / "photos.keras")
    assert load_classifier(tmp_path / "photos.keras").class_names == ("a", "b")


def test_a_network_is_no_classifier(tmp_path):
    network().save(tmp_path / "net.keras")
    text = input_error(load_classifier, tmp_path / "net.keras")
    assert text.startswith(f"{tmp_path / 'net.keras'}: expected a classifier")


def test_a_classifier_that_is_not_there(tmp_path):
    text = input_error(load_classifier, tmp_path / "photos.keras")
    assert text.endswith("no such file; expected a classifier (classifier.keras)")


def test_a_classifier_is_no_network(tmp_path):
    make_classifier(network(outputs=2), ("a", "b")).save(tmp_path / "photos.keras")
    assert "received a classifier with pixels in" in error(tmp_path / "photos.keras")


@pytest.fixture(scope="module")
def classifier_file(tmp_path_factory):
    """Return a classifier of two classes as a file."""
    path = tmp_path_factory.mktemp("classifier") / "photos.keras"
    write_classifier(make_classifier(network(outputs=2), ("a", "b")), path)
    return path


def with_class_names(source, target, names):
    """Write a classifier anew that says that its classes have these names."""

    def change(config):
        config["layers"][0]["class_names"] = names
        return config

    return changed(source, target, change)


def changed(source, target, change):
    """Write a model anew with another configuration."""
    with ZipFile(source) as given, ZipFile(target, "w") as written:
        for member in given.namelist():
            content = given.read(member)
            if member == CONFIG:
                model = json.loads(content)
                model["config"] = change(model["config"])
                content = json.dumps(model).encode()
            written.writestr(member, content)
    return target


MANY = "class_names: expected a list of 2 names, as the network has so many outputs, received "
EACH = "expected a text of 1 to 1,000 characters, received "


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a"], f"{MANY}1"),
        (["a", "b", "c"], f"{MANY}3"),
        ("ab", f"{MANY}'ab'"),
        (None, f"{MANY}None"),
        ({"a": 0, "b": 1}, MANY + "{'a': 0, 'b': 1}"),
        (["a", 1], f"class_names[1]: {EACH}1"),
        (["", "b"], f"class_names[0]: {EACH}''"),
        (["a", "b" * 1001], f"class_names[1]: {EACH}'{'b' * 56}..."),
    ],
)
@pytest.mark.parametrize("load", [load_classifier, load_either])
def test_classes_of_a_classifier_have_one_name_each(
    classifier_file, tmp_path, load, names, message
):
    path = with_class_names(classifier_file, tmp_path / "photos.keras", names)
    assert input_error(load, path) == f"{path}: {message}"


def test_a_class_may_have_a_long_name(classifier_file, tmp_path):
    names = ["a" * 1000, "b"]
    path = with_class_names(classifier_file, tmp_path / "photos.keras", names)
    assert load_classifier(path).class_names == tuple(names)


def test_a_classifier_has_the_layers_that_nac_gives_it(classifier_file, tmp_path):
    def rename(config):
        return json.loads(json.dumps(config).replace('"resizing"', '"other"'))

    path = changed(classifier_file, tmp_path / "photos.keras", rename)
    text = input_error(load_classifier, path)
    assert_says(text, f"{path}: expected a classifier with the layers", "(pixels, other, stand")
