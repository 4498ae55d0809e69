"""Nesterov momentum in TensorFlow 1's form, by hand."""

import keras
import numpy as np
import pytest

from nac.training.optimizers import NesterovMomentum


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


def test_gradients_are_clipped_by_their_norm():
    (value,) = run(NesterovMomentum(momentum=0.0, clip_norm=1.0), [[0.0, 0.0]], (1.0, [[3.0, 4.0]]))
    assert value == pytest.approx([-0.6, -0.8])


def test_a_gradient_within_the_norm_stays():
    (value,) = run(NesterovMomentum(momentum=0.0, clip_norm=5.0), [[0.0, 0.0]], (1.0, [[3.0, 4.0]]))
    assert value == pytest.approx([-3.0, -4.0])


def test_each_variable_is_clipped_by_itself():
    optimizer = NesterovMomentum(momentum=0.0, clip_norm=1.0)
    large, small = run(optimizer, [[0.0, 0.0], [0.0, 0.0]], (1.0, [[30.0, 40.0], [0.3, 0.4]]))
    assert large == pytest.approx([-0.6, -0.8])
    assert small == pytest.approx([-0.3, -0.4])


def test_what_is_accumulated_is_clipped():
    optimizer = NesterovMomentum(momentum=0.5, clip_norm=1.0)
    # g = 1 after clipping: a = 1 and 0.5; steps 1 + 0.5 and 0 + 0.25.
    assert scalar(optimizer, (0.1, 100.0), (0.1, 0.0)) == pytest.approx(1.0 - 0.15 - 0.025)


def test_variables_keep_accumulators_of_their_own():
    optimizer = NesterovMomentum(momentum=0.5)
    first, second = run(optimizer, [0.0, 0.0], (1.0, [2.0, 0.0]), (1.0, [0.0, 0.0]))
    assert first == pytest.approx(-(2.0 + 1.0) - 0.5)
    assert second == 0.0


def test_the_config_rebuilds_it():
    optimizer = NesterovMomentum(0.3, 0.7, clip_norm=2.0)
    config = optimizer.get_config()
    assert (config["momentum"], config["clip_norm"]) == (0.7, 2.0)
    assert config["learning_rate"] == pytest.approx(0.3)
    assert NesterovMomentum.from_config(config).get_config() == config
