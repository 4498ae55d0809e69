"""Moving average of the weights."""

import numpy as np
import pytest
import tensorflow as tf

from nac.training.averages import WeightAverage, average_decay

# 0.1 and 1/3 have no exact float32: a restore that computes anything would show.
UNEVEN = np.array([0.1, 1.0 / 3.0], "float32")


@pytest.mark.parametrize(
    ("step", "decay"), [(0, 1 / 10), (1, 2 / 11), (90, 91 / 100), (10**6, 0.9999)]
)
def test_the_decay_is_warmed_up(step, decay):
    assert average_decay(step) == pytest.approx(decay)


@pytest.mark.parametrize(
    ("step", "longest", "decay"),
    [
        (0, 50.0, 1 / 10),  # the warm-up comes first
        (90, 5.0, 0.8),
        (10**6, 50.0, 0.98),
        (10**6, 10**5, 0.9999),  # no limit is above the largest decay
        (10**6, 1.0, 0.0),
        (10**6, 0.25, 0.0),  # no average is shorter than a step
    ],
)
def test_the_average_extends_over_a_number_of_steps_at_most(step, longest, decay):
    assert average_decay(step, longest) == pytest.approx(decay)


class Averaged:
    def __init__(self, *starts):
        self.strategy = tf.distribute.OneDeviceStrategy("CPU:0")
        with self.strategy.scope():
            self.variables = [tf.Variable(start) for start in starts]
            self.average = WeightAverage(self.variables)

    def averages(self):
        return [average.tolist() for average in self.average.values()]


def test_it_begins_with_the_present_values():
    assert Averaged(1.0, [2.0, 3.0]).averages() == [1.0, [2.0, 3.0]]


def test_an_update_moves_it_by_one_minus_decay():
    averaged = Averaged(1.0)
    averaged.variables[0].assign(5.0)
    averaged.average.update(averaged.strategy, 0.75)
    assert averaged.averages() == [2.0]
    averaged.average.update(averaged.strategy, 0.0)
    assert averaged.averages() == [5.0]


def test_an_update_leaves_the_variables():
    averaged = Averaged(1.0)
    averaged.variables[0].assign(5.0)
    averaged.average.update(averaged.strategy, 0.5)
    assert averaged.variables[0].numpy() == 5.0


def test_each_variable_has_its_own_average():
    averaged = Averaged(1.0, 10.0)
    averaged.variables[0].assign(3.0)
    averaged.average.update(averaged.strategy, 0.5)
    assert averaged.averages() == [2.0, 10.0]


def test_averages_are_not_trainable():
    assert not Averaged(1.0).average.vector.trainable


def test_in_place_the_variables_have_the_averages():
    averaged = Averaged(1.0)
    averaged.variables[0].assign(5.0)
    with averaged.average.in_place():
        assert averaged.variables[0].numpy() == 1.0


def test_after_in_place_the_variables_are_exactly_as_before():
    averaged = Averaged([1.0, 1.0])
    averaged.variables[0].assign(UNEVEN)
    with averaged.average.in_place():
        pass
    assert averaged.variables[0].numpy().tobytes() == UNEVEN.tobytes()


def test_after_in_place_the_averages_are_exactly_as_before():
    averaged = Averaged(UNEVEN)
    averaged.variables[0].assign([7.0, 7.0])
    with averaged.average.in_place():
        averaged.variables[0].assign([9.0, 9.0])
    assert averaged.average.values()[0].tobytes() == UNEVEN.tobytes()


def interrupted(averaged):
    with averaged.average.in_place():
        raise KeyError("interrupted")


def test_an_error_within_in_place_restores_too():
    averaged = Averaged(1.0)
    averaged.variables[0].assign(5.0)
    with pytest.raises(KeyError, match="interrupted"):
        interrupted(averaged)
    assert averaged.variables[0].numpy() == 5.0
