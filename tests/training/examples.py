"""Tiny training set-ups."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nac.architecture.network import Architecture
from nac.config import ExponentialDecay, Momentum, Training
from nac.models import build_model
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.steps import Steps
from tests.builders import layer
from tests.models.small_networks import random_images, small

SHAPE = (8, 8, 1)
LABELS = np.array([0, 2, 1, 0], np.int32)
IMAGES = random_images(4, *SHAPE)
NETWORK = small(layer("1x1", "3x3", inputs=[]))


def recipe(momentum: float = 0.0, **changes: Any) -> Training:
    """Return a recipe: by default plain gradient descent without clipping and l2."""
    values = {"lr": ExponentialDecay(), "branch_dropout": 0.0, "optimizer": Momentum(momentum)}
    return Training(**{**values, **changes})


def make_steps(
    training: Training | None = None,
    network: Architecture = NETWORK,
    batch_size: int = 4,
    saving: MemorySaving = NOTHING_SAVED,
    **options: Any,
) -> Steps:
    """Return the steps of a network on one CPU; the weights are the same each time."""
    training = training or recipe()
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = build_model(network, SHAPE, branch_dropout=training.branch_dropout, **options)
        steps = Steps(model, training, strategy, batch_size, saving=saving)
    steps.optimizer.learning_rate.assign(0.1)
    return steps


def answers(
    labels: Any, loss: float, correct: int, *, confidence: float = 0.5
) -> tuple[np.ndarray, ...]:
    """Return what a ``Steps.evaluate`` answers: so much loss together, so many right answers."""
    labels = np.asarray(labels)
    real = labels >= 0
    predicted = np.where(np.cumsum(real) <= correct, labels, labels + 1)
    ones = np.ones(len(labels), np.float32)
    return labels, predicted, confidence * ones, loss / max(1, real.sum()) * ones


def values(variables: Any) -> list[np.ndarray]:
    """Return the values of variables."""
    return [variable.numpy() for variable in variables]
