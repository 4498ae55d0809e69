"""How a construction spends its minutes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.config import parse_experiment
from nac.construction.time_plan import TimePlan, expected_steps, planned, seconds_left, time_plan
from nac.construction.tournament import rungs
from nac.utils.errors import InputError

CONTENT = {
    "parameters": {"dataset": "digits", "steps": 9, "batch_size": 4, "iterations": 3},
    "final_training": {"steps": 20},
}


def test_a_quarter_is_for_the_iterations_and_the_rest_for_the_full_training():
    # 600 seconds, without 8 to start, 8 for the report and 1 between each of 5 trainings: 579.
    plan = time_plan(10, iterations=4, train_final=True, place="try.yaml")
    assert plan == TimePlan(10, 4, search_seconds=36.188, final_seconds=434.25, wanted=4)


def test_without_a_full_training_everything_is_for_the_iterations():
    assert time_plan(4, iterations=4, train_final=False, place="").search_seconds == 55.0


def test_there_are_fewer_iterations_if_they_would_be_too_short():
    # 4 minutes have 221 seconds for 2 iterations, a quarter of which is 27.625 for each.
    assert time_plan(4, iterations=4, train_final=True, place="").iterations == 1


def test_a_single_iteration_has_a_tenth():
    # 10 minutes have 582 seconds for it and the full training.
    plan = time_plan(10, iterations=1, train_final=True, place="")
    assert (plan.search_seconds, plan.final_seconds) == (58.2, 523.8)


def test_an_iteration_has_half_a_minute_even_if_that_is_more_than_a_tenth():
    # 4 minutes have 222 seconds for it and the full training.
    plan = time_plan(4, iterations=1, train_final=True, place="")
    assert (plan.search_seconds, plan.final_seconds) == (30.0, 192.0)


def test_too_little_time_for_one_iteration_is_one_line():
    with pytest.raises(InputError) as error:
        time_plan(0.5, iterations=4, train_final=True, place="try.yaml: budget.minutes")
    assert str(error.value) == (
        "try.yaml: budget.minutes: expected at least 2.3, for one iteration and a full training,"
        " received 0.5"
    )


def test_the_line_says_if_no_full_training_is_wanted():
    with pytest.raises(InputError, match=r"at least 0\.8, for one iteration, received 0\.5"):
        time_plan(0.5, iterations=4, train_final=False, place="try.yaml: budget.minutes")


RUNGS = [(4, 0.25), (2, 0.5)]
"""Six trainings that take as long as two whole ones, and 12 seconds each to start."""


def test_trainings_that_choose_a_network_have_their_time_without_a_full_training():
    # 10 minutes have 583 seconds for one iteration: three trainings and 6 x 12 seconds.
    plan = time_plan(10, iterations=1, train_final=False, place="", rungs=RUNGS)
    assert plan == TimePlan(10, 1, search_seconds=170.333, final_seconds=0.0, wanted=1)


def test_trainings_that_choose_a_network_share_the_quarter_of_the_iterations():
    # 20 minutes have 1182 seconds, a quarter of which is 295.5: 3 x 74.5 and 6 x 12 seconds.
    plan = time_plan(20, iterations=1, train_final=True, place="", rungs=RUNGS)
    assert (plan.search_seconds, plan.final_seconds) == (74.5, 886.5)


def test_there_are_fewer_iterations_if_their_choices_take_too_long():
    # 20 minutes have 1181 seconds for two iterations: 147.6 for each, of which 72 are for starts.
    plan = time_plan(20, iterations=2, train_final=True, place="", rungs=RUNGS)
    assert (plan.iterations, plan.search_seconds) == (1, 74.5)


def test_too_little_time_for_a_choice_is_one_line():
    # 18 seconds, and four times 3 x 30 and 6 x 12 seconds.
    with pytest.raises(
        InputError, match=r"^e: expected at least 11\.1, for one iteration and a full"
    ):
        time_plan(11, iterations=4, train_final=True, place="e", rungs=RUNGS)
    assert time_plan(11.1, 4, train_final=True, place="e", rungs=RUNGS).search_seconds == 30.0


@given(st.integers(12, 10_000), st.integers(1, 12), st.integers(2, 9))
def test_trainings_with_their_choices_fill_the_time(minutes, iterations, children):
    chosen = rungs(min(children, minutes // 4))
    plan = time_plan(minutes, iterations, train_final=True, place="", rungs=chosen)
    units = 1.0 + sum(number * share for number, share in chosen)
    starts = 12.0 * sum(number for number, _ in chosen)
    search = plan.iterations * (units * plan.search_seconds + starts)
    assert 60 * minutes - 30 <= search + plan.final_seconds <= 60 * minutes - 15
    assert search <= plan.final_seconds


@given(st.floats(2.3, 10_000), st.integers(1, 12))
def test_trainings_fill_the_time_and_do_not_exceed_it(minutes, iterations):
    plan = time_plan(minutes, iterations, train_final=True, place="")
    trainings = plan.iterations * plan.search_seconds + plan.final_seconds
    assert 60 * minutes - 30 <= trainings <= 60 * minutes - 15
    assert plan.search_seconds >= 30


def test_the_experiment_is_planned():
    experiment = planned(parse_experiment(CONTENT, "try.yaml"), TimePlan(9, 2, 30.0, 200.0, 2))
    assert experiment.parameters.iterations == 2
    assert experiment.parameters.seconds == 30.0
    assert experiment.final.parameters.seconds == 200.0


def test_an_experiment_without_a_full_training_is_planned():
    experiment = replace(parse_experiment(CONTENT, "try.yaml"), final=None)
    assert planned(experiment, TimePlan(9, 2, 30.0, 0.0, 2)).final is None


def test_without_time_for_it_a_full_training_takes_its_own_steps():
    experiment = planned(parse_experiment(CONTENT, "try.yaml"), TimePlan(9, 2, 30.0, 0.0, 2))
    assert experiment.final.parameters.seconds is None


def test_the_plan_says_how_long_trainings_are():
    assert str(TimePlan(20, 3, 73.0, 884.0, 3)) == (
        "plan for 20 minutes: 3 x 1:13 for iterations, 14:44 for the full training; the number of"
        " steps follows from the speed of this machine"
    )


def test_a_plan_without_a_full_training_does_not_mention_it():
    assert str(TimePlan(20, 3, 73.0, 0.0, 3)).startswith(
        "plan for 20 minutes: 3 x 1:13 for iterations;"
    )


def test_the_plan_says_if_there_are_fewer_iterations_than_wanted():
    assert str(TimePlan(3, 1, 30.0, 132.0, 2)).startswith(
        "plan for 3 minutes: 1 instead of 2 x 0:30"
    )


def test_the_last_training_makes_up_for_the_others():
    assert seconds_left(300.0, late=40.0) == 260.0
    assert seconds_left(300.0, late=-2.0) == 302.0


def test_it_has_half_a_minute_at_least_or_what_was_planned_if_that_is_less():
    assert seconds_left(300.0, late=500.0) == 30.0
    assert seconds_left(20.0, late=5.0) == 20.0


def test_steps_are_expected_from_the_speed():
    assert expected_steps(30.0, images_per_second=640.0, batch_size=64) == 300


def test_at_least_one_step_is_expected():
    assert expected_steps(1.0, images_per_second=1.0, batch_size=64) == 1
