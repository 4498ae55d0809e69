"""Any optimizer of Keras in a recipe: its steps, clipping, resumption, devices and errors."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.config import ExponentialDecay, KerasOptimizer, Training
from nac.training import untrained
from nac.training.checkpoints import Checkpoints
from nac.training.optimizers import keras_optimizers, make_optimizer
from tests.builders import CLASSIFIER, input_error, layer, network, stem
from tests.config.examples import TRAINING, parsed
from tests.experiments import printed_by
from tests.training.examples import IMAGES, LABELS, SHAPE, make_steps, recipe, values

ADAMW = KerasOptimizer("AdamW", (("weight_decay", 0.1),))
DECAY = tf.constant(0.5)


def made(class_name, clip_norm=None, mixed_precision=False, **arguments):
    chosen = KerasOptimizer(class_name, tuple(arguments.items()))
    training = Training(
        lr=ExponentialDecay(),
        optimizer=chosen,
        clip_norm=clip_norm,
        mixed_precision=mixed_precision,
    )
    return make_optimizer(training, "try.yaml")


def variable(value):
    return keras.Variable(np.array(value, "float32"), name="kernel")


def applied(optimizer, start, *steps):
    """Return a variable after some steps of (rate, gradient)."""
    target = variable(start)
    optimizer.build([target])
    for rate, gradient in steps:
        optimizer.learning_rate.assign(rate)
        optimizer.apply([tf.constant(gradient, tf.float32)], [target])
    return target.numpy().tolist()


# steps by hand


def test_sgd_of_keras_is_plain_gradient_descent():
    # 1 - 0.1 * 2 - 0.2 * 3.
    assert applied(made("SGD"), 1.0, (0.1, 2.0), (0.2, 3.0)) == pytest.approx(0.2)


def test_an_argument_reaches_the_optimizer():
    # velocity = 0.5 * velocity - rate * g: -0.2, then -0.1.
    stepped = applied(made("SGD", momentum=0.5), 1.0, (0.1, 2.0), (0.1, 0.0))
    assert stepped == pytest.approx(1.0 - 0.2 - 0.1)


def test_adamw_decays_the_weights_and_takes_a_step_of_the_rate():
    # The first step of Adam is rate * g / |g|; the decay before it is rate * 0.5 * 2.
    assert applied(made("AdamW", weight_decay=0.5), 2.0, (0.1, 7.0)) == pytest.approx(1.8)


def test_a_list_of_arguments_reaches_the_optimizer():
    assert made("Muon", exclude_layers=["head", "stem"]).exclude_layers == ["head", "stem"]


def test_the_gradient_is_clipped_by_its_norm():
    stepped = applied(made("SGD", clip_norm=1.0), [0.0, 0.0], (1.0, [3.0, 4.0]))
    assert stepped == pytest.approx([-0.6, -0.8])


def test_weight_decay_is_not_clipped():
    stepped = applied(made("SGD", clip_norm=1.0, weight_decay=0.5), 4.0, (1.0, 3.0))
    assert stepped == pytest.approx(4.0 - 2.0 - 1.0)


def test_with_mixed_precision_it_scales_the_loss():
    optimizer = made("AdamW", mixed_precision=True)
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(optimizer.inner_optimizer, keras.optimizers.AdamW)


# resumption


def names(optimizer):
    """Return the names of the variables but for one of Nadam's, which Keras numbers.

    In a fresh process, as each job is one, that number is the same each time.
    """
    return [v.path for v in optimizer.variables if not v.path.startswith("variable")]


@pytest.mark.parametrize("class_name", keras_optimizers())
def test_all_that_the_next_step_depends_on_is_in_variables_of_fixed_names(class_name):
    start = [[0.5, -1.0], [2.0, 0.25]]
    steps = [(0.1, [[1.0, 2.0], [-3.0, 4.0]]), (0.1, [[0.5, -1.0], [1.0, 1.0]])]
    unbroken = applied(made(class_name), start, *steps)

    first, second = made(class_name), made(class_name)
    before, after = variable(start), variable(start)
    first.build([before])
    second.build([after])
    first.learning_rate.assign(0.1)
    first.apply([tf.constant(steps[0][1])], [before])
    assert names(first) == names(second)
    for ours, theirs in zip([*second.variables, after], [*first.variables, before], strict=True):
        ours.assign(theirs)
    second.apply([tf.constant(steps[1][1])], [after])
    np.testing.assert_allclose(after.numpy(), unbroken, rtol=1e-6)


@pytest.mark.usefixtures("eagerly")
def test_adamw_trains_and_goes_on_from_a_checkpoint_as_if_nothing_had_happened(tmp_path):
    training = recipe(optimizer=ADAMW, clip_norm=1.0)
    whole = make_steps(training)
    start = values(whole.weights)
    losses = [float(whole.train(IMAGES, LABELS, DECAY)[0]) for _ in range(4)]
    assert losses[-1] < losses[0]
    assert all(not np.array_equal(a, b) for a, b in zip(start, values(whole.weights), strict=True))

    interrupted = make_steps(training)
    for _ in range(2):
        interrupted.train(IMAGES, LABELS, DECAY)
    Checkpoints(tmp_path, interrupted, 60.0).save(2, 1.0, 0.5)
    resumed = make_steps(training)
    assert Checkpoints(tmp_path, resumed, 60.0).restore() == 2
    assert [float(resumed.train(IMAGES, LABELS, DECAY)[0]) for _ in range(2)] == losses[2:]
    for first, second in zip(values(whole.weights), values(resumed.weights), strict=True):
        np.testing.assert_array_equal(first, second)


# devices

TWO_REPLICAS = """
import json
import numpy as np
import tensorflow as tf

