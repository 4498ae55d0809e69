"""Learning-rate schedules, by hand and against AMLA's own rates."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.config import CosineDecay, ExponentialDecay, OneCycle
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


def one_cycle(schedule, *shares, batch_size=1):
    """Return the rate at shares of the job; neither step nor epoch matters."""
    return [learning_rate(schedule, 7, 3, share, batch_size) for share in shares]


class TestOneCycle:
    def test_it_rises_evenly_from_zero_to_the_peak(self):
        schedule = OneCycle(peak=0.8, warmup=0.2)
        assert one_cycle(schedule, 0.0, 0.05, 0.1, 0.2) == pytest.approx([0.0, 0.2, 0.4, 0.8])

    def test_it_then_falls_evenly_to_zero(self):
        schedule = OneCycle(peak=0.8, warmup=0.2)
        assert one_cycle(schedule, 0.4, 0.6, 0.9, 1.0) == pytest.approx([0.6, 0.4, 0.1, 0.0])

    def test_it_may_fall_as_a_cosine(self):
        schedule = OneCycle(peak=0.8, warmup=0.2, decay="cosine")
        # At a quarter of the way down: (1 + cos 45 degrees) / 2 of the peak.
        expected = [0.8, 0.4 * (1 + math.sqrt(0.5)), 0.4, 0.0]
        assert one_cycle(schedule, 0.2, 0.4, 0.6, 1.0) == pytest.approx(expected)

    def test_the_warmup_is_a_line_under_a_cosine_too(self):
        schedule = OneCycle(peak=0.8, warmup=0.2, decay="cosine")
        assert one_cycle(schedule, 0.05, 0.1) == pytest.approx([0.2, 0.4])

    def test_without_a_warmup_it_begins_at_the_peak(self):
        schedule = OneCycle(peak=0.8, warmup=0.0)
        assert one_cycle(schedule, 0.0, 0.5) == pytest.approx([0.8, 0.4])

    @pytest.mark.parametrize(("batch_size", "rate"), [(128, 0.1), (32, 0.025), (256, 0.2)])
    def test_the_peak_is_in_proportion_to_the_batch(self, batch_size, rate):
        schedule = OneCycle(peak=0.1, batch_size=128, warmup=0.5)
        assert one_cycle(schedule, 0.5, batch_size=batch_size) == pytest.approx([rate])

    def test_without_a_batch_size_the_peak_holds_for_all(self):
        schedule = OneCycle(peak=0.1, warmup=0.5)
        assert one_cycle(schedule, 0.5, batch_size=4096) == pytest.approx([0.1])

    @given(
        st.floats(0, 0.9),
        st.sampled_from(["linear", "cosine"]),
        st.floats(0, 1),
        st.integers(1, 4096),
    )
    def test_it_is_between_zero_and_the_highest_rate(self, warmup, decay, share, batch_size):
        schedule = OneCycle(peak=0.1, batch_size=128, warmup=warmup, decay=decay)
        (rate,) = one_cycle(schedule, share, batch_size=batch_size)
        assert 0.0 <= rate <= schedule.highest(batch_size) * (1 + 1e-12)


@pytest.mark.parametrize("key", load_peer_json("lr.json"))
def test_rates_are_amlas(key):
    case = load_peer_json("lr.json")[key]
    schedule = parsed(child_training={"lr": case["lr"]}).recipe.training.lr
    steps, expected = zip(*case["values"], strict=True)
    assert len(steps) > 10
    ours = rates(schedule, steps, CIFAR10_EXAMPLES // case["batch_size"])
    np.testing.assert_allclose(ours, expected, rtol=2e-6)
