"""Parts of a batch: random numbers and statistics are those of the whole batch."""

import numpy as np
import pytest
import tensorflow as tf

from nac.models.layers import Cutout, Dropout
from nac.models.normalization import BatchNormalization
from nac.models.part import BatchStatistics, Part, only, present_part
from nac.models.random_numbers import uniform_for_batch
from tests.models.small_networks import random_images

SEED = tf.constant([3, 5], tf.int64)


def parts_of(batch, count, compute, seeds=()):
    """Return what a function comes to for the parts of a batch, side by side."""
    outputs = []
    for number, images in enumerate(tf.split(batch, count)):
        with only(Part(number, count, dict(seeds))):
            outputs.append(compute(images))
    return tf.concat(outputs, axis=0)


@pytest.mark.parametrize("dtype", [tf.float32, tf.bfloat16, tf.float16])
@pytest.mark.parametrize("shape", [(6, 4, 2, 2), (6, 1, 1, 1), (6, 3, 1, 3)])
def test_numbers_of_parts_are_those_of_the_batch(shape, dtype):
    # The generator draws four numbers at a time; parts of 2 or 18 numbers begin between them.
    drawn = parts_of(tf.zeros(shape, dtype), 3, lambda x: uniform_for_batch(x, SEED))
    whole = tf.random.stateless_uniform(shape, SEED, dtype=dtype)
    np.testing.assert_array_equal(tf.cast(drawn, tf.float32), tf.cast(whole, tf.float32))


@pytest.mark.parametrize("layer", [Dropout(0.5), Cutout(3)])
def test_random_layers_do_to_parts_what_they_do_to_the_batch(layer):
    images = tf.ones((6, 5, 5, 3))
    expected = layer(images, training=True)
    layer.calls.assign(0)
    seeds = {id(layer): layer.next_seed()}
    parts = parts_of(images, 3, lambda x: layer(x, training=True), seeds)
    np.testing.assert_array_equal(parts, expected)
    assert layer.calls.numpy() == 1


def test_statistics_of_parts_together_are_those_of_the_batch():
    # Means differ by part and are large, so that a difference of squares would be inexact.
    values = random_images(6, 4, 4, 2) + 1000.0 + np.arange(6).reshape(6, 1, 1, 1)
    moments = [tf.stack(tf.nn.moments(part, (0, 1, 2))) for part in tf.split(values, 3)]
    mean, variance = BatchStatistics(tf.stack(moments)).values
    exact = values.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var(axis=(0, 1, 2)), rtol=1e-3)


def test_gradients_of_statistics_reach_the_parts():
    # Of two parts with means 1 and 3, the mean is 2, and the variance the mean of theirs, plus 1.
    # It grows with a part's mean by twice its distance from 2, half of it as there are two parts.
    statistics = BatchStatistics(tf.constant([[[1.0], [5.0]], [[3.0], [7.0]]]))
    assert [float(value[0]) for value in statistics.values] == [2.0, 7.0]
    of_mean = statistics.gradients([tf.ones(1), tf.zeros(1)])
    assert np.ravel(of_mean).tolist() == [0.5, 0.0, 0.5, 0.0]


def test_gradients_of_the_variance_reach_means_and_variances():
    statistics = BatchStatistics(tf.constant([[[1.0], [5.0]], [[3.0], [7.0]]]))
    of_variance = statistics.gradients([tf.zeros(1), tf.ones(1)])
    assert np.ravel(of_variance).tolist() == [-1.0, 0.5, 1.0, 0.5]


def test_a_batch_norm_takes_the_statistics_that_are_given():
    layer = BatchNormalization()
    images = tf.fill((2, 1, 1, 1), 5.0)
    layer.build(images.shape)
    given = (tf.constant([3.0]), tf.constant([4.0 - layer.epsilon]))
    with only(Part(0, 2, {}, [given])):
        outputs = layer(images, training=True)
    np.testing.assert_allclose(tf.reshape(outputs, [-1]), [1.0, 1.0], rtol=1e-6)
    assert layer.moving_mean.numpy() == [0.0]


def test_batch_norms_leave_the_statistics_of_the_part():
    part, layer = Part(0, 2, {}), BatchNormalization()
    with only(part):
        layer(tf.reshape([1.0, 3.0], (2, 1, 1, 1)), training=True)
    assert np.ravel(part.own).tolist() == [2.0, 1.0]


def test_gradients_of_the_statistics_of_a_part_are_exact():
    values = tf.constant(random_images(3, 2, 2, 2))
    weights = tf.constant([[2.0, -1.0], [3.0, 0.5]])

    def slopes(statistics_of):
        with tf.GradientTape() as tape:
            tape.watch(values)
            total = tf.reduce_sum(weights * tf.stack(statistics_of(values)))
        return tape.gradient(total, values)

    ours = slopes(Part(0, 2, {}).batch_statistics)
    np.testing.assert_allclose(ours, slopes(lambda x: tf.nn.moments(x, (0, 1, 2))), rtol=1e-4)


def test_after_a_block_no_part_is_computed():
    with pytest.raises(KeyError), only(Part(0, 2, {})):
        raise KeyError
    assert present_part() is None
