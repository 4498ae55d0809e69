"""build_model: accepted architectures, errors and options."""

import json

import keras
import numpy as np
import pytest

from nac.models import build_model
from tests.builders import WIDENER, assert_says, input_error, layer
from tests.models.small_networks import copy_weights, paths, random_images, small, small_json

SHAPE = (8, 8, 1)
LAYERS = (layer("1x1", "3x3sep", inputs=[]), WIDENER, layer("3x3", inputs=[1]))


def test_an_architecture_may_be_given_as_json():
    model = build_model(json.dumps(small_json(*LAYERS)), SHAPE)
    assert paths(model) == paths(build_model(small(*LAYERS), SHAPE))


def test_the_output_has_a_number_per_class():
    model = build_model(small(layer("1x1")), SHAPE)
    assert model(random_images(2, *SHAPE)).shape == (2, 3)


def test_the_output_are_logits_not_probabilities():
    model = build_model(small(layer("1x1")), SHAPE)
    kernel, bias = model.get_layer("classifier").variables
    kernel.assign(np.zeros(kernel.shape))
    bias.assign([-5.0, 0.0, 7.0])
    np.testing.assert_array_equal(model(random_images(1, *SHAPE)), [[-5.0, 0.0, 7.0]])


@pytest.mark.parametrize("classes", [None, 3])
def test_classes_may_be_left_out_or_agree(classes):
    assert build_model(small(layer("1x1")), SHAPE, classes).output.shape == (None, 3)


def test_other_classes_than_the_classifier_has_are_an_error():
    assert input_error(build_model, small(layer("1x1")), SHAPE, 10) == (
        "architecture: classification_cell: expected 10 outputs, one per class, received 3"
    )


@pytest.mark.parametrize("key", ["init_cell", "classification_cell"])
def test_a_missing_cell_is_an_error_that_names_it(key):
    value = small_json(layer("1x1"))
    del value[key]
    text = input_error(build_model, json.dumps(value), SHAPE)
    assert text == f"architecture: {key}: missing; a network needs it"


def test_json_that_is_none_is_one_line():
    assert_says(input_error(build_model, "{", SHAPE), "architecture", "not valid JSON")


class TestCollectStatistics:
    def test_false_leaves_the_metrics_out(self):
        with_metrics, without = (
            build_model(small(*LAYERS), SHAPE, collect_statistics=collect)
            for collect in (True, False)
        )
        assert paths(without) == [p for p in paths(with_metrics) if "metric" not in p]
        assert len(paths(with_metrics, "metric")) == 2 * 3

    @pytest.mark.parametrize("training", [False, True])
    def test_false_gives_the_same_output(self, training):
        with_metrics, without = (
            build_model(small(*LAYERS), SHAPE, collect_statistics=collect)
            for collect in (True, False)
        )
        copy_weights(with_metrics, without)
        images = random_images(4, *SHAPE)
        np.testing.assert_allclose(
            with_metrics(images, training=training),
            without(images, training=training),
            rtol=1e-5,
            atol=1e-6,
        )


@pytest.mark.parametrize("scale", [False, True])
def test_batch_norm_has_a_scale_in_every_layer_or_in_none(scale):
    model = build_model(small(layer("1x1", "3x3"), layer("5x5sep")), SHAPE, batch_norm_scale=scale)
    assert len(paths(model, "gamma")) == (3 if scale else 0)


class TestBranchDropout:
    def outputs(self, **options):
        keras.utils.set_random_seed(1)
        model = build_model(small(layer("1x1")), SHAPE, **options)
        cell = keras.Model(model.input, model.get_layer("layer01").output)
        return cell(np.abs(random_images(4, *SHAPE)), training=True).numpy()

    def test_it_is_that_of_every_layer(self):
        kept = self.outputs(branch_dropout=0.0) > 0.0
        thinned = self.outputs(branch_dropout=0.5) > 0.0
        assert np.mean(thinned[kept]) == pytest.approx(0.5, abs=0.1)

    def test_the_default_is_that_of_amla(self):
        model = build_model(small(layer("1x1")), SHAPE)
        assert model.get_layer("layer01").dropout.rate == 0.2

    def test_the_same_seed_drops_the_same(self):
        np.testing.assert_array_equal(self.outputs(seed=5), self.outputs(seed=5))

    def test_another_seed_drops_others(self):
        assert not np.array_equal(self.outputs(seed=5), self.outputs(seed=6))
