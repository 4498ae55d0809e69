"""Evaluation with averaged weights and batch-norm statistics calibrated for them."""

from collections.abc import Callable, Iterable
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
        accuracy: Share of right answers.
        loss: Mean cross-entropy.
        images: Number of images that were scored.
    """

    accuracy: float
    loss: float
    images: int


def evaluation_split(parameters: Parameters) -> str:
    """Return the split on which a job is evaluated while it trains: held-out images if any."""
    return VALIDATION if parameters.validation_share else TEST


def calibrate(steps: Steps, batches: Iterable) -> int:
    """Re-estimate the moving statistics of all batch norms for the model's current weights.

    The moving averages of training do not fit an evaluation for two reasons. With momentum 0.999
    they are still close to their initial values after the few hundred steps of a truncated
    training. And they were taken with the weights as they were trained, while the evaluation uses
    the average of the weights, with which featuremaps have other means and variances.

    Args:
        steps: Steps of the model, whose weights are those to evaluate.
        batches: Distributed training batches.

    Returns:
        The number of batches.
    """
    layers = batch_normalizations(steps.model)
    moving = [(layer.moving_mean, layer.moving_variance) for layer in layers]
    for variable in (variable for pair in moving for variable in pair):
        variable.assign(tf.zeros(variable.shape))
    count = 0
    for images, _ in batches:
        steps.calibrate(images)
        count += 1
    # From zero, n updates give a nearly plain mean of the batches times (1 - momentum^n), as in
    # the bias correction of Adam.
    for layer, pair in zip(layers, moving, strict=True):
        for variable in pair:
            variable.assign(tf.convert_to_tensor(variable) / (1.0 - layer.momentum**count))
    return count


def score(batches: Iterable, step: Callable) -> Score:
    """Evaluate a model on all batches.

    Args:
        batches: Distributed evaluation batches.
        step: The ``Steps.evaluate`` of the model.
    """
    loss = correct = examples = 0.0
    for images, labels in batches:
        sums = step(images, labels)
        loss, correct, examples = (
            total + float(value)
            for total, value in zip((loss, correct, examples), sums, strict=True)
        )
    return Score(correct / examples, loss / examples, int(examples))
