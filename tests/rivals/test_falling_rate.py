"""A training that ends in time."""

import keras
import pytest

from nac.rivals import falling_rate
from nac.rivals.falling_rate import FallingRate


class Clock:
    """Stands for ``time``: its seconds are set by hand."""

    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(falling_rate, "time", clock)
    return clock


def begun(end):
    """Return the callback of a training that has begun, and the model."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.stop_training = False
    callback = FallingRate(end)
    callback.set_model(model)
    callback.on_train_begin()
    return callback, model


@pytest.mark.parametrize(("now", "rate"), [(100.0, 0.5), (105.0, 0.25), (110.0, 0.0), (120.0, 0.0)])
def test_the_learning_rate_is_in_proportion_to_the_time_that_is_left(clock, now, rate):
    callback, model = begun(end=110.0)
    clock.now = now
    callback.on_train_batch_begin(7)
    assert float(model.optimizer.learning_rate) == rate


@pytest.mark.parametrize(("now", "stops"), [(109.9, False), (110.0, True)])
def test_it_stops_when_the_time_is_over(clock, now, stops):
    callback, model = begun(end=110.0)
    clock.now = now
    callback.on_train_batch_end(7)
    assert model.stop_training is stops
