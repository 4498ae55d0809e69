"""Several training steps in one call are the same steps as one by one."""

import numpy as np
import pytest
import tensorflow as tf

from nac.training.calls import Calls
from tests.clock import Clock
from tests.models.small_networks import random_images
from tests.training.examples import SHAPE, make_steps, recipe, values

RATES, DECAYS = (0.1, 0.05, 0.2), (0.1, 0.2, 0.3)
IMAGES = random_images(12, *SHAPE)
LABELS = (np.arange(12) % 3).astype("int32")


def batches():
    """Return an iterator over three batches of four images."""
    return iter(tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4))


def one_by_one():
    steps = make_steps(recipe(momentum=0.9))
    results = []
    for batch, rate, decay in zip(batches(), RATES, DECAYS, strict=True):
        steps.optimizer.learning_rate.assign(rate)
        results.append([float(value) for value in steps.train(*batch, tf.constant(decay))])
    return steps, np.transpose(results)


def in_calls(*counts):
    """Return the steps and results of calls with so many steps each."""
    steps, reading, done, results = make_steps(recipe(momentum=0.9)), batches(), 0, []
    calls = Calls(steps, most=3)
    for count in counts:
        chosen = slice(done, done + count)
        results.append(np.array(calls.train(reading, RATES[chosen], DECAYS[chosen])[:2]))
        done += count
    return steps, np.concatenate(results, axis=1)


@pytest.mark.parametrize("counts", [(3,), (1, 2), (2, 1)])
def test_the_results_are_those_of_steps_one_by_one(counts):
    (expected, expected_results), (steps, results) = one_by_one(), in_calls(*counts)
    np.testing.assert_allclose(results, expected_results, rtol=1e-6)
    for value, other in zip(values(steps.weights), values(expected.weights), strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(steps.average.vector, expected.average.vector, rtol=1e-5, atol=1e-7)


def test_calls_of_different_lengths_are_compiled_once():
    steps = make_steps()
    traced, train_step = [], steps.train_step
    steps.train_step = lambda *batch: traced.append(batch) or train_step(*batch)
    calls, reading = Calls(steps, most=2), batches()
    calls.train(reading, RATES[:1], DECAYS[:1])
    calls.train(reading, RATES[1:], DECAYS[1:])
    assert len(traced) == 1


@pytest.mark.usefixtures("eagerly")
def test_a_loss_that_is_not_finite_stays_in_its_own_step():
    steps = make_steps()
    losses = iter((1.0, np.nan, 2.0))
    steps.train_step = lambda *_: (tf.constant(next(losses)), tf.constant(0.0))
    results = Calls(steps, most=4).train(batches(), RATES, DECAYS)
    np.testing.assert_array_equal(results.losses, [1.0, np.nan, 2.0])


@pytest.mark.usefixtures("eagerly")
def test_waiting_for_a_batch_is_measured_and_no_training(monkeypatch):
    clock, seconds = Clock(), (0.5, 0.0, 0.25)
    monkeypatch.setattr("nac.training.calls.time", clock.module())

    def arriving():
        for batch, wait in zip(batches(), seconds, strict=True):
            clock.seconds += wait
            yield batch

    def train_step(*_):
        clock.seconds += 8.0
        return tf.constant(1.0), tf.constant(0.0)

    steps = make_steps()
    steps.train_step = train_step
    results = Calls(steps, most=3).train(arriving(), RATES, DECAYS)
    np.testing.assert_array_equal(results.waits, seconds)
