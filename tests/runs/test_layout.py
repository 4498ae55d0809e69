"""Names in a run directory."""

from pathlib import Path

import pytest

from nac.runs.layout import (
    child_directory,
    children_directories,
    comparison_directories,
    event_files,
    judge_directory,
    judgement_files,
    network_files,
    network_name,
    without_branch_directory,
)


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("run/comparison/random-3/seed12", "random-3"),
        ("run/000", "000"),
        ("run/final/", "final"),
        ("run/seedling", "seedling"),
    ],
)
def test_a_network_is_named_after_its_directory(directory, name):
    assert network_name(Path(directory)) == name


def test_a_judgement_has_a_directory_per_iteration():
    assert judge_directory(Path("runs/it"), 2) == Path("runs/it/judge/002")


def test_a_network_without_a_branch_has_a_directory_in_its_judgement():
    found = without_branch_directory(Path("judge/002"), 3, "Branch2")
    assert found == Path("judge/002/retrained/layer03.Branch2")


def test_a_network_of_a_tournament_has_a_directory_per_rung():
    found = child_directory(Path("runs/it/002"), 1, "random1")
    assert found == Path("runs/it/002/children/rung1/random1")


def test_networks_of_a_tournament_are_found_by_their_jobs(tmp_path):
    jobs = [child_directory(tmp_path, *name) for name in ((1, "a"), (1, "b"), (2, "a"))]
    for job in jobs:
        job.mkdir(parents=True)
        (job / "job.json").touch()
    child_directory(tmp_path, 2, "b").mkdir()
    assert children_directories(tmp_path) == jobs


def test_judgements_come_by_iteration_and_those_by_retraining_last(tmp_path):
    names = ["000/judgement.json", "000/retrained/judgement.json", "001/retrained/judgement.json"]
    paths = [tmp_path / "judge" / name for name in names]
    for path in reversed(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert judgement_files(tmp_path) == paths


def test_comparisons_without_a_result_do_not_count(tmp_path):
    (tmp_path / "comparison").mkdir()
    (tmp_path / "comparison_validation").mkdir()
    (tmp_path / "comparison_validation" / "comparison.json").write_text("{}")
    assert comparison_directories(tmp_path) == [tmp_path / "comparison_validation"]


def test_other_files_are_no_event_files(tmp_path):
    for name in ("events.out.tfevents.2", "events.out.tfevents.1", "log.txt"):
        (tmp_path / name).touch()
    assert [path.name[-1] for path in event_files(tmp_path)] == ["1", "2"]


def test_the_networks_of_a_run_are_whole_files_and_saved_models_in_its_directory(tmp_path):
    names = ("model.keras", "small.tflite", ".model.keras.partial.keras", "report.html")
    for name in names:
        (tmp_path / name).touch()
    for directory in ("served", "final"):
        (tmp_path / directory).mkdir()
    (tmp_path / "served" / "saved_model.pb").touch()
    (tmp_path / "final" / "model.keras").touch()
    found = [path.name for path in network_files(tmp_path)]
    assert found == ["model.keras", "small.tflite", "served"]
