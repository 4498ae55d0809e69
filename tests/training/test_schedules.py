"""Learning-rate schedules, by hand and against AMLA's own rates."""

import numpy as np
import pytest

from nac.config import CosineDecay, ExponentialDecay
from nac.training.schedules import learning_rate
from tests.config.examples import parsed
from tests.peer import load_peer_json

CIFAR10_EXAMPLES = 50_000


def rates(schedule, steps, steps_per_epoch):
    return [learning_rate(schedule, step, steps_per_epoch) for step in steps]


class TestExponential:
    def test_the_rate_falls_after_each_period(self):
        schedule = ExponentialDecay(initial=0.8, decay=0.5, epochs_per_decay=2.0)
        expected = [0.8] * 6 + [0.4] * 6 + [0.2]
        assert rates(schedule, range(13), 3) == pytest.approx(expected)

    def test_a_period_may_be_part_of_an_epoch(self):
        schedule = ExponentialDecay(initial=0.8, decay=0.5, epochs_per_decay=0.5)
        assert rates(schedule, range(5), 4) == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2])

    def test_a_period_has_whole_steps(self):
        schedule = ExponentialDecay(initial=0.8, decay=0.5, epochs_per_decay=1.5)
        assert rates(schedule, [3, 4, 7, 8], 3) == pytest.approx([0.8, 0.4, 0.4, 0.2])

    def test_a_period_shorter_than_a_step_is_a_step(self):
        schedule = ExponentialDecay(initial=0.8, decay=0.5, epochs_per_decay=0.1)
        assert rates(schedule, range(3), 2) == pytest.approx([0.8, 0.4, 0.2])

    def test_decay_1_is_a_constant_rate(self):
        schedule = ExponentialDecay(initial=0.3, decay=1.0)
        assert rates(schedule, [0, 100, 10_000], 2) == [0.3, 0.3, 0.3]


class TestCosine:
    def test_it_falls_from_max_towards_min(self):
        schedule = CosineDecay(max=1.0, min=0.0, T_0=4)
        root = np.sqrt(0.5)
        expected = [1.0, (1 + root) / 2, 0.5, (1 - root) / 2]
        assert rates(schedule, range(4), 1) == pytest.approx(expected)

    def test_half_way_it_is_between_max_and_min(self):
        schedule = CosineDecay(max=1.0, min=0.2, T_0=2)
        assert rates(schedule, range(2), 1) == pytest.approx([1.0, 0.6])

    def test_it_is_constant_within_an_epoch(self):
        schedule = CosineDecay(max=1.0, min=0.0, T_0=2)
        assert rates(schedule, range(6), 3) == pytest.approx([1.0] * 3 + [0.5] * 3)

    def test_the_second_step_after_a_period_begins_again_at_max(self):
        schedule = CosineDecay(max=1.0, min=0.0, T_0=2)
        assert rates(schedule, [7, 8, 9], 3) == pytest.approx([1.0, 1.0, 0.5])

    def test_the_very_step_of_a_restart_has_the_old_epoch_over_the_new_period(self):
        # Epoch 2 of 2 is the cosine's end; epoch 2 of 4 its middle.
        alike, doubled = (CosineDecay(max=1.0, min=0.0, T_0=2, T_mul=n) for n in (1, 2))
        assert rates(alike, [6], 3) == pytest.approx([0.0])
        assert rates(doubled, [6], 3) == pytest.approx([0.5])

    def test_periods_grow_by_t_mul(self):
        schedule = CosineDecay(max=1.0, min=0.0, T_0=1, T_mul=2)
        # Epochs 0 | 1 2 | 3 4 5 6 | 7, two steps each; the second step of each epoch.
        root = np.sqrt(0.5)
        expected = [1.0, 1.0, 0.5, 1.0, (1 + root) / 2, 0.5, (1 - root) / 2, 1.0]
        assert rates(schedule, range(1, 16, 2), 2) == pytest.approx(expected)


@pytest.mark.parametrize("key", load_peer_json("lr.json"))
def test_rates_are_amlas(key):
    case = load_peer_json("lr.json")[key]
    schedule = parsed(child_training={"lr": case["lr"]}).recipe.training.lr
    steps, expected = zip(*case["values"], strict=True)
    assert len(steps) > 10
    ours = rates(schedule, steps, CIFAR10_EXAMPLES // case["batch_size"])
    np.testing.assert_allclose(ours, expected, rtol=2e-6)
