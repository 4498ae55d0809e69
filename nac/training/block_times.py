"""Measures what the parts of a training step cost on the device at hand.

It times the layers of a few small networks, and whole steps of these networks, as jobs take them.
The costs are those that explain all these times best (:func:`nac.construction.step_time.fitted`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from nac.config.training import ExponentialDecay, Momentum, Training
from nac.construction.network_parts import step_parts
from nac.construction.step_parts import Part
from nac.construction.step_time import KindCost, fitted
from nac.models import build_model
from nac.models.cells import BranchCell, batch_normalizations
from nac.models.stem_and_classifier import Stem
from nac.training.batches import parts as parts_of_batches
from nac.training.calibration import CLASSES, LARGE, SMALL, Calibration
from nac.training.calls import Calls
from nac.training.graphs import use_fitting_optimizer
from nac.training.steps import Steps
from nac.training.strategies import describe_devices, make_strategy, set_determinism, uses_gpu
from nac.training.threads import use_a_core_per_operation

RECIPE = Training(optimizer=Momentum(), lr=ExponentialDecay(initial=1e-6), clip_norm=5.0, l2=3e-4)
"""A recipe like those of the experiments; it hardly changes the weights."""

ROUNDS = 12
"""How often each piece is timed. The shortest time counts, as other work only adds to it."""

ROUND_SECONDS = 0.006
"""Seconds for which a piece is repeated in a round."""

MOST_STEPS = 10
"""Largest number of steps in a call."""

Work = Callable[[int], None]
"""Does something that many times, and returns when it is done."""


def measured_costs(apart: bool, dtype_policy: str) -> tuple[str, dict[str, KindCost]]:
    """Return the name of the device and what each kind of part costs on it.

    Call it in a fresh process: it sets threads, and the dtype policy of Keras.

    Args:
        apart: Whether each core computes an operation of its own.
        dtype_policy: Keras' dtype policy of the networks.
    """
    if apart:
        use_a_core_per_operation()
    strategy = make_strategy("one")
    use_fitting_optimizer(strategy)
    set_determinism("auto", 0, strategy)
    keras.config.set_dtype_policy(dtype_policy)
    calibrations = SMALL if apart else LARGE
    made = [piece for network in calibrations for piece in pieces(network, strategy)]
    times = shortest_seconds([work for _, work in made])
    measured = [(parts, 1e3 * seconds) for (parts, _), seconds in zip(made, times, strict=True)]
    return describe_devices(strategy), fitted(measured)


def shortest_seconds(works: Sequence[Work]) -> list[float]:
    """Return the shortest time of each work for doing it once; the works take turns."""
    for work in works:
        work(1)  # compiles it
    shortest = [_seconds(work, 1) for work in works]
    for _ in range(ROUNDS):
        for number, work in enumerate(works):
            times = max(1, round(ROUND_SECONDS / shortest[number]))
            shortest[number] = min(shortest[number], _seconds(work, times))
    return shortest


def _seconds(work: Work, times: int) -> float:
    started = time.perf_counter()
    work(times)
    return (time.perf_counter() - started) / times


def pieces(
    calibration: Calibration, strategy: tf.distribute.Strategy
) -> Iterator[tuple[list[Part], Work]]:
    """Yield the layers of a network, and its whole step: their parts, and how to do them."""
    architecture, batch = calibration.architecture, calibration.batch_size
    with strategy.scope():
        model = build_model(architecture, calibration.image_shape)
    for normalization in batch_normalizations(model):
        normalization.tracking = False  # as in training steps
    parts = step_parts(architecture, calibration.image_shape, batch, merged=not uses_gpu(strategy))
    for layer in model.layers[1:]:  # behind the images
        own = [part for part in parts if _is_of(part, layer)]
        yield own, _layer_work(layer, batch)
    if calibration.whole:
        yield parts, _step_work(model, calibration, strategy)


def _is_of(part: Part, layer: keras.layers.Layer) -> bool:
    """Return whether a Keras layer computes a part of a network."""
    if isinstance(layer, keras.layers.MaxPooling2D):  # a pooled skip connection, of its source
        return part.kind == "pooling" and layer.name.startswith(f"{part.layer}_")
    elsewhere = part.kind == "pooling" and isinstance(layer, Stem | BranchCell)
    return part.layer == layer.name and part.kind != "update" and not elsewhere


def _layer_work(layer: keras.layers.Layer, batch: int) -> Work:
    """Return what computes a layer forward and backward."""
    noise = partial(_noise, batch, layer.compute_dtype)
    inputs, upstream = list(map(noise, tf.nest.flatten(layer.input))), noise(layer.output)
    arguments = inputs if isinstance(layer, BranchCell) else inputs[0]
    watched = [] if layer.name == "stem" else list(inputs)
    variables = [variable.value for variable in layer.trainable_variables]
    if isinstance(layer, BranchCell):
        watched.append(layer.featuremap_metrics.unit_gates.value)

    def gradients():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = layer(arguments, training=True)
        return tape.gradient(outputs, [*watched, *variables], output_gradients=upstream)

    @tf.function(autograph=False)
    def repeat(times):
        def once(number):
            with tf.control_dependencies(gradients()):
                return number + 1

        return tf.while_loop(lambda n: n < times, once, [0], parallel_iterations=1)

    def work(times: int) -> None:
        repeat(tf.constant(times))[0].numpy()

    return work


def _noise(batch: int, dtype: str, tensor: keras.KerasTensor) -> tf.Tensor:
    values = np.random.default_rng(0).normal(size=(batch, *tensor.shape[1:]))
    return tf.constant(values, dtype)


def _step_work(
    model: keras.Model, calibration: Calibration, strategy: tf.distribute.Strategy
) -> Work:
    """Return what takes whole training steps on random images."""
    generator, batch = np.random.default_rng(0), calibration.batch_size
    with strategy.scope():
        steps = Steps(model, RECIPE, strategy, batch)
    images = generator.normal(size=(batch, *calibration.image_shape)).astype(np.float32)
    labels = generator.integers(0, CLASSES, batch, np.int32)
    dataset = tf.data.Dataset.from_tensors((images, labels)).repeat()
    batches = iter(parts_of_batches(dataset, strategy))
    calls = Calls(steps, MOST_STEPS)

    def work(times: int) -> None:
        for first in range(0, times, MOST_STEPS):
            count = min(MOST_STEPS, times - first)
            losses = calls.train(batches, [1e-6] * count, [0.5] * count).losses
        losses.numpy()

    return work
