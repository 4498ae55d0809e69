"""Evaluation with averaged weights, as right after 50 steps as after 50,000."""

from dataclasses import dataclass

import tensorflow as tf

from nac.config import Parameters
from nac.config.splits import TEST, VALIDATION
from nac.models.cells import batch_normalizations
from nac.training.steps import Steps

CALIBRATION_BATCHES = 20
"""Training batches over which batch-norm statistics are re-estimated before an evaluation."""


@dataclass(frozen=True)
class Score:
    """Result of an evaluation.

    Attributes:
        accuracy: share of right answers.
        loss: mean cross-entropy.
        images: how many images were scored.
    """

    accuracy: float
    loss: float
    images: int


def evaluation_split(parameters: Parameters) -> str:
    """Return on which images a job is evaluated while it trains: held-out ones if there are."""
    return VALIDATION if parameters.validation_share else TEST


def calibrate(steps: Steps, batches) -> int:
    """Re-estimate the moving statistics of all batch norms for the weights that are in place.

    Moving averages with momentum 0.999 know little after a short job, and belong to the raw
    weights, not to their average. Starting from zero over n batches they reach
    (1 - momentum^n) times a nearly plain mean, so dividing by that gives the estimate.

    Args:
        steps: steps of the model, whose weights are those to evaluate.
        batches: distributed training batches.

    Returns:
        the number of batches.
    """
    layers = batch_normalizations(steps.model)
    moving = [(layer.moving_mean, layer.moving_variance) for layer in layers]
    for variable in (variable for pair in moving for variable in pair):
        variable.assign(tf.zeros(variable.shape))
    count = 0
    for images, _ in batches:
        steps.calibrate(images)
        count += 1
    for layer, pair in zip(layers, moving, strict=True):
        for variable in pair:
            variable.assign(tf.convert_to_tensor(variable) / (1.0 - layer.momentum**count))
    return count


def score(batches, step) -> Score:
    """Evaluate over all batches.

    Args:
        batches: distributed evaluation batches.
        step: ``Steps.evaluate``.
    """
    loss = correct = examples = 0.0
    for images, labels in batches:
        sums = step(images, labels)
        loss, correct, examples = (
            total + float(value)
            for total, value in zip((loss, correct, examples), sums, strict=True)
        )
    return Score(correct / examples, loss / examples, int(examples))
