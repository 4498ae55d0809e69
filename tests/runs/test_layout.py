"""Names in a run directory."""

from pathlib import Path

import pytest

from nac.runs.layout import comparison_directories, event_files, judge_directory, network_name


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


def test_comparisons_without_a_result_do_not_count(tmp_path):
    (tmp_path / "comparison").mkdir()
    (tmp_path / "comparison_validation").mkdir()
    (tmp_path / "comparison_validation" / "comparison.json").write_text("{}")
    assert comparison_directories(tmp_path) == [tmp_path / "comparison_validation"]


def test_other_files_are_no_event_files(tmp_path):
    for name in ("events.out.tfevents.2", "events.out.tfevents.1", "log.txt"):
        (tmp_path / name).touch()
    assert [path.name[-1] for path in event_files(tmp_path)] == ["1", "2"]
