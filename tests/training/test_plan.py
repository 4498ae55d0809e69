"""How many steps a job takes, with a clock that the tests set."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.training.plan import Plan, TimedPlan, seconds_to_end


class Machine:
    """A machine that trains as a plan says, with a clock of its own.

    Args:
        expected: Number of steps that the plan expects.
        seconds: Seconds that the job may take.
        evaluation: Number of batches of the evaluations at the end.
    """

    def __init__(self, expected, seconds, evaluation=0):
        self.seconds, self.done, self.progress = 0.0, 0, []
        self.plan = TimedPlan(expected, seconds, evaluation, lambda: self.seconds)

    def step(self, duration):
        """Take one step, as the loop does."""
        self.progress += self.plan.advance(self.done, 1)
        self.done += 1
        self.seconds += duration
        if self.done == 1:
            self.plan.compiled(1, duration)
        if self.plan.due() and self.done < self.plan.steps:
            self.plan.adjust(self.done)

    def run(self, duration):
        """Take steps to the end; ``duration`` is a function of the number of a step."""
        while self.done < self.plan.steps:
            self.step(duration(self.done))
        return self


# a given number of steps


def test_each_step_is_an_equal_part_of_the_job():
    assert Plan(4).advance(0, 4) == [0.125, 0.375, 0.625, 0.875]


def test_the_parts_of_a_job_do_not_depend_on_the_calls():
    plan = Plan(4)
    parts = [*plan.advance(0, 1), *plan.advance(1, 3)]
    assert parts == [0.125, 0.375, 0.625, 0.875]


def test_the_progress_is_that_after_the_steps():
    plan = Plan(4)
    plan.advance(0, 3)
    assert plan.progress == 0.75


def test_a_resumed_job_goes_on_where_it_stopped():
    assert Plan(4).advance(2, 2) == [0.625, 0.875]


def test_a_given_number_of_steps_never_changes():
    plan = Plan(4)
    plan.compiled(1, 100.0)
    plan.paused(100.0)
    plan.adjust(2)
    assert (plan.due(), plan.steps, plan.last) == (False, 4, 4)


@pytest.mark.parametrize(
    ("steps", "done", "share", "after"),
    [(100, 20, 0.5, 50), (10, 0, 0.3, 3), (10, 0, 0.31, 4), (3, 1, 0.4, 2), (8, 8, 1.0, 8)],
)
def test_it_is_known_after_which_step_a_share_of_the_job_is_done(steps, done, share, after):
    plan = Plan(steps)
    plan.advance(0, done)
    assert plan.step_at(done, share) == after


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_that_step_is_the_first_one_to_reach_the_share(steps, before, share):
    plan, done = Plan(steps), int(before * steps)
    plan.advance(0, done)
    step = plan.step_at(done, share)
    if step > done:
        assert (step - 1) / steps < share <= step / steps + 1e-9


# a given time


def test_so_it_is_in_a_job_of_a_given_time():
    plan = TimedPlan(150, 100.0, 0, lambda: 0.0)
    plan.resume(50, 0.5)
    # Half of the progress is spread over the steps that are left.
    plan.steps = 150
    assert plan.step_at(50, 0.75) == 100


def test_nothing_is_progress_until_the_speed_is_known():
    machine = Machine(expected=4, seconds=1000.0)
    assert machine.plan.advance(0, 4)[-1] < 1e-5
    assert machine.plan.steps == 4


def test_the_job_does_not_end_before_its_speed_is_known():
    machine = Machine(expected=4, seconds=1000.0)
    machine.plan.compiled(1, 3.0)
    assert machine.plan.steps > 100_000


def windows(seconds):
    """Return after how many seconds the plan of a job adjusts itself, for the first eight times."""
    machine = Machine(expected=10**6, seconds=seconds)
    machine.plan.compiled(1, 0.0)
    times, tick = [], 0.125
    while len(times) < 8:
        machine.seconds += tick
        if machine.plan.due():
            times.append(machine.seconds)
            machine.plan.adjust(2)
    return times


def test_the_speed_is_soon_measured_and_then_every_two_seconds():
    assert windows(seconds=20.0) == [0.25, 0.75, 1.75, 3.75, 5.75, 7.75, 9.75, 11.75]


def test_in_a_long_job_it_is_measured_over_a_hundredth_of_the_time():
    assert windows(seconds=1000.0)[-3:] == [15.75, 25.75, 35.75]


def test_a_slow_first_step_does_not_end_the_job():
    machine = Machine(expected=7, seconds=30.0)
    machine.plan.compiled(1, 6.0)
    machine.seconds = 25.0
    machine.plan.adjust(2)
    assert machine.plan.steps == 2 + 20


def test_a_new_measurement_replaces_those_of_shorter_windows():
    machine = Machine(expected=7, seconds=102.0)
    machine.seconds = 1.0
    machine.plan.adjust(1)
    machine.seconds = 3.0
    machine.plan.adjust(2)
    # 2 seconds a step; 97 seconds are left after those for the results.
    assert machine.plan.steps == 2 + 48


def test_the_steps_that_fit_follow_from_the_speed():
    machine = Machine(expected=7, seconds=100.0)
    machine.seconds = 20.0
    machine.plan.adjust(10)
    # 2 seconds a step; 100 - 20 - 2 seconds for the results are 39 steps more.
    assert machine.plan.steps == 10 + 39


def test_the_end_leaves_time_to_evaluate_and_to_compile_the_evaluation():
    machine = Machine(expected=7, seconds=100.0, evaluation=20)
    machine.seconds = 8.0
    machine.plan.compiled(1, seconds=6.0)
    machine.seconds = 18.0
    machine.plan.adjust(11)
    # 1 second a step; 82 seconds less 6 + 2 and 20 batches of 0.4 seconds are 66.
    assert machine.plan.steps == 11 + 66


def test_the_first_step_does_not_count_as_slow():
    machine = Machine(expected=7, seconds=102.0)
    machine.seconds = 50.0
    machine.plan.compiled(1, seconds=0.0)
    machine.seconds = 60.0
    machine.plan.adjust(11)
    assert machine.plan.steps == 11 + 40


def test_a_job_for_which_too_few_steps_were_expected_does_not_end_early():
    machine = Machine(expected=3, seconds=62.0).run(lambda _: 1.0)
    # 2 of the seconds are for the results, and compiling the evaluation takes as long as a step.
    assert machine.done == 59


def test_an_evaluation_does_not_count_as_slow_steps():
    machine = Machine(expected=7, seconds=102.0)
    machine.seconds = 40.0
    machine.plan.paused(30.0)
    machine.plan.adjust(10)
    # 10 steps in 10 seconds, and 60 seconds are left.
    assert machine.plan.steps == 10 + 60


def test_the_newest_speed_counts_for_three_tenths():
    machine = Machine(expected=7, seconds=1002.0)
    for _ in range(6):  # until windows are as long as they get
        machine.seconds += 10.0
        machine.done += 10
        machine.plan.adjust(machine.done)
    machine.seconds += 20.0
    machine.plan.adjust(70)
    # Steps of 1 second, then of 2: 0.7 * 1 + 0.3 * 2 = 1.3 seconds; 920 / 1.3 are 707.7.
    assert machine.plan.steps == 70 + 708


def test_the_plan_is_adjusted_soon_after_an_evaluation():
    machine = Machine(expected=7, seconds=1000.0)
    machine.plan.compiled(1, 0.0)
    machine.plan.paused(5.0)
    assert machine.plan.due()


def test_without_any_time_left_no_step_is_left():
    machine = Machine(expected=100, seconds=10.0)
    for done in range(10, 15):  # until windows are as long as they get
        machine.seconds += 10.0
        machine.plan.adjust(done)
    assert machine.plan.steps == 14


def test_what_is_left_of_the_progress_is_spread_evenly_over_the_steps_that_are_left():
    machine = Machine(expected=20, seconds=17.0)
    machine.plan.resume(10, 0.5)
    for done in range(6, 11):  # until windows are as long as they get
        machine.seconds = done
        machine.plan.adjust(done)
    # Half of the progress is left, and time for 5 steps.
    assert machine.plan.advance(10, 5) == pytest.approx([0.55, 0.65, 0.75, 0.85, 0.95])
    assert machine.plan.progress == 1.0


def test_a_machine_much_faster_than_expected_goes_on_to_the_end():
    # 400 steps were expected, and 500 take a second.
    machine = Machine(expected=400, seconds=120.0).run(lambda _: 0.002)
    assert 117.0 <= machine.seconds <= 120.0
    halfway = machine.progress[len(machine.progress) // 2]
    assert halfway == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("expected", [10, 100, 10_000])
def test_the_expected_number_of_steps_hardly_matters(expected):
    machine = Machine(expected, seconds=1000.0).run(lambda _: 1.5)
    assert 1000.0 - 2.0 - 1.5 - 1.5 <= machine.seconds <= 1000.0
    assert machine.plan.progress == 1.0


@pytest.mark.parametrize(("first", "second"), [(0.5, 1.5), (1.5, 0.5)])
def test_it_keeps_to_the_time_if_the_machine_gets_slower_or_faster(first, second):
    machine = Machine(expected=1000, seconds=1000.0)
    machine.run(lambda _: first if machine.seconds < 400.0 else second)
    assert 990.0 <= machine.seconds <= 1000.0
    assert machine.plan.progress == 1.0


def test_the_progress_rises_with_each_step():
    machine = Machine(expected=300, seconds=1000.0)
    machine.run(lambda _: 0.5 if machine.seconds < 400.0 else 1.5)
    assert all(before < after for before, after in pairwise(machine.progress))
    assert machine.progress[-1] < 1.0


def test_a_resumed_job_has_as_many_steps_as_its_progress_says():
    # It had grown from 100 steps to 1000.
    machine = Machine(expected=100, seconds=1000.0)
    machine.plan.resume(500, 0.5)
    assert (machine.plan.steps, machine.plan.progress) == (1000, 0.5)


def test_a_job_without_progress_begins_with_the_expected_steps():
    machine = Machine(expected=100, seconds=1000.0)
    machine.plan.resume(0, 0.0)
    assert (machine.plan.steps, machine.plan.progress) == (100, 0.0)


def test_a_complete_job_has_no_steps_left():
    machine = Machine(expected=100, seconds=1000.0)
    machine.plan.resume(250, 1.0)
    assert machine.plan.steps == 250


def test_a_resumed_job_takes_the_time_that_is_left():
    machine = Machine(expected=100, seconds=1000.0)
    machine.seconds, machine.done = 400.0, 300
    machine.plan.resume(300, 0.4)
    machine.run(lambda _: 2.0)
    assert 990.0 <= machine.seconds <= 1000.0
    assert machine.plan.progress == 1.0


@given(
    st.integers(1, 200), st.floats(1, 100), st.lists(st.floats(0.01, 20), min_size=1, max_size=9)
)
def test_it_ends_whatever_steps_take(expected, seconds, durations):
    machine = Machine(expected, seconds)
    machine.run(lambda number: durations[number % len(durations)])
    # It notices that the time is over after a whole window, and before it are four shorter ones;
    # steps go beyond all of them.
    window = max(2.0, seconds / 100)
    assert machine.seconds <= seconds + 4.0 + window + 6 * max(durations)
    assert 0.0 < machine.plan.progress <= 1.0


# reading of images


def test_up_to_a_quarter_of_the_time_is_for_reading_images():
    assert seconds_to_end(60.0, reading=15.0) == 60.0


def test_longer_reading_leaves_three_quarters_of_the_time():
    assert seconds_to_end(60.0, reading=200.0) == 200.0 + 45.0
