"""What is made of the best candidate, with one that needs no library: a dense layer."""

import time

import keras
import numpy as np
import pytest

from nac.rivals import falling_rate, job
from nac.rivals.job import finish, rival_images, search
from nac.rivals.rival import Found, Rival
from nac.rivals.table import RIVALS
from nac.utils.errors import JobError
from tests.results import rival_job

TICK = 0.01
"""Seconds between two looks at the clock, however fast this machine is."""


class Clock:
    def __init__(self):
        self._now = 0.0

    def monotonic(self):
        self._now += TICK
        return self._now


asked = []
"""What the fake rival was asked for."""


def found_by_nobody(search):
    raise LookupError("no candidate was scored")


def dense(search):
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5)
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy")
    return Found(model, candidates=3, batch_size=32)


@pytest.fixture(autouse=True)
def registered():
    asked.clear()
    RIVALS.register("dense", Rival("Dense", ("numpy",), asked.append, dense))
    RIVALS.register("nobody", Rival("Nobody", (), asked.append, found_by_nobody))
    yield
    RIVALS.unregister("dense")
    RIVALS.unregister("nobody")


def test_images_are_those_of_the_run_from_0_to_1(tmp_path):
    images = rival_images(rival_job(validation_share=0.25), tmp_path)
    assert (images.train_examples, len(images.validation_labels)) == (1085, 357)
    for pixels in (images.train_images, images.validation_images, images.test_images):
        assert (pixels.dtype, pixels.min(), pixels.max()) == (np.float32, 0.0, 1.0)


def test_a_search_gets_images_seed_and_time(tmp_path):
    search(rival_job(rival="dense", seed=7), tmp_path, end=123.0)
    (given,) = asked
    assert (given.seed, given.end, given.directory) == (7, 123.0, tmp_path)
    assert given.images.train_examples == 1085


def test_the_best_candidate_is_trained_until_the_time_is_over(tmp_path, monkeypatch):
    clock = Clock()
    for module in (job, falling_rate):
        monkeypatch.setattr(module, "time", clock)
    result = finish(rival_job(rival="dense", seconds=7.0), tmp_path, clock.monotonic())
    assert result.accuracy > 0.5
    assert (result.parameters, result.candidates, result.images) == (650, 3, 355)
    assert result.search_seconds <= result.seconds
    assert result.versions["numpy"] == np.__version__


def test_without_time_it_is_scored_as_it_is(tmp_path):
    started = time.monotonic() - 100.0
    result = finish(rival_job(rival="dense", seconds=4.0), tmp_path, started)
    assert result.accuracy < 0.5
    assert result.seconds >= 100.0


def test_without_a_candidate_it_has_failed(tmp_path):
    with pytest.raises(JobError, match=r"^no model within its seconds: no candidate was scored$"):
        finish(rival_job(rival="nobody"), tmp_path, time.monotonic())
