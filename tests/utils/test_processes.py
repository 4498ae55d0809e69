"""Cores and platforms."""

import errno
import fcntl
import os
import sys

import pytest

from nac.utils.errors import NacError
from nac.utils.processes import available_cores, locked


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    assert available_cores() == 3


@pytest.mark.parametrize(("count", "expected"), [(8, 8), (None, 1)])
def test_on_macos_cores_are_those_of_the_machine(monkeypatch, count, expected):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert available_cores() == expected


def test_a_directory_cannot_be_locked_on_windows(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(NacError, match=r"^nac runs on Linux and macOS; on Windows use WSL$"):
        locked(tmp_path, "run").__enter__()


def test_a_second_lock_is_refused_and_the_first_one_released(tmp_path):
    with locked(tmp_path, "run"), pytest.raises(NacError, match="working on this run"):
        locked(tmp_path, "run").__enter__()
    with locked(tmp_path, "run"):
        assert (tmp_path / "lock").exists()


def test_the_refusal_names_the_process_that_holds_the_lock(tmp_path):
    with locked(tmp_path, "run"), pytest.raises(NacError) as error:
        locked(tmp_path, "run").__enter__()
    assert f"(process {os.getpid()} on host " in str(error.value)


def test_a_file_in_place_of_the_directory_is_named(tmp_path):
    (tmp_path / "digits").write_text("")
    with pytest.raises(NacError) as error:
        locked(tmp_path / "digits", "run").__enter__()
    place = tmp_path / "digits"
    assert str(error.value) == f"{place}: cannot be created: {place} is a file"


def test_a_directory_in_place_of_the_lock_is_named(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(NacError) as error:
        locked(tmp_path, "run").__enter__()
    assert str(error.value) == f"{tmp_path / 'lock'}: cannot be written: Is a directory"


def test_where_there_are_no_locks_the_lease_is_said_to_be_alone(tmp_path, monkeypatch, capsys):
    def flock(file, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(tmp_path, "run"), pytest.raises(NacError, match="is working on this run"):
        locked(tmp_path, "run").__enter__()
    assert "the file system has no locks (No locks available)" in capsys.readouterr().err


def test_a_pipe_in_place_of_a_lock_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "lock")
    with pytest.raises(NacError, match=r"lock: cannot be written"):
        locked(tmp_path, "run").__enter__()


def test_a_path_with_a_line_break_is_refused(tmp_path):
    with pytest.raises(NacError, match=r"expected a path without line breaks"):
        locked(tmp_path / "a\nb", "run").__enter__()
    assert list(tmp_path.iterdir()) == []
