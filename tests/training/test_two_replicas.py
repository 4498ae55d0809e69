"""Two replicas on one CPU give the same training as one. They run in a separate process."""

import numpy as np
import pytest

from tests.experiments import printed_by_call
from tests.training import replicas


@pytest.fixture(scope="module")
def results():
    """Return what one and two replicas came to, and what two draw."""
    return printed_by_call(replicas.two_devices_main)


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


@pytest.mark.parametrize("way", ["recomputed", "in parts"])
def test_steps_that_save_memory_come_to_the_same(results, one, way):
    for key in ("losses", "weights", "averages"):
        assert_close(one[key], results[way][key])
    assert results[way]["metrics"]["gates"] == pytest.approx(one["metrics"]["gates"], rel=1e-5)


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


def test_batch_norm_bears_a_mean_much_larger_than_the_deviation(results):
    np.testing.assert_allclose(results["norm of two"], results["norm of one"], atol=0.02)


DRAWS = (
    "dropout",
    "dropout of an odd number of values",
    "dropout of a batch of any size",
    "dropout in float16",
    "cutout",
)


@pytest.mark.parametrize("layer", DRAWS)
def test_two_draw_together_what_one_draws(results, layer):
    assert results["draws of two"][layer] == results["draws of one"][layer]


@pytest.mark.parametrize("layer", DRAWS)
def test_each_call_draws_others(results, layer):
    first, second = results["draws of two"][layer]
    assert first != second


@pytest.mark.parametrize("layer", DRAWS[:-1])
def test_parts_of_a_batch_drop_different_positions(results, layer):
    (images, _) = results["draws of two"][layer]
    assert images[:3] != images[3:]
