"""Measurements of a branch: sums over its featuremap, and the gradient of its unit gate."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.models.instruments import FeaturemapMetric, times_one
from tests.models.small_networks import random_images

# Two images of 1x2 pixels and one channel, after and before batch norm and ReLU.
PAIR = np.array([[[[1.0], [3.0]]], [[[0.0], [2.0]]]], "float32")
BEFORE = np.array([[[[1.0], [-2.0]]], [[[3.0], [4.0]]]], "float32")


def built(**options):
    metric = FeaturemapMetric(**options)
    metric.build(PAIR.shape)
    return metric


class TestTimesOne:
    def test_values_are_what_they_were(self):
        np.testing.assert_array_equal(times_one(PAIR, 1.0), PAIR)

    def gradients(self, values, factors, forward):
        values, gate = tf.constant(values), tf.constant(1.0)
        with tf.GradientTape() as tape:
            tape.watch([values, gate])
            total = tf.reduce_sum(tf.cast(forward(values, gate) * factors, tf.float32))
        return tape.gradient(total, [values, gate])

    def test_gradients_are_those_of_a_product(self):
        values, factors = random_images(2, 3, 3, 2), random_images(2, 3, 3, 2, seed=1)
        expected = self.gradients(values, factors, tf.multiply)
        ours = self.gradients(values, factors, times_one)
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4)

    def test_a_gradient_beyond_float16_is_summed_in_float32(self):
        values = np.full((1, 2, 2, 1), 300.0, "float16")
        _, gradient = self.gradients(values, values, times_one)
        assert float(gradient) == 4 * 90_000.0


class TestFeaturemapMetric:
    def test_one_batch_by_hand(self):
        metric = FeaturemapMetric()
        metric(PAIR, BEFORE, training=True)
        assert metric.result() == {
            "mean_square": 14 / 4,
            "mean": 6 / 4,
            "variance": 3.5 - 1.5**2,
            "images": 2,
            "nonzero": 3 / 4,
            "mean_square_before_norm": (1 + 4 + 9 + 16) / 4,
            "taylor": 0.0,
        }

    def test_batches_of_different_sizes_count_by_their_images(self):
        metric = FeaturemapMetric()
        values = np.maximum(random_images(8, 4, 3, 2) + 0.5, 0.0)
        before = random_images(8, 4, 3, 2, seed=1)
        for parts in zip(np.split(values, [3, 4]), np.split(before, [3, 4]), strict=True):
            metric(*parts, training=True)
        expected = {
            "mean_square": np.mean(values**2),
            "mean": np.mean(values),
            "variance": np.var(values),
            "images": 8,
            "nonzero": np.mean(values != 0),
            "mean_square_before_norm": np.mean(before**2),
            "taylor": 0.0,
        }
        assert metric.result() == pytest.approx(expected, rel=1e-5)

    def test_outside_training_nothing_is_counted(self):
        metric = FeaturemapMetric()
        metric(PAIR, BEFORE, training=True)
        before = metric.result()
        metric(100.0 * PAIR, BEFORE, training=False)
        metric(100.0 * PAIR, BEFORE)
        assert metric.result() == before

    def test_before_the_first_batch_all_is_zero(self):
        assert set(built().result().values()) == {0}

    @pytest.mark.parametrize("training", [False, True])
    def test_the_output_is_the_input(self, training):
        outputs = FeaturemapMetric()(PAIR, BEFORE, training=training)
        np.testing.assert_array_equal(outputs, PAIR)

    def test_taylor_is_the_mean_of_the_absolute_gradients(self):
        metric = built()
        for gradient in (-3.0, 1.0, 2.0):
            metric.count_gradient(tf.constant(gradient), tf.constant(1.0))
        assert metric.result()["taylor"] == 2.0

    def test_a_skipped_step_does_not_count(self):
        metric = built()
        metric.count_gradient(tf.constant(-3.0), tf.constant(1.0))
        metric.count_gradient(tf.constant(np.inf), tf.constant(0.0))
        assert metric.result()["taylor"] == 3.0

    def test_nothing_of_it_is_trainable(self):
        metric = built()
        assert metric.trainable_variables == []
        names = [variable.name for variable in metric.non_trainable_variables]
        assert names == ["sums", "sensitivity", "unit_gate"]

    def test_squares_beyond_float16_are_counted_in_float32(self):
        metric = FeaturemapMetric(dtype="float16")
        large = np.full((1, 2, 2, 1), 300.0, "float16")
        metric(large, -large, training=True)
        result = metric.result()
        assert result["mean_square"] == result["mean_square_before_norm"] == 90_000.0

    def test_it_is_registered_for_loading(self):
        assert keras.saving.get_registered_object("nac>FeaturemapMetric") is FeaturemapMetric
