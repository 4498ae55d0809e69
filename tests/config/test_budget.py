"""The ``budget`` section."""

import pytest

from nac.config import Budget, experiment_to_dict, parse_experiment
from nac.utils.files import read_structured
from tests.builders import assert_says, input_error
from tests.experiments import small, write


def parsed(**budget):
    return parse_experiment({**small(), "budget": budget}, "e.yaml").budget


def test_without_the_section_there_is_no_budget():
    experiment = parse_experiment(small(), "e.yaml")
    assert experiment.budget is None
    assert "budget" not in experiment_to_dict(experiment)


def test_each_key_may_be_left_out():
    assert parsed() == Budget()
    assert parsed(flops=5) == Budget(flops=5.0)


def test_it_is_written_without_the_limits_that_it_lacks():
    value = {**small(), "budget": {"parameters": 5, "minutes": 1.5}}
    assert experiment_to_dict(parse_experiment(value, "e.yaml"))["budget"] == value["budget"]


def test_numbers_may_be_written_with_an_exponent(tmp_path):
    path = write(tmp_path / "e.yaml", small())
    path.write_text(path.read_text() + "budget: {parameters: 1e5, flops: 20e6, size_kib: 4E2}\n")
    assert parse_experiment(read_structured(path), "e.yaml").budget == Budget(
        parameters=100_000, flops=20_000_000.0, size_kib=400.0
    )


@pytest.mark.parametrize("value", [0, 1.5, "1e5", True, None])
def test_parameters_are_a_whole_number_from_one(value):
    text = input_error(lambda: parsed(parameters=value))
    assert_says(text, "e.yaml: budget.parameters: expected an integer >= 1", f"received {value!r}")


@pytest.mark.parametrize("key", ["flops", "size_kib", "step_ms", "minutes"])
@pytest.mark.parametrize("value", [0, -1, "many", float("inf")])
def test_other_limits_are_numbers_above_zero(key, value):
    text = input_error(lambda: parsed(**{key: value}))
    assert_says(text, f"e.yaml: budget.{key}: expected a number > 0", f"received {value!r}")


def test_an_unknown_key_is_an_error():
    text = input_error(lambda: parsed(parameter=5))
    assert_says(text, "budget.parameter: unknown key (did you mean 'parameters'?)")
