"""Label smoothing, auxiliary losses, mixed precision and XLA."""

import json

import numpy as np
import pytest
import tensorflow as tf

from nac.config.training import ExponentialDecay, Training
from nac.models import build_model
from nac.training.steps import Steps, cross_entropy
from nac.utils.errors import InputError

NETWORK = {
    "type": "macro",
    "init_cell": {"Layer0": {"Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 4}}},
    "network": [
        {"filters": {"Branch1": "1x1", "Branch2": "3x3sep"}, "inputs": [0], "outputs": 4},
        {"auxiliary": {"Branch1": "Dense"}, "outputs": 3},
        {"widener": {}},
    ],
    "classification_cell": {
        "Layer0": {"Branch0": {"block": "reduce_mean"}},
        "Layer1": {"Branch0": {"block": "fc-final", "inputs": 8, "outputs": 3}},
    },
}
IMAGES = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype("float32")
LABELS = np.array([0, 1, 2, 0, 1, 2], "int32")


def recipe(**changes):
    return Training(lr=ExponentialDecay(), **{"branch_dropout": 0.0, **changes})


def steps(training, jit_compile=False, strategy=None):
    tf.keras.utils.set_random_seed(1)
    strategy = strategy or tf.distribute.OneDeviceStrategy("CPU:0")
    with strategy.scope():
        model = build_model(json.dumps(NETWORK), (8, 8, 1), branch_dropout=0.0)
        return Steps(model, training, strategy, len(LABELS), jit_compile)


def total_loss(made):
    """The loss whose gradient one step of plain descent takes: (before - after) is its square."""
    made.optimizer.learning_rate.assign(1.0)
    before = [variable.numpy() for variable in made.weights]
    made.train(IMAGES, LABELS, 0.5)
    moved = [old - new.numpy() for old, new in zip(before, made.weights, strict=True)]
    return {v.path: m for v, m in zip(made.model.trainable_variables, moved, strict=True)}


def test_smoothed_labels_by_hand():
    """Logits 0 and ln 3: probabilities 1/4 and 3/4; label 1 smoothed by 0.2 is (0.1, 0.9)."""
    logits = np.array([[0.0, np.log(3.0)]], "float32")
    loss = cross_entropy(np.array([1]), logits, 0.2)
    expected = -(0.1 * np.log(0.25) + 0.9 * np.log(0.75))
    np.testing.assert_allclose(loss, [expected], rtol=1e-6)


def test_without_smoothing_the_loss_is_that_of_the_label():
    logits = np.array([[0.0, np.log(3.0)]], "float32")
    np.testing.assert_allclose(cross_entropy(np.array([1]), logits), [-np.log(0.75)], rtol=1e-6)


def test_auxiliary_losses_count_by_their_weight():
    heads = [
        total_loss(steps(recipe(auxiliary_weight=weight)))["layer02_head/dense/bias"]
        for weight in (0.4, 0.8, 0.0)
    ]
    np.testing.assert_allclose(heads[1], 2 * heads[0], rtol=1e-4)
    np.testing.assert_array_equal(heads[2], 0.0)


def test_xla_takes_the_same_step():
    plain, compiled = (total_loss(steps(recipe(), jit)) for jit in (False, True))
    for path, expected in plain.items():
        np.testing.assert_allclose(compiled[path], expected, rtol=1e-3, atol=1e-6, err_msg=path)


class TestMixedPrecision:
    @pytest.fixture
    def made(self):
        tf.keras.config.set_dtype_policy("mixed_float16")
        yield steps(recipe(mixed_precision=True))
        tf.keras.config.set_dtype_policy("float32")

    def test_weights_averages_and_metrics_stay_float32(self, made):
        variables = [*made.weights, made.average.vector]
        variables += [v for v in made.model.variables if v.path.endswith("metric/sums")]
        assert {tf.as_dtype(variable.dtype) for variable in variables} == {tf.float32}

    def test_featuremaps_are_float16(self, made):
        assert made.model.get_layer("layer01").output.dtype == "float16"

    def test_a_step_is_about_the_same(self, made):
        mixed = total_loss(made)
        tf.keras.config.set_dtype_policy("float32")
        for path, expected in total_loss(steps(recipe())).items():
            scale = 0.02 * np.abs(expected).max() + 1e-4
            np.testing.assert_allclose(mixed[path], expected, atol=scale, err_msg=path)

    def test_gradients_that_overflow_change_nothing(self, made):
        made.optimizer.dynamic_scale.assign(1e38)
        moved = total_loss(made)
        assert all(not change.any() for change in moved.values())


class TestBfloat16:
    @pytest.fixture
    def made(self):
        training = recipe(mixed_precision="bfloat16")
        tf.keras.config.set_dtype_policy(training.dtype_policy)
        yield steps(training)
        tf.keras.config.set_dtype_policy("float32")

    def test_featuremaps_are_bfloat16(self, made):
        assert made.model.get_layer("layer01").output.dtype == "bfloat16"

    def test_the_loss_is_not_scaled(self, made):
        assert not hasattr(made.optimizer, "dynamic_scale")

    def test_a_step_has_about_the_same_direction(self, made):
        # With 8 bits of precision, single elements differ by a third.
        mixed = np.concatenate([np.ravel(change) for change in total_loss(made).values()])
        tf.keras.config.set_dtype_policy("float32")
        expected = total_loss(steps(recipe()))
        precise = np.concatenate([np.ravel(change) for change in expected.values()])
        cosine = mixed @ precise / np.linalg.norm(mixed) / np.linalg.norm(precise)
        assert cosine > 0.95


def test_xla_on_several_devices_is_refused():
    class Two:
        num_replicas_in_sync = 2

    with pytest.raises(InputError, match="--jit_compile works on one device"):
        Steps(None, recipe(), Two(), 2, True)
