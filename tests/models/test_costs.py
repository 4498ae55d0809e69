"""The costs that are counted from an architecture are those of its Keras model."""

import math

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import architecture_from_dict
from nac.config import load_experiment
from nac.construction.costs import count
from nac.construction.prior import prior
from nac.models import build_model
from nac.models.description import describe
from tests import strategies
from tests.builders import CLASSIFIER, WIDENER, layer
from tests.models.peer_networks import parameter_architecture
from tests.models.small_networks import small
from tests.peer import PEER_DIR

INSTRUMENTS = ("sums", "sensitivity", "unit_gates", "calls")
"""Variables that measure or count, which a network for use does not have."""


def assert_same(architecture, shape, **options):
    model = build_model(architecture, shape, **options)
    costs, description = count(architecture, shape, **options), describe(architecture, model)
    assert costs.parameters == description.trainable_params
    assert costs.multiply_adds == description.multiply_adds
    assert costs.flops == description.flops
    weights = [v for v in model.variables if v.path.split("/")[-1] not in INSTRUMENTS]
    assert costs.size_kib == 4 * sum(math.prod(v.shape) for v in weights) / 1024


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("digits/construct.yaml", (8, 8, 1)),
        ("fashion_mnist/construct.yaml", (28, 28, 1)),
        ("cifar10/construct.yaml", (32, 32, 3)),
        ("cifar10/enas_macro.yaml", (32, 32, 3)),
        ("imagenet/nac.yaml", (224, 224, 3)),
    ],
)
def test_of_the_experiments(path, shape):
    file = load_experiment(f"experiments/{path}")
    network = file.architecture or prior(file.envelopenet, file.stem, file.classifier)
    assert_same(network, shape)


@pytest.mark.parametrize(
    "key", ["config.enas.json", "initial/e1_param_limits_skip.json", "construct/004.json"]
)
def test_of_amlas_networks(key):
    part = "#architecture_out" if key.startswith("construct") else ""
    assert_same(parameter_architecture(PEER_DIR, key + part), (32, 32, 3))


@pytest.mark.parametrize("amla_compatible", [False, True])
def test_of_a_network_with_every_kind_of_layer(amla_compatible):
    head = {"auxiliary": {"Branch1": "Dense"}, "outputs": 3}
    conv = {"block": "conv2d", "kernel_size": [3, 2], "outputs": 5, "stride": 2, "bias": False}
    pool = {"block": "max_pool", "kernel_size": [3, 3]}
    flat = {
        "Layer0": {"Branch0": {"block": "flatten"}},
        "Layer1": {"Branch0": {"block": "fc", "outputs": 6}},
        "Layer2": {"Branch0": {"block": "fc-final", "inputs": 6, "outputs": 3}},
    }
    network = small(
        layer("1x1", "3x3sep", outputs=7, inputs=[0]),
        head,
        WIDENER,
        layer("5x3", "7x7sep", "1x1", outputs=11, inputs="all"),
        {"widener2": {}, "inputs": [1]},
        layer("3x3", outputs=9, inputs=[]),
        init_cell={
            "Layer0": {"Branch0": conv, "Branch1": {**conv, "outputs": 2}},
            "Layer1": {"Branch0": pool},
            "Layer2": {"Branch0": {"block": "lrn"}},
        },
        classification_cell=flat,
        amla_compatible=amla_compatible,
    )
    assert_same(network, (21, 18, 3))


@pytest.mark.parametrize("option", ["branch_gates", "batch_norm_scale"])
def test_of_a_network_with_further_weights(option):
    network = small(layer("1x1", "3x3", inputs=[0]), WIDENER, layer("3x3sep"))
    assert_same(network, (8, 8, 1), **{option: True})


def test_of_a_branch_type_that_was_added():
    def grouped(size, filters, dtype):
        return keras.layers.Conv2D(filters, size, padding="same", groups=2, dtype=dtype)

    BRANCH_TYPES.register("grouped", grouped)
    try:
        assert_same(small(layer("1x1", "3x3grouped", outputs=4)), (6, 6, 1))
    finally:
        BRANCH_TYPES.unregister("grouped")


@settings(max_examples=6, deadline=None)
@given(strategies.architecture_values(), st.booleans())
def test_of_any_network(value, batch_norm_scale):
    network = architecture_from_dict({**value, "classification_cell": CLASSIFIER})
    assert_same(network, (9, 10, 2), batch_norm_scale=batch_norm_scale)
