"""How long a network takes for one image at a time."""

import statistics
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from nac.runs.devices import cpu_name
from nac.runs.result import Latency
from nac.training.strategies import device_name, uses_gpu

SECONDS = 0.5
"""Seconds for which it is measured, at most, if one image does not take longer."""

MOST = 200
"""Number of repetitions at most."""

WARMING_UP = 3
"""Repetitions before, the first of which compiles the network."""


def measure_latency(model: keras.Model, strategy: tf.distribute.Strategy) -> Latency:
    """Return the median time of a network for a batch of one image, without reading the image.

    Args:
        model: A network from images to logits.
        strategy: The strategy of its job; its first device computes.
    """
    device = strategy.extended.worker_devices[0]

    @tf.function(autograph=False)
    def predict(image):
        return model(image, training=False)

    with tf.device(device):
        image = tf.zeros((1, *model.input_shape[1:]))
        seconds = repeated(lambda: predict(image).numpy())  # numpy() waits for a GPU
    return Latency(
        milliseconds=round(1e3 * statistics.median(seconds), 3),
        repetitions=len(seconds),
        device=device_name(strategy) if uses_gpu(strategy) else cpu_name(),
    )


def repeated(work: Callable[[], object]) -> list[float]:
    """Return the seconds of each repetition of a work, after a few that do not count."""
    for _ in range(WARMING_UP):
        work()
    seconds: list[float] = []
    while len(seconds) < MOST and sum(seconds) < SECONDS:
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds
