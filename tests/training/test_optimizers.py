"""Nesterov momentum and RMSProp in TensorFlow 1's forms, and clipping, by hand."""

import keras
import numpy as np
import pytest

from nac.config import ExponentialDecay, GradientDescent, Momentum, RMSProp, Training
from nac.training import optimizers
from nac.training.optimizers import NesterovMomentum, RootMeanSquare, clipped, make_optimizer


def run(optimizer, starts, *steps):
    """Return the variables after some steps of (rate, gradient of each variable)."""
    variables = [keras.Variable(np.array(start, "float32")) for start in starts]
    optimizer.build(variables)
    for rate, gradients in steps:
        optimizer.learning_rate.assign(rate)
        optimizer.apply([np.array(g, "float32") for g in gradients], variables)
    return [variable.numpy().tolist() for variable in variables]


def scalar(optimizer, *steps):
    (value,) = run(optimizer, [1.0], *[(rate, [gradient]) for rate, gradient in steps])
    return value


def test_three_steps_with_a_change_of_rate():
    # a = 0.5 a + g: 2, then 1 - 1 = 0, then 0 + 4 = 4; each step is rate (g + 0.5 a).
    after = 1.0 - 0.1 * (2.0 + 1.0), 0.7 - 0.1 * (-1.0 + 0.0), 0.8 - 0.01 * (4.0 + 2.0)
    steps = [(0.1, 2.0), (0.1, -1.0), (0.01, 4.0)]
    for count, expected in enumerate(after, start=1):
        assert scalar(NesterovMomentum(momentum=0.5), *steps[:count]) == pytest.approx(expected)


def test_the_accumulator_does_not_remember_the_rate():
    # With the rate inside the accumulator, the large first rate would still be felt.
    moved = scalar(NesterovMomentum(momentum=0.5), (100.0, 2.0), (0.0, 0.0), (0.1, 0.0))
    still = scalar(NesterovMomentum(momentum=0.5), (100.0, 2.0), (0.0, 0.0))
    assert still - moved == pytest.approx(0.1 * 0.5 * (0.25 * 2.0), rel=1e-3)


def test_without_momentum_it_is_plain_gradient_descent():
    assert scalar(NesterovMomentum(momentum=0.0), (0.1, 2.0), (0.2, 3.0)) == pytest.approx(0.2)


def test_without_momentum_there_are_no_accumulators():
    optimizer = NesterovMomentum(momentum=0.0)
    optimizer.build([keras.Variable(1.0)])
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate"]


def clipping(norm, momentum=0.0):
    """Return an optimizer that clips by a norm."""
    return clipped(NesterovMomentum, norm)(momentum=momentum)


def test_gradients_are_clipped_by_their_norm():
    (value,) = run(clipping(1.0), [[0.0, 0.0]], (1.0, [[3.0, 4.0]]))
    assert value == pytest.approx([-0.6, -0.8])


def test_a_gradient_within_the_norm_stays():
    (value,) = run(clipping(5.0), [[0.0, 0.0]], (1.0, [[3.0, 4.0]]))
    assert value == pytest.approx([-3.0, -4.0])


def test_each_variable_is_clipped_by_itself():
    gradients = [[30.0, 40.0], [0.3, 0.4]]
    large, small = run(clipping(1.0), [[0.0, 0.0], [0.0, 0.0]], (1.0, gradients))
    assert large == pytest.approx([-0.6, -0.8])
    assert small == pytest.approx([-0.3, -0.4])


@pytest.mark.parametrize("on_gpu", [False, True])
@pytest.mark.parametrize(
    ("scale", "expected"), [(1.0, (-1.0, 0.0, -0.5)), (0.1, (-0.5, 0.0, -0.05))]
)
def test_parts_of_a_vector_are_clipped_by_themselves(monkeypatch, on_gpu, scale, expected):
    monkeypatch.setattr(optimizers, "uses_gpu", lambda strategy: on_gpu)
    optimizer = clipped(NesterovMomentum, 1.0, sizes=[2, 1])(momentum=0.0)
    (value,) = run(optimizer, [[0.0, 0.0, 0.0]], (1.0, [[5.0 * scale, 0.0, 0.5 * scale]]))
    np.testing.assert_allclose(value, expected, rtol=1e-6)


def test_what_is_accumulated_is_clipped():
    # g = 1 after clipping: a = 1 and 0.5; steps 1 + 0.5 and 0 + 0.25.
    assert scalar(clipping(1.0, 0.5), (0.1, 100.0), (0.1, 0.0)) == pytest.approx(1.0 - 0.15 - 0.025)


def test_variables_keep_accumulators_of_their_own():
    optimizer = NesterovMomentum(momentum=0.5)
    first, second = run(optimizer, [0.0, 0.0], (1.0, [2.0, 0.0]), (1.0, [0.0, 0.0]))
    assert first == pytest.approx(-(2.0 + 1.0) - 0.5)
    assert second == 0.0


def test_the_config_rebuilds_it():
    config = NesterovMomentum(0.3, 0.7).get_config()
    assert config["momentum"] == 0.7
    assert config["learning_rate"] == pytest.approx(0.3)
    assert NesterovMomentum.from_config(config).get_config() == config


def test_rmsprop_by_hand():
    # s = 0.5 * 1 + 0.5 * 4 = 2.5, a = 0.1 * 2 / sqrt(2.5), v = 1 - a.
    optimizer = RootMeanSquare(decay=0.5, momentum=0.0, epsilon=1e-12)
    assert scalar(optimizer, (0.1, 2.0)) == pytest.approx(1 - 0.2 / np.sqrt(2.5), rel=1e-6)


def test_rmsprops_momentum_adds_the_step_before():
    # With a second gradient of 0, the second step is 0.9 times the first one.
    optimizer = RootMeanSquare(decay=0.5, momentum=0.9, epsilon=1e-12)
    after = scalar(optimizer, (0.1, 2.0), (0.1, 0.0))
    assert after == pytest.approx(1 - 1.9 * 0.2 / np.sqrt(2.5), rel=1e-6)


def test_the_config_of_rmsprop_rebuilds_it():
    config = RootMeanSquare(0.3, 0.8, 0.7, 1e-3).get_config()
    assert (config["decay"], config["momentum"], config["epsilon"]) == (0.8, 0.7, 1e-3)
    assert RootMeanSquare.from_config(config).get_config() == config


def made(optimizer, **more):
    return make_optimizer(Training(lr=ExponentialDecay(), optimizer=optimizer, **more))


def test_a_recipe_without_momentum_is_plain_gradient_descent():
    assert scalar(made(GradientDescent()), (0.1, 2.0), (0.2, 3.0)) == pytest.approx(0.2)


def test_the_momentum_is_that_of_the_recipe():
    # The first step is rate (g + 0.5 g).
    assert scalar(made(Momentum(0.5)), (0.1, 2.0)) == pytest.approx(1.0 - 0.3)


def test_rmsprop_is_that_of_the_recipe():
    optimizer = made(RMSProp(momentum=0.0, decay=0.5, epsilon=1e-12))
    assert scalar(optimizer, (0.1, 2.0)) == pytest.approx(1 - 0.2 / np.sqrt(2.5), rel=1e-6)


def test_clipping_is_that_of_the_recipe():
    assert scalar(made(GradientDescent(), clip_norm=0.5), (1.0, 3.0)) == pytest.approx(0.5)


def test_with_mixed_precision_the_loss_is_scaled():
    optimizer = made(Momentum(0.5), mixed_precision=True)
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(optimizer.inner_optimizer, NesterovMomentum)
