"""Finding the model or checkpoint of a job."""

import pytest

from nac.evaluation.networks import saved_model


def files(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder.resolve()


def test_a_job_has_its_model_in_its_own_directory(tmp_path):
    folder = files(tmp_path, "mine/model.keras")
    assert saved_model(tmp_path / "mine") == folder / "mine/model.keras"


def test_the_final_job_of_a_run_has_its_model_in_the_run_directory(tmp_path):
    folder = files(tmp_path, "final/job.json", "model.keras")
    assert saved_model(tmp_path / "final") == folder / "model.keras"


def test_the_model_of_a_run_is_not_that_of_its_iterations(tmp_path):
    files(tmp_path, "000/job.json", "model.keras")
    assert saved_model(tmp_path / "000") is None


def test_the_directory_may_be_the_present_one(tmp_path, monkeypatch: pytest.MonkeyPatch):
    folder = files(tmp_path, "final/job.json", "model.keras")
    monkeypatch.chdir(folder / "final")
    assert saved_model(folder / "final" / ".") == folder / "model.keras"
