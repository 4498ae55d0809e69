"""Macro networks: layers in a row, skip connections, pooling, variable paths."""

import keras
import numpy as np

from nac.models import build_model
from nac.models.macro import BuildOptions
from tests.builders import WIDENER, assert_says, input_error, layer
from tests.models.small_networks import paths, random_images, small

SHAPE = (8, 8, 1)


def built(*layers, **cells):
    return build_model(small(*layers, **cells), SHAPE)


def inputs_of(model, name):
    """Return the featuremaps that enter a layer, for some images."""
    return keras.Model(model.input, model.get_layer(name).input)(random_images(2, *SHAPE))


def featuremap(model, name):
    """Return the featuremap that leaves a layer, for the same images."""
    return keras.Model(model.input, model.get_layer(name).output)(random_images(2, *SHAPE)).numpy()


def halved(images):
    """Return images of even sides, 2x2-max-pooled."""
    batch, height, width, channels = images.shape
    blocks = images.reshape(batch, height // 2, 2, width // 2, 2, channels)
    return blocks.max(axis=(2, 4))


class TestSkipMachinery:
    def test_without_inputs_a_layer_has_none(self):
        assert paths(built(layer("1x1")), "skip") == []

    def test_with_an_empty_list_there_is_the_bottleneck_alone(self):
        model = built(layer("1x1", inputs=[]))
        assert paths(model, "skip") == ["layer01/skip/kernel", "layer01/skip/bias"]
        assert model.get_layer("layer01").skip.kernel.shape == (1, 1, 4, 4)

    def test_each_source_has_a_gate_in_the_order_of_the_list(self):
        model = built(layer("1x1"), layer("1x1"), layer("1x1", inputs=[1, 0]))
        assert paths(model, "skip/gate") == ["layer03/skip/gate_1", "layer03/skip/gate_0"]

    def test_all_is_every_layer_before_the_predecessor_and_the_stem(self):
        model = built(layer("1x1"), layer("1x1"), layer("1x1", inputs="all"))
        assert paths(model, "skip/gate") == ["layer03/skip/gate_0", "layer03/skip/gate_1"]

    def test_all_in_the_first_layer_is_the_bottleneck_alone(self):
        model = built(layer("1x1", inputs="all"))
        assert paths(model, "skip") == ["layer01/skip/kernel", "layer01/skip/bias"]

    def test_the_direct_input_comes_first_then_the_sources_as_listed(self):
        model = built(layer("1x1"), layer("1x1"), layer("1x1", inputs=[1, 0]))
        entering = inputs_of(model, "layer03")
        for values, name in zip(entering, ("layer02", "layer01", "stem"), strict=True):
            np.testing.assert_array_equal(values, featuremap(model, name))

    def test_the_kernel_spans_all_inputs_and_gives_the_channels_of_the_direct_one(self):
        model = built(layer("1x1", outputs=6), layer("1x1", outputs=5), layer("1x1", inputs=[1]))
        assert model.get_layer("layer03").skip.kernel.shape == (1, 1, 5 + 6, 5)


class TestPooling:
    def test_a_source_one_stage_back_is_pooled_once(self):
        model = built(layer("1x1"), WIDENER, layer("1x1", inputs=[1]))
        pooled = inputs_of(model, "layer03")[1]
        np.testing.assert_array_equal(pooled, halved(featuremap(model, "layer01")))

    def test_a_source_two_stages_back_is_pooled_twice(self):
        model = built(layer("1x1"), WIDENER, layer("1x1"), WIDENER, layer("1x1", inputs=[1]))
        pooled = inputs_of(model, "layer05")[1]
        np.testing.assert_array_equal(pooled, halved(halved(featuremap(model, "layer01"))))

    def test_a_source_of_the_same_stage_is_not_pooled(self):
        model = built(WIDENER, layer("1x1"), layer("1x1", inputs=[1]))
        np.testing.assert_array_equal(inputs_of(model, "layer03")[1], featuremap(model, "layer01"))

    def test_a_pooling_is_made_once_for_all_layers_that_use_it(self):
        model = built(layer("1x1"), WIDENER, *[layer("1x1", inputs=[1])] * 3)
        assert [x.name for x in model.layers if "pooled" in x.name] == ["layer01_pooled1"]

    def test_odd_sides_are_pooled_rounding_up_like_the_wideners_do(self):
        network = small(layer("1x1"), WIDENER, WIDENER, layer("1x1", inputs=[0, 1]))
        model = build_model(network, (7, 5, 1))
        shapes = {tuple(x.shape[1:3]) for x in model.get_layer("layer04").input}
        assert shapes == {(2, 2)}


class TestWideners:
    def test_each_widener_adds_the_width_of_its_stage(self):
        model = built(WIDENER, WIDENER, channels=4)
        assert [model.get_layer(f"layer0{i}").output.shape[-1] for i in (1, 2)] == [8, 16]

    def test_they_add_to_the_channels_that_really_come(self):
        model = built(layer("1x1", outputs=6), WIDENER, channels=4)
        assert model.get_layer("layer02").output.shape[-1] == 6 + 4

    def test_too_many_stages_for_the_image_are_an_error_that_names_the_layer(self):
        text = input_error(build_model, small(WIDENER, WIDENER, layer("1x1"), WIDENER), (4, 4, 1))
        assert text == (
            "architecture: layer 4: a widener cannot halve featuremaps of 1x1 pixels;"
            " expected fewer stages or larger images"
        )

    def test_each_side_must_be_large_enough(self):
        assert_says(input_error(build_model, small(WIDENER), (8, 1, 1)), "layer 1", "8x1 pixels")


def test_variable_paths_are_layer_branch_operation_variable():
    model = built(
        layer("3x3", "1x1sep", outputs=4),
        WIDENER,
        {"filters": {"Branch2": "5x5"}, "inputs": [0], "outputs": 4},
    )
    assert [variable.path for variable in model.trainable_variables] == [
        "stem/Layer0_Branch0_conv2d/kernel",
        "stem/Layer0_Branch0_conv2d/bias",
        "layer01/Branch1/conv/kernel",
        "layer01/Branch1/batch_norm/beta",
        "layer01/Branch2/conv/depthwise_kernel",
        "layer01/Branch2/conv/pointwise_kernel",
        "layer01/Branch2/batch_norm/beta",
        "layer02/conv/kernel",
        "layer02/conv/bias",
        "layer03/skip/kernel",
        "layer03/skip/bias",
        "layer03/skip/gate_0",
        "layer03/Branch2/conv/kernel",
        "layer03/Branch2/batch_norm/beta",
        "classifier/dense/kernel",
        "classifier/dense/bias",
    ]


def test_variable_paths_are_unique():
    cell = {
        f"Layer{i}": {"Branch0": {"block": "conv2d", "kernel_size": [1, 1], "outputs": 4}}
        for i in range(2)
    }
    names = paths(build_model(small(layer("1x1"), init_cell=cell), SHAPE))
    assert len(names) == len(set(names))


def test_layers_draw_dropout_by_seeds_of_their_own():
    model = build_model(small(layer("1x1"), layer("1x1")), SHAPE, seed=3)
    seeds = {model.get_layer(name).dropout.seed for name in ("layer01", "layer02")}
    assert len(seeds) == 2


def test_seeds_of_layers_differ_between_networks():
    first, second = (
        {BuildOptions(seed=seed).layer_seed(index) for index in range(100)} for seed in (0, 1)
    )
    assert len(first) == 100
    assert first.isdisjoint(second)


def test_a_layer_is_found_by_its_index():
    model = built(layer("1x1"), WIDENER, layer("3x3"))
    names = [x.name for x in model.layers]
    assert names == ["images", "stem", "layer01", "layer02", "layer03", "classifier"]
