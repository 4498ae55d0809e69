"""How far a run is."""

import pytest

from nac.display.job_events import (
    Begun,
    Compiled,
    Evaluated,
    Failed,
    Lost,
    Note,
    Opened,
    Working,
)
from nac.display.run_events import Planned, Stage, StagePlan
from nac.display.run_progress import RunProgress
from tests.display.events import done, step


class Run:
    """A run and a clock that begins at 0."""

    def __init__(self, *stages, **plan):
        self.now = 0.0
        self.progress = RunProgress(lambda: self.now)
        if stages:
            self.progress.update(Planned(stages, **plan))

    def at(self, now, event=None, job=None):
        self.now = float(now)
        if event:
            self.progress.update(event, job)

    def trained(self, job, begin, end, **changes):
        """Train a job from one time to another."""
        self.at(begin, Begun(), job)
        self.at(end, done(**changes), job)


TWO = (StagePlan("iteration 0", images=1000), StagePlan("final", images=3000))


def started(*stages, **plan):
    """A run whose first job has its first step done after 5 seconds."""
    run = Run(*stages, **plan)
    run.at(0, Begun(), "000")
    run.at(2, Opened("6/1-1/3", "digits", 100, 10, "CPU", 2.0), "000")
    run.at(5, Compiled(1, 100, 3.0), "000")
    return run


class TestPosition:
    def test_it_counts_the_job_that_runs(self):
        run = Run(*TWO)
        assert run.progress.position == (1, 2)
        run.trained("000", 0, 20)
        assert run.progress.position == (2, 2)

    def test_jobs_beside_each_other_count_too(self):
        run = Run(StagePlan("jobs", 4, workers=2))
        run.at(0, Begun(beside=True), "a")
        run.at(0, Begun(beside=True), "b")
        assert run.progress.position == (2, 4)

    def test_a_stage_that_begins_ends_those_before_it(self):
        """A tournament that was decided before has no jobs any more."""
        run = Run(StagePlan("iteration 0"), StagePlan("rung", 6), StagePlan("iteration 1"))
        run.trained("000", 0, 20)
        run.at(20, Stage("iteration 1", "iteration 1 of 2"))
        assert run.progress.position == (8, 8)
        assert run.progress.title == "iteration 1 of 2"

    def test_a_run_is_over_when_all_jobs_have_ended(self):
        run = Run(StagePlan("jobs", 2))
        run.trained("a", 0, 20)
        assert not run.progress.is_over
        run.at(20, Begun(), "b")
        run.at(30, Failed("no memory"), "b")
        assert run.progress.is_over

    def test_without_a_plan_nothing_is_said(self):
        run = Run()
        run.at(0, Begun(), "000")
        progress = run.progress
        assert (progress.position, progress.share(), progress.seconds_left()) == (None, None, None)
        assert progress.values() is None


class TestShare:
    def test_it_is_that_of_the_images(self):
        run = started(*TWO)
        run.at(10, step(50, 100), "000")
        assert run.progress.share() == 500 / 4000
        run.at(15, done(), "000")
        assert run.progress.share() == 1000 / 4000

    def test_it_is_that_of_the_jobs_if_their_images_are_not_known(self):
        run = Run(StagePlan("jobs", 4))
        run.trained("a", 0, 20)
        assert run.progress.share() == 0.25

    def test_within_a_number_of_minutes_it_is_that_of_the_time(self):
        run = Run(*TWO, minutes=2.0, seconds_before=10.0)
        run.at(20)
        assert run.progress.share() == 30 / 120


