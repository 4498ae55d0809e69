"""Trained networks rebuilt from Keras' own layers answer as before."""

import keras
import numpy as np
import pytest

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.handmade import NETWORKS
from nac.models import build_model
from nac.models.plain import NoPlainFormError, plain_network
from tests.builders import WIDENER, layer, stem
from tests.models.small_networks import classifier, random_images, small
from tests.models.test_handmade import architecture as handmade
from tests.models.test_micro import cell, micro, node
from tests.models.test_saved_model import STEM
from tests.models.trained import shaken

SHAPE = (8, 8, 3)
IMAGES = random_images(4, *SHAPE)

SKIPS = (layer("1x1", "3x3", inputs=[]), WIDENER, layer("5x5", inputs=[1, 0]))
WIDENER2 = {"widener2": {}, "inputs": [1]}
FLAT = {
    "Layer0": {"Branch0": {"block": "flatten"}},
    "Layer1": {"Branch0": {"block": "fc", "outputs": 5}},
    "Layer2": {"Branch0": {"block": "dropout", "keep_prob": 0.8}},
    "Layer3": classifier(inputs=5)["Layer1"],
}


def assert_plain(model):
    """Assert that a network has a plain form with the same answers, and return that form."""
    plain = plain_network(shaken(model))
    assert {type(each).__module__.partition(".")[0] for each in plain.operations} == {"keras"}
    expected = np.asarray(model(IMAGES, training=False))
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(plain(IMAGES), expected, rtol=1e-4, atol=1e-5)
    return plain


@pytest.mark.parametrize("block", ["1x1", "3x3", "1x7", "1x1sep", "3x3sep", "7x1sep"])
def test_a_branch_of_each_type(block):
    assert_plain(build_model(small(layer(block, outputs=4)), SHAPE))


@pytest.mark.parametrize("options", [{"branch_gates": True}, {"batch_norm_scale": True}])
def test_a_branch_with_a_gate_or_a_scale(options):
    assert_plain(build_model(small(layer("1x1", "3x3sep")), SHAPE, **options))


def test_gates_of_skip_connections_and_a_widener():
    assert_plain(build_model(small(*SKIPS), SHAPE))


@pytest.mark.parametrize("amla_compatible", [False, True])
def test_a_pooling_widener(amla_compatible):
    layers = (layer("1x1", inputs=[0]), WIDENER2, layer("3x3"))
    assert_plain(build_model(small(*layers, amla_compatible=amla_compatible), SHAPE))


def test_a_stem_of_all_kinds_of_layers():
    assert_plain(build_model(small(layer("1x1"), init_cell=STEM), SHAPE))


def test_a_stem_that_pools_and_a_classifier_that_flattens():
    pooling = {**stem(4), "Layer1": {"Branch0": {"block": "max_pool", "kernel_size": [2, 2]}}}
    network = small(layer("1x1"), init_cell=pooling, classification_cell=FLAT)
    assert_plain(build_model(network, SHAPE))


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_network_made_by_hand(name):
    assert_plain(build_model(handmade(name, cutout=2), SHAPE))


def test_a_micro_network():
    normal = cell(
        node("3x3", 1, filters=4),
        node("3x3sep", 2, stride=2),
        node("3x3dilated", 2),
        node("3x3avgpool", 3),
        node("add", 4, 5),
        node("concat", 6, 7),
    )
    assert_plain(build_model(micro(("normal_cell", "normal_cell"), normal_cell=normal), SHAPE))


def test_a_network_in_mixed_precision_becomes_one_of_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build_model(small(*SKIPS), SHAPE)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {each.compute_dtype for each in plain_network(model).layers} == {"float32"}


def test_a_branch_type_of_a_user_that_is_made_of_keras_layers(monkeypatch):
    def dilated(size, filters, dtype):
        return keras.layers.Conv2D(filters, size, padding="same", dilation_rate=2, dtype=dtype)

    monkeypatch.setitem(BRANCH_TYPES._entries, "dilated", dilated)
    assert_plain(build_model(small(layer("3x3dilated", "1x1")), SHAPE))


def test_a_layer_of_a_user_has_no_plain_form(monkeypatch):
    class Own(keras.layers.Conv2D):
        pass

    monkeypatch.setitem(
        BRANCH_TYPES._entries, "own", lambda size, filters, dtype: Own(filters, size, name="mine")
    )
    model = build_model(small(layer("1x1own")), SHAPE)
    with pytest.raises(NoPlainFormError, match=r"mine \(Own\)"):
        plain_network(model)


def test_the_trained_network_is_left_as_it_is():
    model = shaken(build_model(small(*SKIPS), SHAPE))
    before = [variable.numpy() for variable in model.variables]
    plain = plain_network(model)
    for variable in plain.variables:
        variable.assign(np.zeros(variable.shape))
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
