"""Measurements of branches: sums over their featuremaps, and the gradients of their unit gates."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.models import build_model
from nac.models.instruments import FeaturemapMetrics, count_gradients
from tests.builders import layer
from tests.models.small_networks import random_images, small

# Two images of 1x2 pixels and one channel, after and before batch norm and ReLU.
PAIR = np.array([[[[1.0], [3.0]]], [[[0.0], [2.0]]]], "float32")
BEFORE = np.array([[[[1.0], [-2.0]]], [[[3.0], [4.0]]]], "float32")


def built(branches=1, shape=PAIR.shape, **options):
    metrics = FeaturemapMetrics(branches, **options)
    metrics.build(shape)
    return metrics


def counted(*batches, branches=1):
    """Return what was measured in batches of (featuremap, output of the convolution)."""
    metrics = built(branches, batches[0][0].shape)
    for values, before in batches:
        squares = np.mean(before**2, axis=(0, 1, 2), dtype="float32")
        metrics.count(tf.constant(values), tf.constant(squares))
    return metrics.results()


def count(metrics, gradients, counts=1.0):
    count_gradients(metrics, tf.constant(gradients), tf.constant(counts))


def taylor(metrics):
    return [values["taylor"] for values in metrics.results()]


class TestFeaturemaps:
    def test_one_batch_by_hand(self):
        assert counted((PAIR, BEFORE)) == [
            {
                "mean_square": 14 / 4,
                "mean": 6 / 4,
                "variance": 3.5 - 1.5**2,
                "images": 2,
                "nonzero": 3 / 4,
                "mean_square_before_norm": (1 + 4 + 9 + 16) / 4,
                "taylor": 0.0,
            }
        ]

    def test_batches_of_different_sizes_count_by_their_images(self):
        values = np.maximum(random_images(8, 4, 3, 2) + 0.5, 0.0)
        before = random_images(8, 4, 3, 2, seed=1)
        (result,) = counted(*zip(np.split(values, [3, 4]), np.split(before, [3, 4]), strict=True))
        expected = {
            "mean_square": np.mean(values**2),
            "mean": np.mean(values),
            "variance": np.var(values),
            "images": 8,
            "nonzero": np.mean(values != 0),
            "mean_square_before_norm": np.mean(before**2),
            "taylor": 0.0,
        }
        assert result == pytest.approx(expected, rel=1e-5)

    def test_before_the_first_batch_all_is_zero(self):
        (result,) = built().results()
        assert set(result.values()) == {0}

    def test_squares_beyond_float16_are_counted_in_float32(self):
        large = np.full((1, 2, 2, 1), 300.0, "float16")
        metrics = built(shape=large.shape, dtype="float16")
        metrics.count(tf.constant(large), tf.constant([1.0]))
        assert metrics.results()[0]["mean_square"] == 90_000.0

    def test_a_branch_has_the_mean_over_its_own_channels(self):
        values = np.concatenate([PAIR, PAIR, 10.0 * PAIR, 20.0 * PAIR], axis=-1)
        before = np.concatenate([BEFORE, BEFORE, BEFORE, 3.0 * BEFORE], axis=-1)
        first, second = counted((values, before), branches=2)
        assert (first["mean_square"], second["mean_square"]) == (3.5, (350.0 + 1400.0) / 2)
        assert (first["mean"], second["mean"]) == (1.5, (15.0 + 30.0) / 2)
        assert first["mean_square_before_norm"] == 7.5
        assert second["mean_square_before_norm"] == (7.5 + 9 * 7.5) / 2


class TestGradients:
    def test_taylor_is_the_mean_of_the_absolute_gradients(self):
        metrics = built()
        for gradient in (-3.0, 1.0, 2.0):
            count([metrics], [gradient])
        assert taylor(metrics) == [2.0]

    def test_a_skipped_step_does_not_count(self):
        metrics = built()
        count([metrics], [-3.0])
        count([metrics], [np.inf], counts=0.0)
        assert taylor(metrics) == [3.0]

    def test_the_gradient_of_a_branch_is_the_sum_over_its_channels(self):
        metrics = built(branches=2, shape=(1, 1, 1, 4))
        count([metrics], [1.0, -3.0, 2.0, 5.0])
        assert taylor(metrics) == [2.0, 7.0]

    def test_each_cell_counts_its_own_gradients(self):
        one, two = built(), built(branches=2, shape=(1, 1, 1, 2))
        count([one, two], [1.0, -2.0, 3.0])
        assert (taylor(one), taylor(two)) == ([1.0], [2.0, 3.0])


def test_nothing_of_them_is_trainable():
    metrics = built()
    assert metrics.trainable_variables == []
    names = [variable.name for variable in metrics.non_trainable_variables]
    assert names == ["sums", "sensitivity", "unit_gates"]


def test_they_are_registered_for_loading():
    assert keras.saving.get_registered_object("nac>FeaturemapMetrics") is FeaturemapMetrics


class TestSaving:
    def measured(self):
        model = build_model(small(layer("1x1", "3x3")), (4, 4, 1))
        model(random_images(2, 4, 4, 1), training=True)
        return model

    def metrics(self, model):
        return model.get_layer("layer01").featuremap_metrics

    def test_a_saved_model_keeps_what_was_measured(self, tmp_path):
        model = self.measured()
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert self.metrics(loaded).results() == self.metrics(model).results()

    def test_a_model_that_was_saved_without_this_state_is_loaded_too(self, tmp_path, monkeypatch):
        model = self.measured()
        monkeypatch.setattr(FeaturemapMetrics, "save_own_variables", lambda self, store: None)
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        images = random_images(2, 4, 4, 1)
        np.testing.assert_allclose(loaded(images), model(images), rtol=1e-6)
        assert self.metrics(loaded).results()[0]["images"] == 0
