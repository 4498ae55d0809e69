"""The lines that a display rewrites."""

import pytest

from nac.display.job_events import Begun, Working
from nac.display.run_events import Planned, Stage, StagePlan
from nac.display.run_progress import RunProgress
from nac.display.status import job_name, status_lines, step_text
from tests.display.events import step

STAGES = (StagePlan("iteration 0", images=1000), StagePlan("final", images=3000))


def progress(*shown, minutes=2.0):
    """A run of two jobs in two minutes, and what its first job was seen to do."""
    run = RunProgress(lambda: 30.0)
    run.update(Planned(STAGES, minutes, seconds_before=30.0))
    run.update(Stage("iteration 0", "iteration 0 of 1"))
    run.update(Begun(), "runs/a/000")
    for event in shown:
        run.update(event, "runs/a/000")
    return run


def test_all_that_is_known_of_steps():
    assert step_text(step()) == (
        "step 25/100  loss 1.2500  accuracy 0.500  1,234 images/s  1:01 left"
    )


@pytest.mark.parametrize(
    ("room", "run", "job"),
    [
        (
            90,
            "run  [#####...............]  25%  iteration 0 of 1  job 1 of 2  1:30 left",
            "000  [####..........]  step 25/100  accuracy 0.500  1,234 images/s  loss 1.2500"
            "  1:01 left",
        ),
        (
            50,
            "run  25%  iteration 0 of 1  job 1 of 2  1:30 left",
            "000  [#..]  step 25/100  accuracy 0.500  1:01 left",
        ),
        (40, "run  25%  iteration 0 of 1  1:30 left", "000  [##.......]  step 25/100  1:01 left"),
        (24, "run  25%  1:30 left", "000  [##....]  1:01 left"),
    ],
)
def test_there_is_a_line_for_the_run_and_one_for_its_job(room, run, job):
    assert status_lines(progress(step()), 30.0, room) == [run, job]


def test_what_has_no_steps_is_counted_up():
    lines = status_lines(progress(Working("compiling")), 42.4, 40)
    assert lines[1] == "000  compiling … 12 s"


def test_time_that_is_estimated_is_said_to_be():
    run = RunProgress(lambda: 0.0)
    run.update(Planned((StagePlan("final", 2, seconds=40.0),)))
    assert status_lines(run, 0.0, 60)[0].endswith("  about 1:20 left")


def test_time_that_is_not_known_is_left_out():
    run = RunProgress(lambda: 0.0)
    run.update(Planned(STAGES))
    assert status_lines(run, 0.0, 60) == ["run  [....................]  0%  job 1 of 2"]


def test_an_estimate_that_is_over_is_left_out():
    run = RunProgress(lambda: 0.0)
    run.update(Planned((StagePlan("final", 2, seconds=0.2),)))
    assert "left" not in status_lines(run, 0.0, 60)[0]


def test_names_leave_room_for_the_rest():
    run = RunProgress(lambda: 0.0)
    run.update(Planned((StagePlan("jobs", 4),)))
    run.update(Begun(), "comparison/constructed/seed0")
    assert [len(line.split("  ")[0]) for line in status_lines(run, 0.0, 60)] == [3, 17]
    assert status_lines(run, 0.0, 60)[0].startswith("run" + 12 * " " + "  [")


def test_a_single_job_has_no_line_of_the_run():
    run = RunProgress(lambda: 0.0)
    run.update(Begun(), "out")
    assert status_lines(run, 3.0, 60) == ["out  starting … 3 s"]


def test_nothing_runs_nothing_is_shown():
    assert status_lines(RunProgress(lambda: 0.0), 0.0, 60) == []


def test_jobs_beside_each_other_have_a_line_each_below_each_other():
    run = RunProgress(lambda: 0.0)
    run.update(Begun(), "rung1/a")
    run.update(Begun(), "rung1/taylor")
    run.update(Planned((StagePlan("rung", 4),)))
    assert [line[:8] for line in status_lines(run, 0.0, 60)] == ["run     ", "a       ", "taylor  "]


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("runs/a/001", "001"),
        ("runs/a/000/children/rung1/taylor", "taylor"),
        ("runs/a/comparison/prior/seed0", "prior/seed0"),
        ("seed0", "seed0"),
    ],
)
def test_a_job_is_named_by_its_directory(directory, name):
    assert job_name(directory) == name
