"""How long a run took."""

from nac.config import load_experiment
from nac.runs.duration import job_seconds, run_seconds
from nac.runs.result import write_result
from tests.plots.run_directories import write_run
from tests.results import job_result


def seconds(run):
    return run_seconds(run, load_experiment(str(run / "experiment.yaml")))


def test_a_job_takes_what_it_took_as_a_whole():
    assert job_seconds(job_result(seconds=10.0, elapsed_seconds=14.5)) == 14.5


def test_of_an_old_job_only_the_training_is_known():
    assert job_seconds(job_result(seconds=10.0)) == 10.0


def test_a_run_takes_its_jobs_and_what_is_before_and_between_them(tmp_path):
    run = write_run(tmp_path)
    for name, elapsed in (("000", 10.0), ("001", 20.0), ("final", 40.0)):
        write_result(run / name, job_result(elapsed_seconds=elapsed))
    # 8 s until the first job begins, and 1 s for each.
    assert seconds(run) == 81.0


def test_without_its_full_training_a_run_has_not_ended(tmp_path):
    assert seconds(write_run(tmp_path, final=False)) is None


def test_without_all_iterations_it_has_not_ended_either(tmp_path):
    run = write_run(tmp_path)
    (run / "001" / "statistics.json").unlink()
    assert seconds(run) is None
