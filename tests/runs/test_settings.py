"""What flags change in an experiment."""

import numpy as np
import pytest

from nac.config import Budget, parse_experiment
from nac.display.display import PlainDisplay
from nac.runs.settings import (
    checked_budget,
    checked_seed,
    with_budget,
    with_ranking,
    with_seed,
    with_split,
    with_time_plan,
)
from nac.utils.errors import InputError
from tests.builders import input_error
from tests.config.examples import ENVELOPENET

CONTENT = {
    "parameters": {"dataset": "digits", "steps": 9, "batch_size": 4, "iterations": 3},
    "budget": {"parameters": 1000},
    "envelopenet": ENVELOPENET,
    "final_training": {"steps": 20},
}


@pytest.fixture
def experiment():
    return parse_experiment(CONTENT, "try.yaml")


def test_the_seed_is_that_of_all_trainings(experiment):
    changed = with_seed(experiment, 7)
    assert (changed.recipe.parameters.seed, changed.final.parameters.seed) == (7, 7)


def test_what_is_not_given_stays(experiment):
    assert with_ranking(with_seed(experiment, None), None) is experiment
    assert with_budget(experiment, {"minutes": None}) is experiment
    assert with_time_plan(experiment, train_final=True) is experiment
    assert with_split(experiment, "test") is experiment


def test_a_limit_replaces_that_of_the_file_and_leaves_others(experiment):
    changed = with_budget(experiment, {"max_parameters": 500, "minutes": 4.0, "max_flops": None})
    assert changed.budget == Budget(parameters=500, minutes=4.0)
    assert with_budget(experiment, {"minutes": 4.0}).budget == Budget(parameters=1000, minutes=4.0)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({"max_parameters": 0.0}, "--max_parameters: expected an integer >= 1, received 0"),
        (
            {"minutes": np.float32(-1)},
            "--minutes: expected a number > 0, received np.float32(-1.0)",
        ),
        (
            {"minutes": 1e300},
            "--minutes: expected a number > 0 and <= 1.66667e+06, received 1e+300",
        ),
        ({"max_parameters": 1.5}, "--max_parameters: expected an integer >= 1, received 1.5"),
        ({"minutes": 0}, "--minutes: expected a number > 0, received 0"),
        ({"max_flops": "many"}, "--max_flops: expected a number > 0, received 'many'"),
    ],
)
def test_a_limit_must_be_a_positive_number(budget, message):
    assert input_error(checked_budget, budget) == message


def test_limits_of_numpy_become_those_of_python():
    budget = {"max_parameters": np.int64(3), "minutes": np.float32(0.5), "max_flops": None}
    checked = checked_budget(budget)
    assert checked == {"max_parameters": 3, "minutes": 0.5, "max_flops": None}
    assert [type(value) for value in checked.values()] == [int, float, type(None)]


def test_a_number_of_parameters_may_be_written_as_a_float():
    assert repr(checked_budget({"max_parameters": 1e5})) == "{'max_parameters': 100000}"


@pytest.mark.parametrize(("seed", "checked"), [(np.int64(3), 3), (0, 0), (2**53, 2**53)])
def test_a_seed_is_an_integer_of_python_or_numpy(seed, checked):
    assert (checked_seed(seed), type(checked_seed(seed))) == (checked, int)
    assert checked_seed(None) is None


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (-1, ">= 0, received -1"),
        ("a", ">= 0, received 'a'"),
        (1.5, ">= 0, received 1.5"),
        (True, ">= 0, received True"),
        (np.arange(2), ">= 0, received array([0, 1])"),
        (10**20 - 1, ">= 0 and <= 9007199254740992, received 99999999999999999999"),
    ],
)
def test_another_seed_is_one_line(seed, message):
    assert input_error(checked_seed, seed) == f"--seed: expected an integer {message}"


def test_minutes_become_the_seconds_of_each_training(experiment, capsys):
    in_time = with_budget(experiment, {"minutes": 10.0})
    changed = with_time_plan(in_time, train_final=True, display=PlainDisplay())
    # 580 seconds without starts and ends; a quarter is for the iterations.
    assert changed.parameters.seconds == 48.333
    assert changed.final.parameters.seconds == 435.0
    assert capsys.readouterr().out.startswith("plan for 10 minutes: 3 x 0:48 for iterations")


def test_trainings_that_choose_a_network_have_their_part_of_the_minutes(capsys):
    content = {
        **CONTENT,
        "budget": {"minutes": 20},
        "envelopenet": {**ENVELOPENET, "policy": "tournament", "children": 4},
    }
    content["parameters"] = {**CONTENT["parameters"], "iterations": 1}
    in_time = parse_experiment(content, "try.yaml")
    changed = with_time_plan(in_time, train_final=True, display=PlainDisplay())
    # A quarter of 1182 seconds are 3 x 74.5 and 6 x 12 seconds, as four and two networks follow.
    assert changed.parameters.seconds == 74.5
    assert changed.final.parameters.seconds == 886.5
    assert capsys.readouterr().out.startswith("plan for 20 minutes: 1 x 1:14 for iterations")


def test_an_unknown_split_is_one_line(experiment):
    with pytest.raises(InputError, match="--split: expected one of test, validation, received 'x'"):
        with_split(experiment, "x")
