"""Loss, accuracy and speed of a training, and its stopwatch."""

import numpy as np
import pytest
import tensorflow as tf

from nac.training.calls import Trained
from nac.training.meter import Meter, Stopwatch
from nac.utils.errors import JobError


class TestStopwatch:
    def test_it_counts_from_its_start(self, clock):
        stopwatch = Stopwatch()
        clock.seconds += 5.0
        assert stopwatch.read() == 5.0

    def test_it_adds_to_what_earlier_processes_took(self, clock):
        stopwatch = Stopwatch(100.0)
        clock.seconds += 5.0
        assert stopwatch.read() == 105.0

    def test_while_paused_it_stands(self, clock):
        stopwatch = Stopwatch()
        clock.seconds += 5.0
        stopwatch.pause()
        clock.seconds += 7.0
        assert stopwatch.read() == 5.0

    def test_resumed_it_goes_on_from_where_it_stood(self, clock):
        stopwatch = Stopwatch()
        clock.seconds += 5.0
        stopwatch.pause()
        clock.seconds += 7.0
        stopwatch.resume()
        clock.seconds += 2.0
        assert stopwatch.read() == 7.0

    def test_paused_twice_it_stands_where_it_was_first(self, clock):
        stopwatch = Stopwatch()
        clock.seconds += 5.0
        stopwatch.pause()
        clock.seconds += 7.0
        stopwatch.pause()
        assert stopwatch.read() == 5.0


def trained(losses, correct, waits=0.0):
    """Return the results of a call of steps."""
    vectors = (losses, correct, [waits] * len(losses))
    return Trained(*(tf.constant(values, tf.float32) for values in vectors))


@pytest.fixture
def meter(clock):
    """Return the meter of a training with 4 images a step and two readers."""
    return Meter(4, Stopwatch(), ("first", "second"))


class TestMeter:
    def test_a_reading_has_means_over_the_steps(self, meter, clock):
        meter.add(trained([1.0, 2.0], [2.0, 4.0]))
        clock.seconds += 2.0
        meter.settle(2)
        reading = meter.read("first")
        assert (reading.loss, reading.accuracy) == (1.5, 6 / 8)
        assert reading.images_per_second == 8 / 2.0

    def test_a_reader_sees_what_came_since_it_last_looked(self, meter, clock):
        meter.add(trained([1.0], [0.0]))
        meter.settle(1)
        meter.read("first")
        clock.seconds += 2.0
        meter.add(trained([3.0], [2.0]))
        meter.settle(2)
        reading = meter.read("first")
        assert (reading.loss, reading.accuracy, reading.images_per_second) == (3.0, 0.5, 2.0)

    def test_what_one_reader_read_is_still_there_for_the_other(self, meter):
        meter.add(trained([1.0], [0.0]))
        meter.settle(1)
        meter.read("first")
        meter.add(trained([3.0], [0.0]))
        meter.settle(2)
        assert meter.read("second").loss == 2.0

    def test_steps_count_once_they_are_settled(self, meter):
        meter.add(trained([1.0], [0.0]))
        meter.settle(1)
        meter.add(trained([100.0], [0.0]))
        assert meter.read("first").loss == 1.0

    def test_a_step_counts_once(self, meter):
        meter.add(trained([1.0], [0.0]))
        meter.settle(1)
        meter.add(trained([3.0], [0.0]))
        meter.settle(2)
        assert meter.read("first").loss == 2.0

    def test_without_steps_all_is_zero(self, meter, clock):
        clock.seconds += 1.0
        reading = meter.read("first")
        assert (reading.loss, reading.accuracy, reading.images_per_second) == (0.0, 0.0, 0.0)

    def test_steps_before_the_clock_was_restarted_are_left_out_of_the_speed(self, meter, clock):
        meter.add(trained([1.0], [4.0]))
        meter.settle(1)
        clock.seconds += 60.0
        meter.restart_clock()
        meter.add(trained([3.0], [0.0]))
        meter.settle(2)
        clock.seconds += 2.0
        reading = meter.read("first")
        assert reading.images_per_second == 2.0
        assert (reading.loss, reading.accuracy) == (2.0, 0.5)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_a_loss_that_is_not_finite_is_an_error_that_names_the_step(self, meter, bad):
        for losses in ([1.0, bad], [2.0]):
            meter.add(trained(losses, [0.0] * len(losses)))
        with pytest.raises(JobError, match=rf"^the loss is {bad} at step 9; [^\n]*$"):
            meter.settle(10)

    def test_the_first_bad_step_is_the_one_that_is_named(self, meter):
        for loss in (np.inf, np.nan):
            meter.add(trained([loss], [0.0]))
        with pytest.raises(JobError, match="the loss is inf at step 1;"):
            meter.settle(2)

    def test_waits_for_batches_add_up(self, meter):
        meter.add(trained([1.0, 1.0], [0.0, 0.0], waits=0.25))
        meter.add(trained([1.0], [0.0], waits=0.5))
        meter.settle(3)
        assert meter.waited == 1.0

    def test_a_restored_meter_goes_on_where_the_other_one_was(self, meter, clock):
        meter.add(trained([1.0], [4.0], waits=0.25))
        meter.settle(1)
        other = Meter(4, Stopwatch(), ("first", "second"))
        other.restore(meter.state())
        other.add(trained([2.0], [0.0], waits=0.5))
        other.settle(2)
        reading = other.read("first")
        assert (reading.loss, reading.accuracy, other.waited) == (1.5, 0.5, 0.75)

    def test_it_does_not_matter_in_which_portions_losses_come(self, clock):
        """Floats know no 1 + 2**-53, but twice 2**-53 is not lost if that is added first."""
        tiny, readings = 2.0**-53, []
        for portions in ([[1.0, tiny, tiny]], [[1.0], [tiny], [tiny]], [[tiny, tiny], [1.0]]):
            meter = Meter(4, Stopwatch(), ("first",))
            for number, losses in enumerate(portions, start=1):
                meter.add(trained(losses, [0.0] * len(losses)))
                meter.settle(number)
            readings.append(meter.state())
        assert len(set(readings)) == 1
