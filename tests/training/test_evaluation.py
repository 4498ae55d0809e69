"""Calibration of batch norms, and the score of an evaluation."""

import numpy as np
import pytest

from nac.models.cells import batch_normalizations
from nac.training.evaluation import Score, answer, calibrate, score
from nac.training.steps import batch_statistics
from tests.builders import WIDENER, layer
from tests.models.small_networks import random_images, small
from tests.training.examples import IMAGES, LABELS, make_steps, recipe, values

pytestmark = pytest.mark.usefixtures("eagerly")


def by_batch_statistics(steps, images=IMAGES):
    with batch_statistics(steps.model):
        return steps.model(images, training=False).numpy()


def moving(steps):
    layers = batch_normalizations(steps.model)
    return [(*x.moving_mean.numpy(), *x.moving_variance.numpy()) for x in layers]


class TestCalibrate:
    def test_after_one_batch_an_evaluation_of_it_is_by_its_own_statistics(self):
        steps = make_steps(network=small(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[1])))
        for _ in range(3):
            steps.train(IMAGES, LABELS, 0.5)
        calibrate(steps, [(IMAGES, LABELS)])
        logits = steps.model(IMAGES, training=False).numpy()
        np.testing.assert_allclose(logits, by_batch_statistics(steps), rtol=1e-3, atol=1e-4)

    def test_after_one_batch_its_score_is_that_by_batch_statistics(self):
        steps = make_steps()
        batch = (4.0 * IMAGES + 3.0, LABELS)
        before = score([batch], steps.evaluate)
        logits = by_batch_statistics(steps, batch[0]).astype("float64")
        chosen = logits[np.arange(4), LABELS]
        losses = np.log(np.exp(logits).sum(axis=1)) - chosen
        calibrate(steps, [batch])
        result = score([batch], steps.evaluate)
        assert result.loss == pytest.approx(losses.mean(), rel=1e-4)
        assert result.accuracy == np.mean(logits.argmax(axis=1) == LABELS)
        assert before.loss != pytest.approx(losses.mean(), rel=1e-3)

    def test_after_several_batches_moving_statistics_are_about_their_mean(self):
        steps = make_steps()
        batches = [(random_images(4, 8, 8, 1, seed=seed), LABELS) for seed in range(5)]
        alone = []
        for batch in batches:
            calibrate(steps, [batch])
            alone.append(moving(steps))
        calibrate(steps, batches)
        # The last of five weighs 1, the first 0.999⁴.
        weights = 0.999 ** np.arange(4, -1, -1)
        expected = np.tensordot(weights / weights.sum(), np.array(alone), axes=1)
        np.testing.assert_allclose(moving(steps), expected, rtol=1e-4, atol=1e-6)

    def test_what_was_there_before_does_not_count(self):
        steps = make_steps()
        calibrate(steps, [(IMAGES, LABELS)])
        first = moving(steps)
        for normalization in batch_normalizations(steps.model):
            normalization.moving_mean.assign(np.full(4, 1000.0))
            normalization.moving_variance.assign(np.full(4, 1e6))
        calibrate(steps, [(IMAGES, LABELS)])
        np.testing.assert_allclose(moving(steps), first, rtol=1e-5)

    def test_it_returns_the_number_of_batches(self):
        assert calibrate(make_steps(), [(IMAGES, LABELS)] * 3) == 3

    def test_weights_metrics_and_dropout_rest(self):
        steps = make_steps(recipe(branch_dropout=0.5))
        rest = [v for v in steps.model.variables if not v.name.startswith("moving")]
        before = values(rest)
        calibrate(steps, [(IMAGES, LABELS)] * 2)
        for variable, value in zip(rest, before, strict=True):
            np.testing.assert_array_equal(variable.numpy(), value, err_msg=variable.path)


BATCHES = [("a", None), ("b", None)]
ANSWERS = {
    "a": ([2, 0], [2, 1], [0.75, 0.5], [1.0, 4.0]),
    "b": ([1, -1], [0, 0], [0.25, 1.0], [2.0, 9.0]),
}
"""What is answered for two batches: labels, predictions, confidences, losses."""


class TestScore:
    def test_accuracy_and_loss_are_means_over_all_images(self):
        assert score(BATCHES, lambda images, _: ANSWERS[images]) == Score(1 / 3, 7 / 3, 3)


class TestAnswer:
    def test_it_has_all_images_in_order_without_padding(self):
        found = answer(BATCHES, lambda images, _: ANSWERS[images])
        assert found.labels.tolist() == [2, 0, 1]
        assert found.predicted.tolist() == [2, 1, 0]
        assert found.confidence.tolist() == [0.75, 0.5, 0.25]
        assert found.losses.tolist() == [1.0, 4.0, 2.0]


def test_batch_normalizations_are_those_of_every_branch_in_order():
    steps = make_steps(network=small(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[])))
    assert [x.beta.path for x in batch_normalizations(steps.model)] == [
        "layer01/Branch1/batch_norm/beta",
        "layer01/Branch2/batch_norm/beta",
        "layer03/Branch1/batch_norm/beta",
    ]
