"""Forward pass, gradients and three training steps against AMLA's own numbers."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from nac.config import parse_experiment
from nac.models import build_model
from nac.training.measurements import strengths
from nac.training.schedules import learning_rate
from nac.training.steps import Steps, batch_statistics, cross_entropy
from tests.models.peer_networks import AmlaNames, find_array, load_numeric, without_dropout

pytestmark = pytest.mark.slow

CASES = [
    "test_initial_w16",
    "construction_iter5_w16",
    "topline_inputs_all_w12",
    "darts_micro_w6",
    "enas_macro_w8",
    "enas_micro_w6",
    "imgnet_aux_w12_64px",
]
WITH_STATISTICS = CASES[:3]
NOISE = {"enas_macro_w8": 3e-5, "construction_iter5_w16": 6e-5}


class Case:
    """One numeric case: the network with AMLA's weights before training, and what it computes."""

    def __init__(self, numeric_dir, name):
        self.title = name
        self.case, self.arrays = load_numeric(numeric_dir, name)
        self.experiment = parse_experiment(without_dropout(self.case["config"]), name)
        self.architecture = replace(self.experiment.architecture, amla_compatible=True)
        self.images = self.arrays["x"]
        self.labels = self.arrays["y"].astype("int32")
        self.strategy = tf.distribute.OneDeviceStrategy("CPU:0")
        with self.strategy.scope():
            self.model = build_model(self.architecture, self.images.shape[1:], branch_dropout=0.0)
        self.names = AmlaNames(self.architecture)
        for variable in self.model.trainable_variables:
            variable.assign(self.expected("var0", variable))
        self.start = self.model.get_weights()
        self.compute()

    def compute(self):
        """Compute all that is compared, in one pass."""
        with tf.GradientTape() as tape:
            self.logits, *auxiliary = self.outputs()
            self.loss = self.loss_of([self.logits, *auxiliary])
            self.total_loss = self.loss + self.l2_loss()
        values = [variable.value for variable in self.model.trainable_variables]
        self.gradients = tape.gradient(self.total_loss, values)

    def name(self, variable):
        return self.names.of(variable.path)

    def expected(self, prefix, variable):
        value = find_array(self.arrays, f"{prefix}/{self.name(variable)}")
        return np.reshape(value, variable.shape)

    def outputs(self):
        """Return the logits, then those of auxiliary heads."""
        with batch_statistics(self.model):
            return tf.nest.flatten(self.model(self.images, training=False))

    def loss_of(self, outputs):
        weights = [1.0] + [0.4] * 10
        return sum(
            weight * tf.reduce_mean(cross_entropy(self.labels, logits))
            for weight, logits in zip(weights, outputs, strict=False)
        )

    def l2_loss(self):
        factor = self.experiment.recipe.training.l2
        squares = [tf.reduce_sum(tf.square(v.value)) for v in self.model.trainable_variables]
        return factor * tf.add_n(squares)


@pytest.fixture(scope="module", params=CASES)
def built(request, numeric_dir):
    return Case(numeric_dir, request.param)


@pytest.fixture
def case(built):
    built.model.set_weights(built.start)
    return built


def test_logits_are_amlas(case):
    np.testing.assert_allclose(case.logits, case.arrays["logits"], rtol=1e-4, atol=1e-5)


def test_loss_is_amlas(case):
    np.testing.assert_allclose(case.loss, case.arrays["loss"], rtol=1e-4)


def test_loss_with_l2_over_all_variables_is_amlas(case):
    np.testing.assert_allclose(case.total_loss, case.arrays["loss_plus_l2"], rtol=1e-4)


def test_gradient_norms_are_amlas(case):
    # Some variables have gradients a millionth of the whole: those are noise of float32.
    noise = NOISE.get(case.title, 1e-5) * float(tf.linalg.global_norm(case.gradients))
    for variable, gradient in zip(case.model.trainable_variables, case.gradients, strict=True):
        expected = find_array(case.case["gradient_norms"], case.name(variable))
        np.testing.assert_allclose(
            tf.norm(gradient), expected, rtol=1e-4, atol=noise, err_msg=variable.path
        )


@pytest.mark.usefixtures("eagerly")
def test_losses_of_three_training_steps_are_amlas(case):
    # AMLA does not look at label_smoothing.
    recipe = replace(case.experiment.recipe.training, label_smoothing=0.0)
    with case.strategy.scope():
        steps = Steps(case.model, recipe, case.strategy, len(case.images))
    steps.optimizer.learning_rate.assign(learning_rate(recipe.lr, 0, 1000))
    losses = []
    for _ in range(3):
        losses.append(float(case.loss_of(case.outputs())))
        steps.train(case.images, case.labels, tf.constant(0.1))
    np.testing.assert_allclose(losses, case.arrays["train_losses"], rtol=1e-3)
    np.testing.assert_allclose(case.outputs()[0], case.arrays["logits3"], rtol=0.1, atol=0.05)


@pytest.mark.parametrize("built", WITH_STATISTICS, indirect=True)
def test_metric_after_two_batches_is_amlas_per_image(case):
    case.model(case.images, training=True)
    case.model(case.images[::-1] * 0.5, training=True)
    measured = strengths(case.model, "mean_square", seed=0)
    key = next(key for key in case.case if key.startswith("stats_two_passes"))
    logged = {name: v for name, v in case.case[key].items() if name.startswith("MeanSSS")}
    assert len(logged) == len(measured)
    for name, values in logged.items():
        branch = name.removeprefix("MeanSSS:Cell")
        expected = values[-1] / len(case.images)
        np.testing.assert_allclose(measured[branch], expected, rtol=1e-4, err_msg=branch)
