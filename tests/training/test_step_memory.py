"""The estimated memory of a training step: read off its graph, and as large as measured."""

from dataclasses import replace
from functools import cache

import pytest
import tensorflow as tf

from nac.config import Augmentation, Experiment, Parameters, Recipe
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.batches import parts
from nac.training.calls import Calls
from nac.training.dataflow import peak_bytes
from nac.training.step_memory import operations_of, step_memory
from nac.training.strategies import make_strategy
from nac.training.untrained import untrained_steps
from tests.builders import WIDENER, layer
from tests.models.small_networks import random_images, small
from tests.training.examples import recipe

SHAPE = (16, 16, 3)
NETWORK = small(
    layer("1x1", "3x3", "5x5sep", outputs=24, inputs=[0]),
    layer("3x3sep", "7x7sep", outputs=24, inputs=[1, 0]),
    WIDENER,
    layer("1x1", "3x3", outputs=48, inputs=[2]),
    channels=24,
)


def experiment(**changes):
    return Experiment("", Recipe(Parameters(), recipe(**changes), Augmentation()))


SIZE = 256  # so that almost all tensors are large enough to be counted on a CPU
TRAINED = experiment(momentum=0.9, branch_dropout=0.2, l2=1e-4, clip_norm=5.0)
SAVINGS = [NOTHING_SAVED, MemorySaving(recompute=True), MemorySaving(micro_batch=64)]


def bytes_of(function, *shapes):
    """Return the peak of a function of float32 tensors."""
    arguments = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    traced = tf.function(function, autograph=False).get_concrete_function(*arguments)
    return peak_bytes(operations_of(traced.graph))


class TestOperations:
    def test_outputs_take_memory(self):
        # 400 bytes of the argument, 400 of the exponentials.
        assert bytes_of(tf.exp, (100,)) == 800

    def test_a_reshaped_tensor_is_the_same_memory(self):
        assert bytes_of(lambda x: tf.exp(tf.reshape(x, (10, 10))), (100,)) == 800

    def test_a_reshaped_tensor_keeps_its_memory(self):
        # The argument is needed again after the two exponentials: 3 x 400 bytes.
        def function(x):
            view = tf.reshape(x, (10, 10))
            return tf.exp(tf.exp(view)) * view

        assert bytes_of(function, (100,)) == 1200

    def test_what_no_result_needs_takes_none(self):
        def function(x):
            tf.tile(x, [50])
            return tf.exp(x)

        assert bytes_of(function, (100,)) == 800

    def test_variables_and_constants_take_no_further_memory(self):
        variable, constant = tf.Variable(tf.ones(100)), tf.constant([1.0] * 100)
        assert bytes_of(lambda x: x + variable + constant, (100,)) == 800

    def test_what_gradients_need_is_kept(self):
        def function(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.exp(tf.exp(tf.exp(x)))
            return tape.gradient(y, x)

        # Each gradient is a product with an exponential. All three of these are still there when
        # the first product is computed.
        assert bytes_of(function, (100,)) == 4 * 400

    def test_a_call_needs_what_is_inside(self):
        # The argument, its exponential, and that of the exponential, which is the result.
        @tf.function(autograph=False)
        def twice(x):
            return tf.exp(tf.exp(x))

        assert bytes_of(lambda x: twice(x), (100,)) == 1200

    def test_a_loop_needs_what_is_inside_once(self):
        # The argument, and in a turn two exponentials: the sum of the second one is a number.
        def function(x):
            def turn(number, total):
                return number + 1, total + tf.reduce_sum(tf.exp(tf.exp(x)))

            return tf.while_loop(lambda number, _: number < 9, turn, (0, 0.0))[1]

        assert bytes_of(function, (100,)) == pytest.approx(1200, abs=40)

    def test_a_loop_fills_its_list(self):
        # Three pieces of 400 bytes, and what they are put together to.
        def function(x):
            def turn(number, array):
                return number + 1, array.write(number, tf.exp(x))

            empty = tf.TensorArray(tf.float32, 3, element_shape=(100,))
            return tf.while_loop(lambda number, _: number < 3, turn, (0, empty))[1].stack()

        assert bytes_of(function, (100,)) == pytest.approx(2 * 1200, abs=40)

    @pytest.mark.parametrize(("dtype", "size"), [(tf.float32, 800), (tf.bfloat16, 600)])
    def test_a_type_of_half_the_size_takes_half(self, dtype, size):
        def function(x):
            return tf.cast(x, dtype) if dtype != tf.float32 else tf.exp(x)

        assert bytes_of(function, (100,)) == size


def test_a_larger_batch_takes_more_in_proportion():
    small_batch, double, triple = (
        step_memory(NETWORK, SHAPE, size).step_bytes for size in (64, 128, 192)
    )
    assert triple - double == pytest.approx(double - small_batch, rel=0.01)
    assert double == pytest.approx(2 * small_batch, rel=0.05)


def test_the_state_of_the_optimizer_counts():
    plain = step_memory(NETWORK, SHAPE, 2)
    momentum = step_memory(NETWORK, SHAPE, 2, experiment(momentum=0.9))
    weights = sum(x.numpy().nbytes for x in _steps(NETWORK, 2).model.trainable_variables)
    assert momentum.variables_bytes - plain.variables_bytes == weights


def test_the_total_is_the_sum_of_both():
    memory = step_memory(NETWORK, SHAPE, 2)
    assert memory.total_bytes == memory.variables_bytes + memory.step_bytes
    assert memory.batch_size == 2


@pytest.mark.slow
@pytest.mark.parametrize("saving", SAVINGS)
def test_the_estimate_is_close_to_what_steps_take(saving):
    measured = measured_bytes(saving)
    if measured is None:
        pytest.skip("TensorFlow does not count tensors here")
    estimate = step_memory(NETWORK, SHAPE, SIZE, TRAINED, saving)
    assert measured == pytest.approx(estimate.total_bytes, rel=0.2)


@pytest.mark.slow
def test_steps_that_save_memory_take_less():
    peaks = [measured_bytes(saving) for saving in SAVINGS]
    if None in peaks:
        pytest.skip("TensorFlow does not count tensors here")
    plain, recomputed, in_parts = peaks
    assert recomputed < 0.75 * plain
    assert in_parts < 0.9 * recomputed


@cache
def measured_bytes(saving):
    """Return the peak of some steps, None where TensorFlow does not count."""
    size = SIZE
    calls = Calls(_steps(NETWORK, size, TRAINED, saving), most=2)
    images, labels = random_images(size, *SHAPE), tf.range(size) % 3
    batches = tf.data.Dataset.from_tensors((images, labels)).repeat()
    reading = iter(parts(batches, calls.steps.strategy))
    for _ in range(3):
        calls.train(reading, [0.1, 0.1], [0.5, 0.5])
    return calls.memory.bytes


def _steps(network, size, trained=None, saving=NOTHING_SAVED):
    """Return the steps of a job that is not in a file."""
    job = trained or experiment()
    parameters = replace(job.parameters, batch_size=size)
    job = replace(job, recipe=replace(job.recipe, parameters=parameters), architecture=network)
    return untrained_steps(job, SHAPE, None, make_strategy("one"), saving=saving)
