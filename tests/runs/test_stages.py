"""What a construction does in all."""

from dataclasses import replace

import pytest

from nac.config import Budget, parse_experiment
from nac.display.run_events import StagePlan
from nac.runs.result import write_result
from nac.runs.stages import construction_plan, iteration_stage, rung_stage
from tests.experiments import small
from tests.results import job_result


def experiment(**changes):
    return parse_experiment(small(**changes), "experiment.yaml")


def test_iterations_and_the_full_training_have_as_many_images_as_their_steps(tmp_path):
    plan = construction_plan(experiment(), tmp_path, train_final=True)
    assert plan.stages == (
        StagePlan("iteration 0", images=12 * 16),
        StagePlan("iteration 1", images=12 * 16),
        StagePlan("final", images=8 * 16),
    )
    assert plan.minutes is None


def test_without_a_full_training_the_iterations_are_all(tmp_path):
    plan = construction_plan(experiment(), tmp_path, train_final=False)
    assert [stage.name for stage in plan.stages] == ["iteration 0", "iteration 1"]


def test_tournaments_follow_the_iterations(tmp_path):
    settings = {"policy": "tournament", "children": 4}
    one = experiment(envelopenet=settings, parameters={"iterations": 1})
    plan = construction_plan(one, tmp_path, train_final=False, workers=3)
    assert plan.stages == (
        StagePlan("iteration 0", images=12 * 16),
        StagePlan("iteration 0, rung 1", 4, images=3 * 16, workers=3),
        StagePlan("iteration 0, rung 2", 2, images=6 * 16, workers=2),
    )


@pytest.fixture
def in_time():
    """An experiment of 8 minutes, with iterations of 60 seconds and a full training of 300."""
    value = small()
    value["parameters"]["seconds"] = 60.0
    value["final_training"]["seconds"] = 300.0
    return replace(parse_experiment(value, "experiment.yaml"), budget=Budget(minutes=8.0))


def test_jobs_that_are_limited_in_time_have_seconds(in_time, tmp_path):
    plan = construction_plan(in_time, tmp_path, train_final=True)
    assert [(stage.images, stage.seconds) for stage in plan.stages] == [
        (None, 60.0),
        (None, 60.0),
        (None, 300.0),
    ]


def test_time_that_was_used_before_counts(in_time, tmp_path):
    assert construction_plan(in_time, tmp_path, train_final=True).seconds_before == 0.0
    write_result(tmp_path / "000", job_result(elapsed_seconds=61.0))
    plan = construction_plan(in_time, tmp_path, train_final=True)
    # The first job begins after 8 seconds, and a second passes until the next one.
    assert (plan.minutes, plan.seconds_before) == (8.0, 8.0 + 61.0 + 1.0)


def test_a_stage_is_named_by_number_or_directory():
    assert iteration_stage(0) == iteration_stage("000") == "iteration 0"
    assert rung_stage("010", 2) == "iteration 10, rung 2"
