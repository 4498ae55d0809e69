import json
import sys
from dataclasses import replace

import pytest

from nac.config import parse_experiment, training_job
from nac.construction.prior import prior
from nac.runs import jobs
from nac.utils.errors import NacError
from nac.utils.records import to_json
from tests.experiments import small
from tests.results import job_result


@pytest.fixture
def job():
    experiment = parse_experiment(small(), "experiment.yaml")
    network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    return training_job(experiment, network, experiment.recipe)


@pytest.fixture
def script(monkeypatch):
    """Let a job's process run a Python script, with its directory as argument."""

    def use(text):
        def command(path, arguments):
            return [sys.executable, "-c", text, str(path.parent)]

        monkeypatch.setattr(jobs, "job_command", command)

    return use


RESULT = job_result(accuracy=0.5)

WRITE_RESULT = f"""
import json, os, pathlib, sys
value = {to_json(RESULT)}
value["device"] = os.environ.get("GPU", "CPU")
pathlib.Path(sys.argv[1], "statistics.json").write_text(json.dumps(value))
"""


def test_a_job_gets_its_file_and_returns_its_result(job, script, tmp_path):
    script(WRITE_RESULT)
    assert jobs.run_in_process(job, tmp_path / "000", []) == RESULT
    written = json.loads((tmp_path / "000" / "job.json").read_text())
    assert parse_experiment(written, "experiment.yaml") == job


def test_a_finished_job_is_not_started_again(job, script, tmp_path):
    script(WRITE_RESULT)
    jobs.run_in_process(job, tmp_path / "000", [])
    script("raise SystemExit(9)")
    assert jobs.run_in_process(job, tmp_path / "000", []) == RESULT


def test_a_failed_job_shows_the_end_of_its_log_and_how_to_repeat_it(job, script, tmp_path):
    script(
        "import pathlib, sys; pathlib.Path(sys.argv[1], 'log.txt').write_text('boom');sys.exit(3)"
    )
    with pytest.raises(NacError) as failure:
        jobs.run_in_process(job, tmp_path / "000", [])
    text = str(failure.value)
    assert "failed with exit code 3" in text
    assert "  boom" in text
    assert f"{tmp_path / '000'}" in text.split("To repeat this job:")[1]


def test_a_job_gets_variables_of_its_own(job, script, tmp_path):
    script(WRITE_RESULT)
    assert jobs.run_in_process(job, tmp_path / "000", [], {"GPU": "3"}).device == "3"


def test_a_quiet_job_says_its_errors_in_its_log_alone(job, script, tmp_path, capfd):
    script("import sys; print('progress'); print('no memory', file=sys.stderr); sys.exit(3)")
    with pytest.raises(NacError, match="  no memory"):
        jobs.run_in_process(job, tmp_path / "000", [], quiet=True)
    assert (tmp_path / "000" / "log.txt").read_text() == "no memory\n"
    assert capfd.readouterr() == ("", "")


def test_a_killed_job_is_told_by_its_signal(job, script, tmp_path):
    script("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(NacError, match="was killed by signal 9"):
        jobs.run_in_process(job, tmp_path / "000", [])


def test_a_job_that_ends_without_statistics_has_failed(job, script, tmp_path):
    script("pass")
    with pytest.raises(NacError, match="failed with exit code 0"):
        jobs.run_in_process(job, tmp_path / "000", [])


def test_another_job_in_the_directory_is_refused(job, script, tmp_path):
    (tmp_path / "000").mkdir()
    (tmp_path / "000" / "job.json").write_text("{}")
    (tmp_path / "000" / "statistics.json").write_text("{}")
    with pytest.raises(NacError, match=r"job\.json: expected the same job as now, received"):
        jobs.run_in_process(job, tmp_path / "000", [])


def test_what_differs_in_the_other_job_is_named(job, script, tmp_path):
    script(WRITE_RESULT)
    jobs.run_in_process(job, tmp_path / "000", [])
    longer = replace(job.recipe, parameters=replace(job.recipe.parameters, steps=99))
    with pytest.raises(NacError, match=r"other settings: parameters\.steps: 12 -> 99"):
        jobs.check_same(replace(job, recipe=longer), tmp_path / "000")


def test_a_job_written_before_a_key_was_there_is_the_same(job, script, tmp_path):
    script(WRITE_RESULT)
    result = jobs.run_in_process(job, tmp_path / "000", [])
    path = tmp_path / "000" / "job.json"
    value = json.loads(path.read_text())
    del value["parameters"]["validation_share"]
    path.write_text(json.dumps(value))
    script("raise SystemExit('trained again')")
    assert jobs.run_in_process(job, tmp_path / "000", []) == result


def test_a_job_that_shows_another_ranking_is_the_same(job, script, tmp_path):
    script(WRITE_RESULT)
    jobs.run_in_process(job, tmp_path / "000", [])
    shown = replace(job.recipe, parameters=replace(job.recipe.parameters, ranking="taylor"))
    script("raise SystemExit('trained again')")
    assert jobs.run_in_process(replace(job, recipe=shown), tmp_path / "000", []) == RESULT


def test_the_command_of_a_job_passes_flags_on(tmp_path):
    command = jobs.job_command(tmp_path / "job.json", ["--strategy=one"])
    assert command[1:] == ["-m", "nac.train", f"--job={tmp_path / 'job.json'}", "--strategy=one"]
