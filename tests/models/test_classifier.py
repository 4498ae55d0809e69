"""Classifiers of photos: which pixels they take, and that they answer as the training would."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.branch_types import BRANCH_TYPES
from nac.data.augmentation import standardize, standardize_if
from nac.data.preparation import resized
from nac.models import build_model
from nac.models.classifier import PhotoClassifier, make_classifier
from tests.builders import WIDENER, layer
from tests.models.small_networks import small
from tests.models.trained import shaken

NAMES = ("cat", "dog", "owl")
SIDE = 8


def network(channels=1, *layers):
    layers = layers or (layer("1x1", "3x3sep", inputs=[]), WIDENER, layer("3x3", inputs=[1]))
    return shaken(build_model(small(*layers), (SIDE, SIDE, channels)))


def pixels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def answers(model, prepared):
    """Return the probabilities that a network gives to prepared images."""
    return tf.nn.softmax(model(prepared, training=False)).numpy()


@pytest.fixture(scope="module")
def gray():
    model = network(1)
    return model, make_classifier(model, NAMES)


@pytest.fixture(scope="module")
def color():
    model = network(3)
    return model, make_classifier(model, NAMES)


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_the_trained_size_get_the_answers_of_the_training(channels, wanted):
    model, images = network(channels), pixels(4, SIDE, SIDE, channels)
    received = make_classifier(model, NAMES, wanted)(images)
    np.testing.assert_allclose(received, answers(model, standardize_if(wanted, images)), atol=1e-6)


@pytest.mark.parametrize("sides", [(20, 13), (5, 6)])
def test_other_images_are_resized_as_the_training_images_were(color, sides):
    model, classifier = color
    images = pixels(4, *sides, 3)
    prepared = standardize(resized(images, SIDE, SIDE))
    np.testing.assert_allclose(
        classifier.predict(images, verbose=0), answers(model, prepared), atol=1e-6
    )


def test_whole_numbers_may_be_floats(gray):
    images = pixels(3, SIDE, SIDE, 1)
    np.testing.assert_array_equal(gray[1](images.astype("float32")), gray[1](images))


def test_an_even_image_is_no_division_by_zero(gray):
    assert np.isfinite(gray[1](np.full((1, SIDE, SIDE, 1), 7, np.uint8))).all()


@pytest.mark.parametrize("which", ["gray", "color"])
def test_gray_images_have_one_channel_or_two_or_none_or_three_equal_ones(which, request):
    classifier, images = request.getfixturevalue(which)[1], pixels(3, 11, 11, 1)
    expected = classifier(images)
    alpha = pixels(3, 11, 11, 1, seed=1)
    for same in (
        images[..., 0],
        np.concatenate([images, alpha], axis=-1),
        np.repeat(images, 3, axis=-1),
        np.concatenate([np.repeat(images, 3, axis=-1), alpha], axis=-1),
    ):
        np.testing.assert_allclose(classifier(same), expected, atol=1e-6)


def test_a_gray_network_sees_colors_by_their_luma(gray):
    images = np.zeros((3, SIDE, SIDE, 3), np.uint8)
    for channel in range(3):
        images[channel, : SIDE // 2, :, channel] = 200
    luma = np.zeros((3, SIDE, SIDE, 1), np.uint8)
    # 0.299, 0.587 and 0.114 of 200, rounded.
    luma[:, : SIDE // 2] = np.array([60, 117, 23], np.uint8)[:, None, None, None]
    np.testing.assert_allclose(gray[1](images), gray[1](luma), atol=1e-6)


@pytest.mark.parametrize("call", [PhotoClassifier.__call__, PhotoClassifier.predict])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (8, 8, 1), (2, 8, 8, 5), (2, 2, 8, 8, 3)])
def test_what_is_no_batch_of_images_is_refused(gray, call, shape):
    with pytest.raises(ValueError, match=r"Expected a batch of images.* image\[None\]") as caught:
        call(gray[1], np.zeros(shape, np.uint8))
    assert f"Received: shape={shape}" in str(caught.value)


def test_a_call_is_not_a_training_step(gray):
    """Keras' layer Resizing would put the layers behind it into training mode."""
    before = [variable.numpy() for variable in gray[1].variables]
    gray[1](pixels(3, SIDE, SIDE, 1))
    for variable, value in zip(gray[1].variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_it_is_not_compiled_by_xla_which_cannot_resize_on_a_gpu(gray):
    assert not gray[0].jit_compile


def test_it_knows_its_classes_and_its_provenance():
    classifier = make_classifier(network(3), NAMES, provenance={"run": "mine", "seed": 7})
    assert classifier.class_names == NAMES
    assert (classifier.provenance.run, classifier.provenance.seed) == ("mine", 7)
    assert classifier.provenance.image_shape == classifier.image_shape == (SIDE, SIDE, 3)
    assert classifier.provenance.layers == "keras"


def test_its_configuration_makes_it_again(gray):
    classifier = make_classifier(gray[0], NAMES, provenance={"run": "mine"})
    config = classifier.get_config()
    assert config["class_names"] == list(NAMES)
    assert config["provenance"]["run"] == "mine"
    again = PhotoClassifier.from_config(config)
    assert (again.class_names, again.provenance) == (NAMES, classifier.provenance)


def test_a_layer_of_a_user_stays_as_it_is(monkeypatch):
    class Own(keras.layers.Conv2D):
        pass

    monkeypatch.setitem(
        BRANCH_TYPES._entries, "own", lambda size, filters, dtype: Own(filters, size)
    )
    model, images = network(1, layer("1x1own")), pixels(3, SIDE, SIDE, 1)
    classifier = make_classifier(model, NAMES)
    assert classifier.provenance.layers == "nac"
    np.testing.assert_allclose(classifier(images), answers(model, standardize(images)), atol=1e-6)


def test_a_network_of_mixed_precision_answers_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build_model(small(layer("1x1")), (SIDE, SIDE, 1))
        classifier = make_classifier(model, NAMES)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert classifier(pixels(1, SIDE, SIDE, 1)).dtype == tf.float32
