"""What a job goes back to when its loss stops being finite."""

import numpy as np
import pytest

from nac.runs.result import Retry
from nac.training.checkpoints import Checkpoints
from nac.training.retries import Retries
from nac.utils.errors import LossError
from tests.training.examples import make_steps

MESSAGE = "the loss is nan"


class Job:
    """A job of 1000 steps, whose weights are all the number of the step.

    Args:
        folder: Its checkpoints.
        most: Number of retries.
    """

    def __init__(self, folder, most=2):
        self.steps = make_steps()
        self.checkpoints = Checkpoints(folder, self.steps, 60.0)
        self.start = self.checkpoints.restore()
        self.retries = Retries(self.checkpoints, self.steps.variables, most, 1000)

    def keep(self, *steps):
        for step in steps:
            self.set_weights(step)
            self.retries.keep(step, 1.0, step / 1000)

    def set_weights(self, value):
        for weight in self.steps.weights:
            weight.assign(np.full(weight.shape, value))

    def weight(self):
        return float(self.steps.weights[0].numpy().max())

    def fail(self, step):
        return self.retries.go_back(LossError(MESSAGE, step))


def test_states_are_kept_after_a_twentieth_of_the_steps(tmp_path):
    retries = Job(tmp_path).retries
    assert [step for step in range(1, 151) if retries.due(step)] == [50, 100, 150]


def test_a_job_goes_back_to_the_newest_state(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50)
    job.set_weights(np.nan)
    assert job.fail(60) == (
        "note: the loss stopped being finite at step 60; retry 1 of 2 goes on after step 50 with"
        " 0.5 times the learning rate"
    )
    assert job.weight() == 50.0
    assert job.retries.done == (Retry(60, 50),)


def test_a_state_that_is_not_finite_is_not_kept(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50)
    job.keep(np.nan)
    job.fail(60)
    assert job.retries.done == (Retry(60, 50),)


def test_a_retry_that_fails_before_the_next_state_goes_back_further(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50, 100)
    job.fail(120)
    job.fail(130)
    assert job.retries.done == (Retry(120, 100), Retry(130, 50))
    assert job.retries.rate_factor == 0.25


def test_a_retry_that_fails_later_goes_back_to_its_own_state(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50)
    job.fail(60)
    job.keep(100)
    job.fail(120)
    assert job.retries.done == (Retry(60, 50), Retry(120, 100))


def test_after_the_last_retry_the_job_fails(tmp_path):
    job = Job(tmp_path, most=1)
    job.keep(0, 50)
    job.fail(60)
    with pytest.raises(LossError, match=MESSAGE):
        job.fail(70)


def test_the_oldest_state_serves_more_than_once(tmp_path):
    job = Job(tmp_path)
    job.keep(0)
    job.fail(10)
    job.fail(20)
    assert job.retries.done == (Retry(10, 0), Retry(20, 0))


def test_without_a_state_the_job_fails(tmp_path):
    with pytest.raises(LossError, match=MESSAGE):
        Job(tmp_path).fail(10)


def test_a_killed_job_knows_its_retries(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50)
    job.checkpoints.save(55, 1.0, 0.055)
    job.fail(60)
    again = Job(tmp_path)
    assert (again.start, again.weight()) == (50, 50.0)
    assert again.retries.done == (Retry(60, 50),)
    assert again.retries.rate_factor == 0.5


def test_states_after_the_step_at_which_a_job_is_resumed_come_again(tmp_path):
    job = Job(tmp_path)
    job.keep(0, 50)
    job.checkpoints.save(70, 1.0, 0.07)
    job.keep(100)
    again = Job(tmp_path)
    again.fail(120)
    assert again.retries.done == (Retry(120, 50),)
