"""Cores and platforms."""

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
