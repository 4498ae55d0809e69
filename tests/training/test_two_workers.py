"""Two workers give the same training as one device. Each is a process of its own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nac.cluster.members import tf_config
from nac.cluster.ports import free_port
from tests.experiments import printed_by_call
from tests.training import replicas

pytestmark = pytest.mark.slow


def one_device():
    """Print what one device comes to."""
    import json

    import tensorflow as tf

    print(json.dumps(replicas.train(tf.distribute.OneDeviceStrategy("CPU:0"), at_once=True)))


def worker(cluster):
    """Print what a worker of a cluster comes to."""
    import os

    os.environ["TF_CONFIG"] = cluster
    replicas.worker_main()


@pytest.fixture(scope="module")
def results():
    """Return what one device, the chief and another worker came to."""
    addresses = tuple(f"127.0.0.1:{free_port()}" for _ in range(2))
    with ThreadPoolExecutor() as threads:
        workers = [
            threads.submit(printed_by_call, worker, tf_config(addresses, index))
            for index in range(2)
        ]
        return [printed_by_call(one_device), *(future.result() for future in workers)]


@pytest.fixture(scope="module", params=[1, 2], ids=["chief", "other"])
def both(request, results):
    """Return what one device came to, and a worker."""
    return results[0], results[request.param]


def assert_close(ours, theirs):
    for first, second in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


def test_their_replicas_are_counted_together(results):
    assert [result["replicas"] for result in results] == [1, 2, 2]


@pytest.mark.parametrize("key", ["losses", "weights", "averages", "scores"])
def test_numbers_are_those_of_one_device(both, key):
    one, two = both
    assert_close(one[key], two[key])


def test_metrics_and_gates_are_those_of_one_device(both):
    one, two = both
    assert list(one["metrics"]["featuremaps"]) == list(two["metrics"]["featuremaps"])
    for key, expected in one["metrics"]["featuremaps"].items():
        assert two["metrics"]["featuremaps"][key] == pytest.approx(expected, rel=1e-5)
    assert two["metrics"]["gates"] == pytest.approx(one["metrics"]["gates"], rel=1e-5)


def test_each_has_the_answers_for_all_images_in_their_order(both):
    one, two = both
    assert two["answers"][0] == [0, 1, 2] * 7
    assert_close(one["answers"], two["answers"])


def test_all_have_the_numbers_of_the_chief(results):
    assert [result["agreed"] for result in results[1:]] == [[0.1, 2.0**52 + 1]] * 2


def test_what_they_have_is_added_up(results):
    assert [result["sums"] for result in results[1:]] == [[2.0]] * 2
