"""The forms of convolutions for CPUs compute what TensorFlow's own compute, with its gradients."""

import numpy as np
import pytest
import tensorflow as tf

from nac.models.convolutions import dense, depthwise, on_fast_cpu, pointwise
from tests.models.small_networks import random_images

SIZES = [(1, 1), (3, 3), (5, 5), (7, 7), (3, 7), (7, 3)]


def with_gradients(compute, inputs, kernel):
    """Return the output and the gradients of a weighted sum of it."""
    inputs, kernel = tf.constant(inputs), tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch([inputs, kernel])
        outputs = compute(inputs, kernel)
        weights = random_images(*outputs.shape, seed=2)
        total = tf.reduce_sum(outputs * weights)
    return outputs, *tape.gradient(total, [inputs, kernel])


def assert_same(ours, theirs, inputs, kernel):
    pairs = zip(
        with_gradients(ours, inputs, kernel), with_gradients(theirs, inputs, kernel), strict=True
    )
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def plain_dense(inputs, kernel):
    return tf.nn.conv2d(inputs, kernel, 1, "SAME")


def plain_depthwise(inputs, kernel):
    return tf.nn.depthwise_conv2d(inputs, kernel, [1, 1, 1, 1], "SAME")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sides", [(8, 8), (4, 5), (2, 2), (1, 1)])
def test_a_dense_convolution_is_tensorflows(size, sides):
    images, kernel = random_images(2, *sides, 3), random_images(*size, 3, 4, seed=1)
    assert_same(dense, plain_dense, images, kernel)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sides", [(8, 8), (4, 5), (2, 2), (1, 1)])
def test_a_depthwise_convolution_is_tensorflows(size, sides):
    images, kernel = random_images(2, *sides, 3), random_images(*size, 3, 1, seed=1)
    assert_same(depthwise, plain_depthwise, images, kernel)


def test_a_pointwise_convolution_is_tensorflows():
    images, kernel = random_images(2, 4, 5, 3), random_images(1, 1, 3, 4, seed=1)
    assert_same(pointwise, plain_dense, images, kernel)


def test_forms_for_cpus_are_those_of_onednn(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        assert on_fast_cpu()
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert not on_fast_cpu()


def test_gpus_have_no_forms_of_their_own(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")
    with tf.distribute.OneDeviceStrategy("GPU:0").scope():
        assert not on_fast_cpu()
