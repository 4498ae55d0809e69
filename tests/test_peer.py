"""Peer cases are read from the right directory, and the committed ones exist."""

import pytest

from tests.peer import IN_SUBSET, ROOT, SUBSET, case_files, case_folder, peer_directory


def test_the_named_directory_comes_first(tmp_path):
    assert peer_directory(str(tmp_path / "named"), tmp_path) == tmp_path / "named"


def test_a_named_directory_is_relative_to_the_repository(tmp_path):
    assert peer_directory("cases", tmp_path) == ROOT / "cases"


def test_the_first_directory_that_exists_comes_next(tmp_path):
    assert peer_directory(None, tmp_path / "absent", tmp_path) == tmp_path


def test_the_committed_subset_comes_last(tmp_path):
    assert peer_directory(None, tmp_path / "absent") == SUBSET


@pytest.mark.parametrize("name", IN_SUBSET)
def test_the_committed_subset_has_cases_of_each_kind(name):
    assert (SUBSET / name).is_file() or len(case_files(name, SUBSET)) >= 8


def test_the_committed_subset_stays_below_a_megabyte():
    assert sum(file.stat().st_size for file in SUBSET.rglob("*") if file.is_file()) < 1_000_000


@pytest.mark.parametrize("folder", ["construct", "initial"])
def test_a_directory_without_cases_that_the_subset_has_is_an_error(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"no {folder} in .*NAC_PEER_DIR"):
        case_files(folder, tmp_path)


def test_files_that_the_subset_lacks_are_one_skipped_case(tmp_path):
    (absent,) = case_files("configs", tmp_path)
    assert absent.values == (None,)
    assert [mark.name for mark in absent.marks] == ["skip"]


def test_a_folder_that_the_subset_lacks_skips_the_test(tmp_path):
    with pytest.raises(pytest.skip.Exception, match="no numeric in"):
        case_folder("numeric", tmp_path)