class TestSecondsLeft:
    def test_they_are_not_known_before_the_speed_is(self):
        run = started(*TWO)
        assert run.progress.seconds_left() is None

    def test_they_are_those_of_the_job_and_of_the_jobs_to_come(self):
        run = started(*TWO)
        run.at(10, step(50, 100, images_per_second=100.0, seconds_left=5.0), "000")
        # The next job takes 5 seconds to start, as this one did, and 30 for 3000 images.
        assert run.progress.seconds_left() == 5 + 5 + 30

    def test_they_count_down(self):
        run = started(*TWO)
        run.at(10, step(50, 100, images_per_second=100.0, seconds_left=5.0), "000")
        run.at(12)
        assert run.progress.seconds_left() == 3 + 5 + 30

    def test_a_job_that_is_done_shows_what_it_took_besides_its_steps(self):
        run = Run(*TWO)
        run.trained("000", 0, 18, seconds=10.0, images_per_second=100.0)
        run.at(18, Stage("final", "final training"))
        run.at(18, Begun(), "final")
        assert run.progress.seconds_left() == 8 + 30
        run.at(20, Working("compiling"), "final")
        assert run.progress.seconds_left() == 8 + 30 - 2

    def test_what_a_job_does_after_its_steps_counts_once_it_was_seen(self):
        run = started(*TWO)
        run.at(18, done(seconds=10.0, images_per_second=100.0), "000")  # 5 s before, 3 after
        run.at(18, Stage("final", "final training"))
        run.at(18, Begun(), "final")
        run.at(30, step(50, 100, images_per_second=100.0, seconds_left=15.0), "final")
        assert run.progress.seconds_left() == 15 + 3
        run.at(46, Working("evaluating"), "final")
        assert run.progress.seconds_left() == 2

    def test_jobs_side_by_side_share_the_time(self):
        run = Run(StagePlan("iteration 0", images=1000), StagePlan("rung", 4, 500, workers=2))
        run.trained("000", 0, 18, seconds=10.0, images_per_second=100.0)
        run.at(18, Stage("rung", "rung"))
        assert run.progress.seconds_left() == (8 + 5) * 4 / 2

    def test_a_limit_in_seconds_is_known_from_the_start(self):
        run = Run(StagePlan("iteration 0", seconds=40.0), StagePlan("final", seconds=300.0))
        assert run.progress.seconds_left() == 340
        run.at(0, Begun(), "000")
        run.at(30)
        assert run.progress.seconds_left() == 310

    def test_minutes_are_what_they_are(self):
        run = Run(*TWO, minutes=2.0, seconds_before=10.0)
        run.at(20)
        assert run.progress.seconds_left() == 90
        assert not run.progress.is_estimate

    def test_a_job_that_exceeds_the_minutes_still_has_its_time(self):
        run = started(*TWO, minutes=1.0)
        run.at(58, step(50, 100, seconds_left=10.0), "000")
        assert run.progress.seconds_left() == 10

    def test_jobs_of_unknown_length_take_as_long_as_those_before(self):
        run = Run(StagePlan("jobs", 4))
        run.trained("a", 0, 20)
        assert run.progress.seconds_left() == 60

    def test_jobs_that_were_done_before_say_nothing_about_the_time(self):
        run = Run(StagePlan("jobs", 4))
        run.at(1, done(before=True), "a")
        assert run.progress.seconds_left() is None
        assert run.progress.share() == 0.25


class TestJobs:
    def test_one_that_has_ended_is_gone(self):
        run = started(*TWO)
        assert list(run.progress.jobs) == ["000"]
        run.at(20, done(), "000")
        assert run.progress.jobs == {}

    def test_what_it_does_is_timed_until_a_step(self):
        run = Run(*TWO)
        run.at(3, Begun(), "000")
        run.at(5, Working("compiling"), "000")
        job = run.progress.jobs["000"]
        assert (job.doing, job.since) == ("compiling", 5)
        run.at(9, Compiled(1, 100, 4.0), "000")
        assert (job.doing, job.step, job.steps, job.before_steps) == (None, 1, 100, 6)

    def test_an_evaluation_ends_with_its_score(self):
        run = started(*TWO)
        run.at(9, Working("evaluating"), "000")
        run.at(11, Evaluated(50, 100, "test", 0.5, 1.0), "000")
        assert run.progress.jobs["000"].doing is None

    def test_a_note_about_the_run_is_no_job(self):
        run = Run(*TWO)
        run.at(0, Note("careful"))
        assert run.progress.jobs == {}


def test_machines_get_position_share_and_seconds():
    run = started(*TWO)
    run.at(10, step(50, 100, images_per_second=100.0, seconds_left=5.0), "000")
    expected = {"job": 1, "jobs": 2, "share": 0.125, "seconds_left": pytest.approx(40)}
    assert run.progress.values() == expected


def test_a_job_whose_machine_is_lost_has_no_speed_until_it_continues():
    run = started(*TWO)
    run.at(6, step(25, 100), "000")
    run.at(7, Lost("far", 1, 4), "000")
    job = run.progress.jobs["000"]
    assert (job.doing, job.since, job.left(8)) == ("lost", 7.0, None)
    run.at(20, step(25, 100), "000")
    assert job.doing is None
