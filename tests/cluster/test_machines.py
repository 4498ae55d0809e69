"""Where jobs run, as flags say."""

import pytest

from nac.cluster.machines import Machines, opened_executor
from nac.display.display import Display
from nac.runs.executors import LocalExecutor
from tests.builders import input_error


def open_it(*arguments):
    with opened_executor(*arguments, Display()) as executor:
        return executor


def test_jobs_run_on_this_machine_by_default():
    assert isinstance(open_it(Machines(), None), LocalExecutor)


def test_an_unknown_executor_is_refused():
    assert input_error(Machines, "dask") == "--executor: expected local or ray, received 'dask'"


@pytest.mark.parametrize(
    ("flag", "values"), [("ray_address", ("head:6379", None)), ("cores_per_job", (None, 1))]
)
def test_what_is_about_ray_needs_ray(flag, values):
    text = f"--{flag}: expected --executor=ray as well, received --executor=local"
    assert input_error(Machines, "local", *values) == text


def test_ray_does_not_choose_the_workers_of_one_job():
    assert input_error(open_it, Machines("ray"), "multi_worker") == (
        "--executor: expected local with --strategy=multi_worker, whose workers are not chosen by"
        " Ray, received ray"
    )
