"""The times of blocks that are kept for a device."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nac.runs import block_times as module
from nac.runs.block_times import (
    block_times,
    keep_run_times,
    keep_times,
    kept_times,
    run_times,
    times_path,
    undamaged_times,
)
from nac.utils.errors import NacError
from nac.utils.records import to_json
from tests.builders import assert_says, input_error
from tests.runs.block_times import A_MS


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return an empty cache directory, which is that of the user for the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def device(monkeypatch):
    """Let the device at hand be one of two cores."""
    monkeypatch.setattr(module, "device_names", lambda environment: ["Tesla V100/16 GB"])
    monkeypatch.setattr(module, "available_cores", lambda: 2)
    monkeypatch.setattr(module, "installed_version", lambda *names: "2.21.0")


class TestPath:
    def test_it_has_all_that_times_depend_on(self, device):
        path = times_path("mixed_float16", {"XDG_CACHE_HOME": "/cache"})
        assert path.parent == Path("/cache/nac")
        assert path.name == "Tesla-V100-16-GB_2-cores_tensorflow-2.21.0_mixed_float16.json"

    @pytest.mark.parametrize("environment", [{}, {"XDG_CACHE_HOME": ""}])
    def test_the_default_is_in_the_home_directory(self, device, environment, monkeypatch):
        monkeypatch.setenv("HOME", "/home/ada")
        assert times_path(environment=environment).parent == Path("/home/ada/.cache/nac")


class TestKeeping:
    def test_what_was_kept_is_read_again(self, cache):
        path = cache / "nac" / "times.json"
        keep_times(A_MS, path)
        assert kept_times(path) == A_MS

    def test_nothing_is_kept_at_first(self, cache):
        assert kept_times(cache / "times.json") is None

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}'])
    def test_a_damaged_file_is_named(self, cache, text):
        (cache / "times.json").write_text(text)
        assert_says(input_error(kept_times, cache / "times.json"), "times.json")

    def test_a_file_without_all_costs_is_damaged(self, cache):
        value = to_json(A_MS)
        del value["together"]["lrn"]
        (cache / "times.json").write_text(json.dumps(value))
        assert_says(input_error(kept_times, cache / "times.json"), "no cost of lrn")

    def test_a_damaged_file_is_one_line_where_times_can_be_measured_again(self, cache, capsys):
        (cache / "times.json").write_text("{")
        assert undamaged_times(cache / "times.json") is None
        (line,) = capsys.readouterr().err.splitlines()
        assert_says(line, "note: ", "times.json", "measured again")


class TestMeasuring:
    @pytest.fixture
    def started(self, device, monkeypatch):
        """Return the commands that are started; each keeps times, unless it is told not to."""
        commands = []

        def run(command, **_):
            commands.append(command)
            if "fails" not in command:
                keep_times(A_MS, times_path())
            errors = "noise\nerror: no device\n"
            return subprocess.CompletedProcess(command, int("fails" in command), "", errors)

        monkeypatch.setattr(module.subprocess, "run", run)
        return commands

    def test_times_that_are_kept_are_not_measured(self, cache, started):
        keep_times(A_MS, times_path())
        assert block_times() == A_MS
        assert started == []

    def test_others_are_measured_once_by_a_process_of_its_own(self, cache, started, capsys):
        assert [block_times(), block_times()] == [A_MS, A_MS]
        (command,) = started
        assert command[1:] == ["-m", "nac.measure", "--dtype_policy=float32", "--again"]
        assert_says(capsys.readouterr().out, "measuring", "once")

    def test_a_damaged_file_is_measured_anew(self, cache, started):
        keep_times(A_MS, times_path())
        times_path().write_text("{")
        assert block_times() == A_MS
        assert len(started) == 1

    def test_a_failure_is_one_line(self, cache, started):
        with pytest.raises(NacError) as caught:
            block_times(arguments=["fails"])
        assert str(caught.value).endswith("could not be measured: error: no device")


class TestOfARun:
    FASTER = replace(A_MS, device="a faster device")

    def test_it_begins_with_those_of_the_device(self, cache):
        keep_times(A_MS, times_path())
        assert run_times(cache / "run")("float32") == A_MS

    def test_it_goes_on_with_those_with_which_it_began(self, cache):
        keep_times(A_MS, times_path())
        keep_run_times(cache / "run", "float32")
        keep_times(self.FASTER, times_path())
        keep_run_times(cache / "run", "float32")
        assert run_times(cache / "run")("float32") == A_MS
        assert run_times(cache / "another")("float32") == self.FASTER

    def test_those_of_another_precision_do_not_hold(self, cache):
        for times in (A_MS, replace(A_MS, dtype_policy="mixed_bfloat16")):
            keep_times(times, times_path(times.dtype_policy))
        keep_run_times(cache / "run", "float32")
        assert run_times(cache / "run")("mixed_bfloat16").dtype_policy == "mixed_bfloat16"

    def test_a_damaged_file_of_a_run_is_an_error(self, cache):
        (cache / "block_times.json").write_text("{")
        assert_says(input_error(run_times(cache), "float32"), "block_times.json")
