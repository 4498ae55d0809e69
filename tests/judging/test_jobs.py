"""The jobs of a judgement."""

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.judging.jobs import Changes, judged_jobs, run_experiment
from nac.runs.result import write_result
from nac.utils.files import read_json, write_json
from tests.builders import assert_says, input_error
from tests.experiments import training
from tests.finished_runs import write_run
from tests.results import job_result

HELD_OUT = {"validation_share": 0.25, "seed": 5}


@pytest.fixture
def run(tmp_path):
    """Return a run directory with a job whose parameters a test chooses."""

    def write(**parameters):
        job = parse_experiment(training(parameters=parameters), "job.json")
        (tmp_path / "002").mkdir()
        write_json(tmp_path / "002" / "job.json", experiment_to_dict(job))
        return tmp_path

    return write


def test_without_changes_it_is_the_iterations_training_without_test_images(run):
    jobs = judged_jobs(run(**HELD_OUT), 2, Changes())
    assert list(jobs) == [5]
    parameters = jobs[5].parameters
    assert (parameters.seed, parameters.validation_share, parameters.steps) == (5, 0.25, 12)
    assert not parameters.score_test
    assert not parameters.branch_gates


def test_a_job_that_was_limited_in_seconds_takes_as_many_steps_as_it_took(run):
    path = run(seconds=60.0, **HELD_OUT)
    write_result(path / "002", job_result(steps=345))
    parameters = judged_jobs(path, 2, Changes())[5].parameters
    assert (parameters.seconds, parameters.steps) == (None, 345)


def test_such_a_job_must_be_done(run):
    text = input_error(judged_jobs, run(seconds=60.0, **HELD_OUT), 2, Changes())
    assert_says(text, "002: not finished; expected an iteration that is done")


def test_each_seed_has_a_job(run):
    jobs = judged_jobs(run(**HELD_OUT), 2, Changes(seeds=[3, 1]))
    assert [(seed, job.parameters.seed) for seed, job in jobs.items()] == [(3, 3), (1, 1)]


def test_a_share_and_gates_may_be_asked_for(run):
    jobs = judged_jobs(run(), 2, Changes(validation_share=0.5, branch_gates=True))
    assert jobs[0].parameters.validation_share == 0.5
    assert jobs[0].parameters.branch_gates


def test_gates_of_the_run_stay_and_may_be_taken_away(run):
    path = run(branch_gates=True, **HELD_OUT)
    assert judged_jobs(path, 2, Changes())[5].parameters.branch_gates
    without = Changes(branch_gates=False)
    assert not judged_jobs(path, 2, without)[5].parameters.branch_gates


@pytest.mark.parametrize("changes", [Changes(), Changes(validation_share=0.0)])
def test_without_held_out_images_there_is_no_judgement(run, changes):
    text = input_error(judged_jobs, run(), 2, changes)
    assert_says(text, "002/job.json: parameters.validation_share", "--validation_share=0.2")


def test_a_missing_iteration_is_named(run):
    text = input_error(judged_jobs, run(), 7, Changes())
    assert_says(text, "007/job.json", "expected iteration 7 of a run")


def test_what_the_iteration_removes_while_it_trains_stays(run):
    path = run(**HELD_OUT)
    pruning = {"rounds": 1, "begin": 0.5, "end": 0.5, "candidates": 1, "ranking": "mean_square"}
    groups = [{"members": ["1/Branch1", "1/Branch2"], "remove": 1}]
    job = read_json(path / "002" / "job.json")
    job["pruning"] = {**pruning, "images": 9, "groups": groups}
    write_json(path / "002" / "job.json", job)
    assert judged_jobs(path, 2, Changes())[5].pruning is None


def test_a_run_says_how_its_networks_are_constructed(tmp_path):
    write_run(tmp_path)
    assert run_experiment(tmp_path).envelopenet.stages == 2


def test_what_is_no_run_cannot_be_retrained(tmp_path):
    text = input_error(run_experiment, tmp_path)
    assert_says(text, f"{tmp_path}/experiment.yaml: no such file", "expected the run directory")


def test_what_inherited_weights_starts_from_scratch(run):
    path = run(**HELD_OUT)
    job = read_json(path / "002" / "job.json")
    layers = [None] * len(job["arch"]["network"])
    job["inherit"] = {"weights": "../001/weights.npz", "arch": job["arch"], "layers": layers}
    write_json(path / "002" / "job.json", job)
    assert judged_jobs(path, 2, Changes())[5].inherit is None
