"""Networks that people made by hand as Keras models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.handmade import NETWORKS, Handmade
from nac.architecture.network import Architecture
from nac.architecture.operations import Block, Operation
from nac.construction.handmade_costs import handmade_costs
from nac.models import build_model
from nac.models.cells import batch_normalizations
from nac.models.description import describe
from nac.models.handmade import HandmadeBlock
from nac.models.layers import Cutout
from nac.models.normalization import BatchNormalization
from nac.utils.records import to_json
from tests.builders import input_error
from tests.models.small_networks import random_images

SHAPE = (16, 12, 3)
IMAGES = random_images(4, *SHAPE)


def architecture(name, width=0.2, **changes):
    return Architecture.of_handmade(Handmade(name, width, 10, **changes))


def block(*operations, **more):
    return HandmadeBlock(to_json(Block(operations, **more)))


@pytest.fixture(params=list(NETWORKS))
def network(request):
    return architecture(request.param)


@pytest.fixture
def on_cpu(monkeypatch):
    """Let training use the forms of convolutions that are fast on a CPU."""
    monkeypatch.setattr("nac.models.handmade.on_fast_cpu", lambda: True)


def test_the_model_costs_exactly_what_is_counted_without_it(network):
    description = describe(network, build_model(network, SHAPE))
    costs = handmade_costs(network.handmade, SHAPE)
    assert description.trainable_params == costs.parameters
    assert description.multiply_adds == costs.multiply_adds


def test_the_weights_that_are_not_trained_are_the_counted_constants(network):
    model = build_model(network, SHAPE)
    constants = sum(int(np.prod(x.shape)) for x in model.non_trainable_variables)
    assert constants == handmade_costs(network.handmade, SHAPE).constants


def test_featuremaps_have_the_shapes_of_the_blocks(network):
    shape, expected = SHAPE, []
    for each in network.handmade.blocks(SHAPE)[:-1]:
        shape = each.output_shape(shape)
        expected.append(shape)
    description = describe(network, build_model(network, SHAPE))
    assert [layer.shape for layer in description.layers[:-1]] == expected
    assert description.layers[-1].shape == (10,)


def test_layers_have_the_names_that_layers_of_other_networks_have():
    model = build_model(architecture("plain_cnn"), SHAPE)
    names = [layer.name for layer in model.layers]
    assert names == ["images", "stem", "layer01", "layer02", "classifier"]


def test_a_description_says_what_blocks_consist_of_and_counts_kinds_of_weights():
    network = architecture("mobilenet_v2", 1.0)
    description = describe(network, build_model(network, (32, 32, 3)))
    assert description.notation == "mobilenet_v2 x1"
    assert description.layers[3].cell == "1x1, 3x3 depthwise, 1x1 + shortcut"
    kinds = description.params_by_kind
    assert kinds["dense_kernel"] + kinds["dense_bias"] == 1280 * 10 + 10
    assert kinds["bn_gamma"] == kinds["bn_beta"] == 17_056
    # 3 x 3 weights for each channel between the two 1x1 convolutions of each block.
    hidden = [32, 96, 144, 144] + [192] * 3 + [384] * 4 + [576] * 3 + [960] * 3
    assert kinds["depthwise_kernel"] == 9 * sum(hidden)


def test_all_batch_norms_take_part_in_calibration():
    # A stem, nine blocks of two, and two projections.
    model = build_model(architecture("resnet"), SHAPE)
    assert len(batch_normalizations(model)) == 1 + 9 * 2 + 2


def test_batch_norm_has_a_scale_in_training():
    layer = BatchNormalization(scale=True)
    keras_layer = keras.layers.BatchNormalization(epsilon=1e-3)
    for each in (layer, keras_layer):
        each.build(IMAGES.shape)
        each.gamma.assign([0.5, 1.0, 2.0])
        each.beta.assign([1.0, 0.0, -1.0])
    expected = keras_layer(IMAGES, training=True)
    np.testing.assert_allclose(layer(IMAGES, training=True), expected, atol=1e-5)


def test_a_block_adds_its_input():
    operations = (Operation("max_pool", size=2), Operation("relu"))
    outputs = block(*operations, shortcut=())(-1.0 - np.abs(IMAGES))
    np.testing.assert_allclose(outputs, -1.0 - np.abs(IMAGES), rtol=1e-6)


def test_operations_after_the_sum_are_computed_last():
    outputs = block(Operation("relu"), shortcut=(), after=(Operation("relu6"),))
    # relu(x) + x, between 0 and 6.
    values = np.array([-1.0, 2.0, 4.0], "float32").reshape(1, 1, 1, 3)
    np.testing.assert_allclose(outputs(values).numpy().ravel(), [0.0, 4.0, 6.0])


def test_the_fast_forms_of_convolutions_compute_the_same(network, on_cpu, monkeypatch):
    model = build_model(network, SHAPE)
    fast = model(IMAGES, training=True)
    monkeypatch.setattr("nac.models.handmade.on_fast_cpu", lambda: False)
    np.testing.assert_allclose(fast, model(IMAGES, training=True), rtol=1e-3, atol=1e-3)


def test_a_saved_network_computes_the_same(network, tmp_path):
    model = build_model(network, SHAPE)
    model.save(tmp_path / "model.keras")
    read = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(read(IMAGES), model(IMAGES))


def test_cutout_is_before_the_stem():
    model = build_model(architecture("resnet", cutout=4), SHAPE, seed=3)
    first = model.layers[1]
    assert isinstance(first, Cutout)
    assert (first.size, first.seed) == (4, 3)


def test_the_logits_are_as_many_as_the_classes_of_the_data():
    message = "architecture: classes: expected 7 outputs, one per class, received 10"
    assert input_error(build_model, architecture("resnet"), SHAPE, 7) == message


def test_weights_of_depthwise_convolutions_do_not_shrink_with_the_number_of_channels():
    layer = block(Operation("depthwise", size=3))
    layer.build((None, 8, 8, 2000))
    # He et al. (2015): variance 2 / 9 for nine inputs.
    deviation = float(tf.math.reduce_std(layer.main[0].kernel))
    assert deviation == pytest.approx((2 / 9) ** 0.5, rel=0.05)
