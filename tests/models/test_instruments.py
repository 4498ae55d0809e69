"""Measurements of a branch: sums over its featuremap, and the gradient of its unit gate."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.models.instruments import FeaturemapMetric, count_featuremaps, count_gradients
from tests.models.small_networks import random_images

# Two images of 1x2 pixels and one channel, after and before batch norm and ReLU.
PAIR = np.array([[[[1.0], [3.0]]], [[[0.0], [2.0]]]], "float32")
BEFORE = np.array([[[[1.0], [-2.0]]], [[[3.0], [4.0]]]], "float32")


def built(**options):
    metric = FeaturemapMetric(**options)
    metric.build(PAIR.shape)
    return metric


def counted(*batches):
    """Return a metric after batches of (featuremap, output of the convolution)."""
    metric = built()
    for values, before in batches:
        squares = np.mean(before**2, axis=(0, 1, 2), dtype="float32")
        count_featuremaps([metric], tf.constant(values), tf.constant(squares))
    return metric


class TestFeaturemapMetric:
    def test_one_batch_by_hand(self):
        assert counted((PAIR, BEFORE)).result() == {
            "mean_square": 14 / 4,
            "mean": 6 / 4,
            "variance": 3.5 - 1.5**2,
            "images": 2,
            "nonzero": 3 / 4,
            "mean_square_before_norm": (1 + 4 + 9 + 16) / 4,
            "taylor": 0.0,
        }

    def test_batches_of_different_sizes_count_by_their_images(self):
        values = np.maximum(random_images(8, 4, 3, 2) + 0.5, 0.0)
        before = random_images(8, 4, 3, 2, seed=1)
        metric = counted(*zip(np.split(values, [3, 4]), np.split(before, [3, 4]), strict=True))
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

    def test_before_the_first_batch_all_is_zero(self):
        assert set(built().result().values()) == {0}

    def test_taylor_is_the_mean_of_the_absolute_gradients(self):
        metric = built()
        for gradient in (-3.0, 1.0, 2.0):
            count_gradients([metric], tf.constant([gradient]), tf.constant(1.0))
        assert metric.result()["taylor"] == 2.0

    def test_a_skipped_step_does_not_count(self):
        metric = built()
        count_gradients([metric], tf.constant([-3.0]), tf.constant(1.0))
        count_gradients([metric], tf.constant([np.inf]), tf.constant(0.0))
        assert metric.result()["taylor"] == 3.0

    def test_nothing_of_it_is_trainable(self):
        metric = built()
        assert metric.trainable_variables == []
        names = [variable.name for variable in metric.non_trainable_variables]
        assert names == ["sums", "sensitivity", "unit_gate"]

    def test_squares_beyond_float16_are_counted_in_float32(self):
        large = np.full((1, 2, 2, 1), 300.0, "float16")
        metric = built(dtype="float16")
        count_featuremaps([metric], tf.constant(large), tf.constant([1.0]))
        assert metric.result()["mean_square"] == 90_000.0

    def test_each_metric_of_a_cell_counts_its_own_channels(self):
        first, second = built(), built()
        both = tf.constant(np.concatenate([PAIR, 10.0 * PAIR], axis=-1))
        count_featuremaps([first, second], both, tf.constant([2.0, 3.0]))
        assert (first.result()["mean_square"], second.result()["mean_square"]) == (3.5, 350.0)
        assert first.result()["mean_square_before_norm"] == 2.0
        assert second.result()["mean_square_before_norm"] == 3.0

    def test_each_metric_counts_its_own_gradient(self):
        first, second = built(), built()
        count_gradients([first, second], tf.constant([1.0, -2.0]), tf.constant(1.0))
        assert (first.result()["taylor"], second.result()["taylor"]) == (1.0, 2.0)

    def test_it_is_registered_for_loading(self):
        assert keras.saving.get_registered_object("nac>FeaturemapMetric") is FeaturemapMetric
