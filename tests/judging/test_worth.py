"""Silencing branches, and the resulting increase of the loss."""

import numpy as np
import pytest
import tensorflow as tf

from nac.judging.worth import measure_worth, moving_statistics_kept, silenced
from nac.models.cells import batch_normalizations
from tests.builders import layer
from tests.models.small_networks import random_images, small
from tests.training.examples import IMAGES, LABELS, make_steps, values

PADDED = (
    tf.constant(np.concatenate([IMAGES, IMAGES[:2]])),
    tf.constant(np.concatenate([LABELS, [-1, -1]]).astype("int32")),
)


@pytest.fixture(scope="module")
def steps():
    made = make_steps()
    for seed in range(3):  # until moving statistics are none of the initial ones
        made.model(random_images(4, 8, 8, 1, seed=seed), training=True)
    return made


@pytest.fixture(scope="module")
def branch(steps):
    return steps.model.get_layer("layer01").branches[1]


def featuremaps(steps):
    """Return the outputs of the only layer; each of its two branches has 4 channels."""
    inner = steps.model.get_layer("layer01")
    stem = steps.model.get_layer("stem")(IMAGES)
    return inner([stem]).numpy()


class TestSilenced:
    def test_the_branch_puts_out_zeros_and_the_others_what_they_did(self, steps, branch):
        before = featuremaps(steps)
        with silenced(branch):
            after = featuremaps(steps)
        assert before[..., 4:].any()
        assert not after[..., 4:].any()
        np.testing.assert_array_equal(after[..., :4], before[..., :4])

    def test_afterwards_all_is_as_before(self, steps, branch):
        before = values(steps.model.variables)
        with silenced(branch):
            pass
        for one, other in zip(before, values(steps.model.variables), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_an_error_within_it_ends_it_too(self, branch):
        before = branch.normalization.beta.numpy()
        with pytest.raises(KeyError), silenced(branch):
            raise KeyError
        np.testing.assert_array_equal(branch.normalization.beta.numpy(), before)

    def test_it_is_zero_in_float16_too(self, branch):
        with silenced(branch):
            beta = tf.cast(branch.normalization.beta.value, tf.float16)
        assert not tf.nn.relu(beta + tf.constant(65504.0, tf.float16)).numpy().any()


def test_moving_statistics_are_put_back(steps):
    norm = batch_normalizations(steps.model)[0]
    before = norm.moving_mean.numpy(), norm.moving_variance.numpy()
    with moving_statistics_kept(steps.model):
        norm.moving_mean.assign(norm.moving_mean + 1.0)
        norm.moving_variance.assign(norm.moving_variance + 1.0)
    np.testing.assert_array_equal(norm.moving_mean.numpy(), before[0])
    np.testing.assert_array_equal(norm.moving_variance.numpy(), before[1])


def loss_and_accuracy(steps):
    """Return the mean cross-entropy and the share of right answers, by NumPy."""
    logits = steps.model(IMAGES, training=False).numpy().astype("float64")
    chosen = logits[np.arange(len(LABELS)), LABELS]
    losses = np.log(np.exp(logits).sum(axis=1)) - chosen
    return losses.mean(), np.mean(logits.argmax(axis=1) == LABELS)


def test_each_branch_is_scored_without_it(steps, branch):
    worth = measure_worth(steps, [PADDED])
    assert worth.images == 4
    assert list(worth.without) == [(1, "Branch1"), (1, "Branch2")]
    complete = (worth.complete.loss, worth.complete.accuracy)
    assert complete == pytest.approx(loss_and_accuracy(steps), rel=1e-5)
    without = worth.without[1, "Branch2"]
    with silenced(branch):
        expected = loss_and_accuracy(steps)
    assert (without.loss, without.accuracy) == pytest.approx(expected, rel=1e-5)
    assert without.loss != pytest.approx(worth.complete.loss)


def test_the_evaluation_is_traced_once(steps):
    measure_worth(steps, [PADDED])
    traces = steps.evaluate.experimental_get_tracing_count()
    measure_worth(steps, [PADDED] * 2)
    assert steps.evaluate.experimental_get_tracing_count() == traces


def test_recalibration_looks_at_training_images_and_leaves_no_trace():
    # Two layers: without a branch of the first, the second sees another input.

    network = small(layer("1x1", "3x3"), layer("3x3"))
    steps = make_steps(network=network)
    before = values(steps.model.variables)
    training = [(IMAGES, LABELS)] * 2
    fixed = measure_worth(steps, [PADDED])
    fresh = measure_worth(steps, [PADDED], training)
    assert fixed.complete == fresh.complete
    assert fixed.without[1, "Branch1"].loss != pytest.approx(fresh.without[1, "Branch1"].loss)
    for one, other in zip(before, values(steps.model.variables), strict=True):
        np.testing.assert_array_equal(one, other)
