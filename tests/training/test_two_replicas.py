"""Two replicas on one CPU give the same training as one. They run in a separate process."""

import numpy as np
import pytest

from tests.experiments import printed_by

SCRIPT = """
import json
import numpy as np
import tensorflow as tf

from nac.training.strategies import make_strategy

mirrored = make_strategy("mirrored", 2)

from nac.config import KerasOptimizer
from nac.models.layers import Cutout, Dropout
from tests.training.replicas import train

def draws(layer):
    with mirrored.scope():
        layer.build((1, 20, 20, 1))

    @tf.function
    def draw():
        return mirrored.run(lambda: layer(tf.ones((1, 20, 20, 1)), training=True))

    steps = [mirrored.experimental_local_results(draw()) for _ in range(2)]
    return [[np.ravel(part).tolist() for part in step] for step in steps]

# Such an optimizer updates each variable by itself, not all of them as one vector.
separate = {"optimizer": KerasOptimizer("Lamb", ())}
print(json.dumps({
    "one": train(tf.distribute.OneDeviceStrategy("CPU:0")),
    "one, separately": train(tf.distribute.OneDeviceStrategy("CPU:0"), **separate),
    "two, separately": train(mirrored, **separate),
    "two": train(mirrored),
    "at once": train(mirrored, at_once=True),
    "dropout": draws(Dropout(0.5)),
    "cutout": draws(Cutout(3)),
}))
"""


@pytest.fixture(scope="module")
def results():
    """Return what one and two replicas came to, and what two draw."""
    return printed_by(SCRIPT)


@pytest.fixture(scope="module")
def one(results):
    return results["one"]


@pytest.fixture(scope="module")
def two(results):
    return results["two"]


pytestmark = pytest.mark.slow


def assert_close(ours, theirs):
    for first, second in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


def test_steps_of_one_call_are_those_of_many(results, two):
    for key in ("losses", "weights", "averages"):
        assert_close(results["at once"][key], two[key])


def test_there_are_two(one, two):
    assert (one["replicas"], two["replicas"]) == (1, 2)


def test_losses_and_right_answers_are_those_of_one(one, two):
    assert_close(one["losses"], two["losses"])


@pytest.mark.parametrize("key", ["weights", "averages"])
def test_weights_and_averages_are_those_of_one(one, two, key):
    assert_close(one[key], two[key])


@pytest.mark.parametrize("key", ["weights", "averages"])
def test_so_are_those_of_an_optimizer_that_updates_each_variable_by_itself(results, key):
    assert_close(results["one, separately"][key], results["two, separately"][key])


def test_metrics_and_gates_are_those_of_one(one, two):
    assert list(one["metrics"]["featuremaps"]) == list(two["metrics"]["featuremaps"])
    for key, expected in one["metrics"]["featuremaps"].items():
        assert two["metrics"]["featuremaps"][key] == pytest.approx(expected, rel=1e-5)
    assert two["metrics"]["gates"] == pytest.approx(one["metrics"]["gates"], rel=1e-5)


def test_scores_without_and_with_mirror_images_are_those_of_one(one, two):
    assert_close(one["scores"], two["scores"])
    assert one["scores"][0] != one["scores"][1]


def test_answers_are_those_of_one_in_the_order_of_the_images(one, two):
    assert two["answers"][0] == [0, 1, 2] * 7
    assert_close(one["answers"], two["answers"])


@pytest.mark.parametrize("layer", ["dropout", "cutout"])
def test_replicas_draw_different_numbers(results, layer):
    for first, second in results[layer]:
        assert first != second


@pytest.mark.parametrize("layer", ["dropout", "cutout"])
def test_each_call_draws_others_on_every_replica(results, layer):
    first, second = results[layer]
    assert all(before != after for before, after in zip(first, second, strict=True))
