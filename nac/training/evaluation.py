"""Evaluation with averaged weights and batch-norm statistics calibrated for them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
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


@dataclass(frozen=True)
class Answers:
    """What a model answers for the images of an evaluation, in their order.

    Attributes:
        labels: True class of each image, (images,) integers.
        predicted: Class with the largest logit, (images,) integers.
        confidence: Probability of that class, (images,) float32.
        losses: Cross-entropy, (images,) float32.
    """

    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    losses: np.ndarray

    @property
    def score(self) -> Score:
        """Accuracy and mean loss over all images."""
        right = self.labels == self.predicted
        return Score(
            float(right.mean()), float(self.losses.mean(dtype=np.float64)), len(self.labels)
        )


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
    """Return how well a model does on all batches; see :func:`answer`."""
    return answer(batches, step).score


def answer(batches: Iterable, step: Callable) -> Answers:
    """Let a model answer for all batches.

    Args:
        batches: Distributed evaluation batches.
        step: The ``Steps.evaluate`` of the model.
    """
    parts = [[np.asarray(part) for part in step(*batch)] for batch in batches]
    labels, *others = (np.concatenate(part) for part in zip(*parts, strict=True))
    real = labels >= 0
    return Answers(labels[real], *(values[real] for values in others))
