"""How the time for one image is measured."""

import keras
import pytest
import tensorflow as tf

from nac.runs.devices import cpu_name
from nac.training import latency
from nac.training.latency import MOST, WARMING_UP, measure_latency, repeated
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    module = clock.module()
    module.perf_counter = module.monotonic
    monkeypatch.setattr(latency, "time", module)
    return clock


def slow_work(clock, seconds):
    """Return a work whose repetitions take the seconds, one after the other."""
    left = iter(seconds)

    def work():
        clock.seconds += next(left)

    return work


def test_the_first_repetitions_do_not_count(clock):
    work = slow_work(clock, [9.0] * WARMING_UP + [0.25] * 9)
    assert repeated(work) == [0.25, 0.25]


def test_a_slow_network_is_measured_once(clock):
    assert repeated(slow_work(clock, [2.0] * (WARMING_UP + 1))) == [2.0]


def test_a_fast_network_is_not_measured_without_end(clock):
    assert len(repeated(slow_work(clock, [0.0] * 10_000))) == MOST


def test_the_median_is_told_with_the_processor(monkeypatch):
    monkeypatch.setattr(latency, "repeated", lambda work: work() is None or [0.001, 0.002, 0.009])
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    found = measure_latency(model, tf.distribute.OneDeviceStrategy("CPU:0"))
    assert (found.milliseconds, found.repetitions, found.device) == (2.0, 3, cpu_name())


def test_one_image_at_a_time_is_computed(monkeypatch):
    batches = []
    monkeypatch.setattr(latency, "repeated", lambda work: batches.append(work()) or [1.0])
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    measure_latency(model, tf.distribute.OneDeviceStrategy("CPU:0"))
    assert [batch.shape for batch in batches] == [(1, 4)]
