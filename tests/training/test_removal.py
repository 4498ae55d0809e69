"""A branch or a skip connection that is taken out of a training stays out, whatever trains it."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.config import KerasOptimizer, RMSProp
from nac.models.branches import branch_outputs
from nac.models.cells import branch_cells
from nac.training.evaluation import calibrate
from nac.training.removal import parts_of, remove, without
from nac.training.steps import batch_statistics
from tests.builders import layer
from tests.models.small_networks import random_images, small
from tests.training.examples import IMAGES, LABELS, make_steps, recipe, values

pytestmark = pytest.mark.usefixtures("eagerly")

NETWORK = small(layer("3x3sep", "1x1", inputs=[0]))
"""A layer with two branches and a skip connection from the stem, which is its direct input too."""

BRANCH, SKIP = "1/Branch1", "0-1"
DECAY = tf.constant(0.5)


def keras_optimizer(name, **arguments):
    return {"optimizer": KerasOptimizer(name, tuple(arguments.items()))}


RECIPES = {
    # All weights as one vector.
    "momentum": {"clip_norm": 0.1, "l2": 0.01, "weight_decay": 0.5},
    "rms": {"optimizer": RMSProp(momentum=0.5)},
    "AdamW": keras_optimizer("AdamW", amsgrad=True),
    "Ftrl": keras_optimizer("Ftrl"),
    "accumulated gradients": keras_optimizer("SGD", momentum=0.9, gradient_accumulation_steps=2),
    # The weights one by one.
    "Lamb": keras_optimizer("Lamb") | {"clip_norm": 0.1, "l2": 0.01, "weight_decay": 0.5},
    "Adafactor": keras_optimizer("Adafactor"),
    "Muon": keras_optimizer("Muon"),
}


def trained(**options):
    """Return steps that have trained a little, so that nothing of theirs is zero any more."""
    return train(make_steps(recipe(**{"momentum": 0.9, **options}), NETWORK), 1)


def train(steps, count):
    steps.optimizer.learning_rate.assign(0.05)
    for _ in range(count):
        steps.train(IMAGES, LABELS, DECAY)
    return steps


def removed(steps, *keys):
    parts = parts_of(steps.model)
    for key in keys:
        remove(steps, parts[key])
    return steps


def contents(parts):
    """Return all numbers of what a branch or a skip connection consists of."""
    return np.concatenate([variable.numpy()[elements] for variable, elements in parts], axis=None)


def in_place(steps, key):
    """Return the same of the averaged weights."""
    with steps.average.in_place():
        return contents(parts_of(steps.model)[key])


def all_values(steps):
    """Return every variable of a training by a name."""
    variables = [*steps.model.variables, *steps.optimizer.variables, steps.average.vector]
    return {f"{n} {getattr(v, 'path', 'average')}": v.numpy() for n, v in enumerate(variables)}


def outputs(steps, number, training=False):
    """Return what a branch puts out for inputs that it has not seen."""
    (cell,) = branch_cells(steps.model)
    images = tf.cast(random_images(4, 8, 8, 4, seed=7), cell.compute_dtype)
    channels = cell.branches[0].filters
    found = branch_outputs(cell.branches, images, training, cell.featuremap_metrics)
    return found.numpy()[..., number * channels : (number + 1) * channels]


# any optimizer


@pytest.fixture(scope="module", params=RECIPES)
def history(request):
    """Return what is left of a branch and a skip connection after 0, 1, ... steps without them.

    And all weights before the first and before the last one of these steps.
    """
    tf.config.run_functions_eagerly(True)
    steps, found, everything = removed(trained(**RECIPES[request.param]), BRANCH, SKIP), [], []
    for _ in range(3):
        weights = {key: contents(parts_of(steps.model)[key]) for key in (BRANCH, SKIP)}
        found.append((weights, {key: in_place(steps, key) for key in (BRANCH, SKIP)}))
        everything.append(np.concatenate(values(steps.weights), axis=None))
        train(steps, 1)
    tf.config.run_functions_eagerly(False)
    return found, everything[0], everything[-1]


@pytest.mark.parametrize("key", [BRANCH, SKIP])
def test_what_was_removed_stays_zero_in_all_further_steps(history, key):
    for weights, _ in history[0]:
        assert not weights[key].any()


@pytest.mark.parametrize("key", [BRANCH, SKIP])
def test_so_it_does_in_the_averages(history, key):
    for _, averages in history[0]:
        assert not averages[key].any()


def test_the_rest_of_the_network_goes_on_learning(history):
    _, before, after = history
    assert np.isfinite(after).all()
    assert (after != before).any()


# a branch


def test_without_a_removal_it_would_not_be_zero():
    steps = trained()
    assert contents(parts_of(steps.model)[BRANCH]).all()
    assert outputs(steps, 0).any()


def assert_silent(steps):
    """Assert that the first branch puts out exact zeros in each of the three modes."""
    assert not outputs(steps, 0, training=True).any()
    with batch_statistics(steps.model):
        assert not outputs(steps, 0).any()
    calibrate(steps, [(IMAGES, LABELS)])
    assert not outputs(steps, 0).any()
    assert outputs(steps, 1).any()


def test_its_output_is_zero_in_training_calibration_and_evaluation():
    assert_silent(train(removed(trained(), BRANCH), 1))


def test_so_it_is_with_branch_gates_and_a_scale_of_batch_norm():
    training = recipe(momentum=0.9, l2=0.01, batch_norm_scale=True)
    steps = make_steps(training, NETWORK, branch_gates=True, batch_norm_scale=True)
    steps = train(removed(train(steps, 1), BRANCH), 1)
    (cell,) = branch_cells(steps.model)
    assert cell.branches[0].normalization.gamma.numpy().all()
    assert cell.branches[0].gate.numpy()
    assert_silent(steps)


def test_so_it_is_with_float16():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        steps = trained(mixed_precision=True)
        assert_silent(train(removed(steps, BRANCH, SKIP), 2))
    finally:
        keras.config.set_dtype_policy("float32")
    assert not contents(parts_of(steps.model)[SKIP]).any()


def test_the_averages_with_which_it_is_evaluated_are_silent_too():
    steps = train(removed(trained(), BRANCH), 1)
    with steps.average.in_place():
        assert_silent(steps)


def test_nothing_else_is_changed():
    steps = trained()
    gone = {id(variable.value) for variable, _ in parts_of(steps.model)[BRANCH]}
    elements = [np.full(weight.shape, id(weight) in gone).ravel() for weight in steps.weights]
    before, elements = all_values(steps), np.concatenate(elements)
    after = all_values(removed(steps, BRANCH))
    vectors = [name for name in before if before[name].shape == elements.shape]
    assert len(vectors) == 2  # momentum and averages
    for name in vectors:
        assert before[name][elements].any()
        np.testing.assert_array_equal(after[name], np.where(elements, 0.0, before[name]))
    others = [name for name in before if "layer01/Branch2" in name or "stem" in name]
    assert len(others) == 6
    for name in others:
        np.testing.assert_array_equal(after[name], before[name])


def test_what_an_optimizer_has_for_other_variables_stays():
    """The name of a gate may begin like that of another one."""
    gates = [keras.Variable(1.0, name=name) for name in ("gate_1", "gate_11")]
    optimizer = keras.optimizers.Lamb(name="optimizer")
    optimizer.build(gates)
    optimizer.apply([tf.constant(2.0), tf.constant(3.0)], gates)
    slots = {slot.path: slot for slot in optimizer.variables if "gate" in slot.path}
    before = {path: float(slot.numpy()) for path, slot in slots.items()}
    assert all(before.values())
    steps = SimpleNamespace(
        weights=[gate.value for gate in gates],
        average=SimpleNamespace(vector=tf.Variable([4.0, 5.0])),
        optimizer=optimizer,
    )
    remove(steps, [(gates[0], np.ones((), bool))])
    assert not gates[0].numpy()
    assert gates[1].numpy()
    assert steps.average.vector.numpy().tolist() == [0.0, 5.0]
    for path, slot in slots.items():
        expected = before[path] if "gate_11" in path else 0.0
        assert float(slot.numpy()) == expected


# a skip connection


@pytest.mark.parametrize("training", [True, False])
def test_the_output_of_its_layer_does_not_depend_on_it(training):
    steps = trained()
    (cell,) = branch_cells(steps.model)
    direct, *sources = (tf.constant(random_images(2, 8, 8, 4, seed=seed)) for seed in (1, 2, 3))

    def joined():
        return [cell.skip([direct, source], training=training).numpy() for source in sources]

    first, second = joined()
    assert (first != second).any()
    train(removed(steps, SKIP), 1)
    first, second = joined()
    np.testing.assert_array_equal(first, second)
    assert first.any()


def test_the_direct_input_keeps_its_part_of_the_kernel():
    steps = trained()
    (cell,) = branch_cells(steps.model)
    before = cell.skip.kernel.numpy()
    removed(steps, SKIP)
    np.testing.assert_array_equal(cell.skip.kernel.numpy()[:, :, :4], before[:, :, :4])
    assert not cell.skip.kernel.numpy()[:, :, 4:].any()


def test_each_skip_connection_has_its_own_rows():
    network = small(layer("1x1", outputs=6), layer("1x1", outputs=2, inputs=[1, 0]))
    steps = make_steps(network=network)
    cell = branch_cells(steps.model)[1]
    assert cell.skip.input_channels == [6, 6, 4]  # the layer before it, twice, and the stem
    removed(steps, "1-2")
    rows = np.any(cell.skip.kernel.numpy(), axis=(0, 1, 3)).tolist()
    assert rows == [True] * 6 + [False] * 6 + [True] * 4
    assert [float(gate.numpy()) != 0.0 for gate in cell.skip.gates] == [False, True]


# for a moment


@pytest.mark.parametrize("key", [BRANCH, SKIP])
def test_for_a_moment_it_is_gone_and_then_everything_is_as_before_bit_for_bit(key):
    steps = trained()
    before = all_values(steps)
    with without(parts_of(steps.model)[key]):
        assert not contents(parts_of(steps.model)[key]).any()
    for name, value in all_values(steps).items():
        assert value.tobytes() == before[name].tobytes(), name


def test_it_is_back_after_an_error_too():
    steps = trained()
    before = values(steps.weights)
    with pytest.raises(KeyboardInterrupt), without(parts_of(steps.model)[BRANCH]):
        raise KeyboardInterrupt
    for weight, value in zip(steps.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_every_branch_and_skip_connection_has_a_key():
    steps = make_steps(network=small(layer("1x1"), layer("3x3", "1x1", inputs=[1, 0])))
    assert list(parts_of(steps.model)) == ["1/Branch1", "2/Branch1", "2/Branch2", "1-2", "0-2"]