from nac.training.strategies import make_strategy, set_determinism

mirrored = make_strategy("mirrored", 2)

import keras
from nac.config import KerasOptimizer
from nac.models import build_model
from nac.training.steps import Steps
from tests.builders import layer
from tests.models.small_networks import random_images, small
from tests.training.examples import SHAPE, recipe

NETWORK = small(layer("3x3", inputs=[0]))
DATA = random_images(8, *SHAPE), (np.arange(8) % 3).astype("int32")

def train(strategy, mixed_precision):
    set_determinism("on", 0, strategy)
    keras.config.set_dtype_policy("mixed_float16" if mixed_precision else "float32")
    replicas = strategy.num_replicas_in_sync
    optimizer = KerasOptimizer("SGD", (("weight_decay", 0.1),))
    with strategy.scope():
        model = build_model(NETWORK, SHAPE, branch_dropout=0.0)
        # So low a norm clips every gradient, before or after the sum.
        training = recipe(optimizer=optimizer, clip_norm=1e-3, mixed_precision=mixed_precision)
        steps = Steps(model, training, strategy, 8)
    data = tf.data.Dataset.from_tensor_slices(DATA).batch(8 // replicas).take(replicas)
    before = [v.numpy() for v in steps.weights]
    for batch in strategy.distribute_datasets_from_function(lambda _: data):
        steps.train(*batch, tf.constant(0.5))
    return [(b - v.numpy()).ravel().tolist() for b, v in zip(before, steps.weights)]

strategies = {"one": tf.distribute.OneDeviceStrategy("CPU:0"), "two": mirrored}
print(json.dumps({
    f"{name} {mixed}": train(strategy, mixed)
    for name, strategy in strategies.items() for mixed in (False, True)
}))
"""


@pytest.fixture(scope="module")
def steps_taken():
    """Return the step of each variable, on one and on two devices, in float32 and float16."""
    return printed_by(TWO_REPLICAS)


@pytest.mark.slow
@pytest.mark.parametrize(("mixed", "tolerance"), [(False, 1e-6), (True, 1e-4)])
def test_two_devices_take_the_clipped_step_of_one(steps_taken, mixed, tolerance):
    one, two = steps_taken[f"one {mixed}"], steps_taken[f"two {mixed}"]
    assert max(abs(part) for step in one for part in step) > 1e-3
    for first, second in zip(one, two, strict=True):
        np.testing.assert_allclose(first, second, atol=tolerance)


# errors


def test_a_class_that_keras_does_not_have_is_one_line_with_the_nearest():
    text = input_error(made, "AdmaW")
    assert text.startswith("try.yaml: child_training.optimizer.class_name: expected one of Adadel")
    assert text.endswith("received 'AdmaW' (did you mean 'AdamW'?)")


@pytest.mark.parametrize("name", ["LossScaleOptimizer", "MultiOptimizer", "Optimizer", "schedules"])
def test_what_is_not_an_optimizer_of_its_own_cannot_be_chosen(name):
    assert "expected one of" in input_error(made, name)


def test_an_argument_that_the_class_does_not_have_is_one_line_with_the_nearest():
    text = input_error(lambda: made("AdamW", weight_dekay=0.1))
    assert text == (
        "try.yaml: child_training.optimizer.weight_dekay: unknown key"
        " (did you mean 'weight_decay'?)"
    )


def test_an_argument_that_the_class_refuses_is_one_line():
    text = input_error(lambda: made("SGD", momentum=2.0))
    assert text.startswith("try.yaml: child_training.optimizer: `momentum` must be a float")


def test_a_job_names_the_file_before_it_trains():
    optimizer = {"type": "keras", "class_name": "AdmaW"}
    experiment = parsed(
        child_training={**TRAINING, "optimizer": optimizer},
        arch=network(layer("3x3"), init_cell=stem(8), classification_cell=CLASSIFIER),
    )
    source = SimpleNamespace(image_shape=SHAPE, classes=10)
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    text = input_error(untrained.make_steps, experiment, source, strategy)
    assert text.startswith("try.yaml: child_training.optimizer.class_name: expected one of")
