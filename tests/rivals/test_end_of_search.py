"""When a search of Keras Tuner ends."""

import copy
from types import SimpleNamespace

import pytest

pytest.importorskip("keras_tuner")

import keras_tuner

from nac.rivals import end_of_search
from nac.rivals.end_of_search import EndOfSearch, scored


def trial(score, **values):
    return SimpleNamespace(score=score, hyperparameters=SimpleNamespace(values=values))


def oracle(*trials):
    return SimpleNamespace(trials=dict(enumerate(trials)), max_trials=None)


@pytest.fixture
def ended(monkeypatch):
    """Ends a batch of a training, and returns whether the training stops."""

    def end_batch(callback, now, epochs=0):
        monkeypatch.setattr(end_of_search, "time", SimpleNamespace(monotonic=lambda: now))
        callback.set_model(SimpleNamespace(stop_training=False))
        callback.on_train_begin()
        for epoch in range(epochs):
            callback.on_epoch_end(epoch)
        callback.on_train_batch_end(0)
        return callback.model.stop_training

    return end_batch


def test_in_time_nothing_happens(ended):
    trials = oracle(trial(None))
    assert ended(EndOfSearch(trials, end=10.0), now=9.9) is False
    assert trials.max_trials is None


def test_the_only_candidate_stops_and_none_follows(ended):
    trials = oracle(trial(None))
    assert ended(EndOfSearch(trials, end=10.0), now=10.0) is True
    assert trials.max_trials == 1


def test_a_candidate_that_has_finished_an_epoch_stops_and_is_scored(ended):
    trials = oracle(trial(0.5), trial(None))
    assert ended(EndOfSearch(trials, end=10.0), now=10.0, epochs=1) is True
    assert trials.max_trials == 2


def test_a_candidate_without_an_epoch_is_not_scored_beside_others(ended):
    callback = EndOfSearch(oracle(trial(0.5), trial(None)), end=10.0)
    with pytest.raises(keras_tuner.errors.FatalError):
        ended(callback, now=10.0)


def test_copies_share_the_oracle():
    callback = EndOfSearch(oracle(), end=10.0)
    assert copy.deepcopy([callback])[0] is callback


def test_a_candidate_that_is_trained_further_is_counted_once():
    trials = oracle(trial(0.5), trial(0.75, **{"tuner/trial_id": "0"}), trial(None))
    assert scored(trials) == 1
