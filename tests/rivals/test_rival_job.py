"""The process of a rival: whatever its search does, it goes on in time."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from nac import rival_job
from nac.cli.command import parse
from nac.rivals.result import read_rival_result, write_rival_job
from nac.utils.errors import JobError
from tests.results import rival_job as job_of
from tests.results import rival_result


class Rival:
    """A job whose search is a small script, in place of ``nac.rivals.job``.

    Args:
        directory: The directory of the job.
        monkeypatch: Replaces what the command uses.
    """

    def __init__(self, directory, monkeypatch):
        self.directory, self.files, self.asked = directory, directory / "search", []
        write_rival_job(directory, job_of(seconds=2.0))
        monkeypatch.setattr(rival_job, "STARTED", time.monotonic())
        monkeypatch.setattr(rival_job.subprocess, "Popen", self._popen)
        monkeypatch.setitem(
            sys.modules, "nac.rivals.job", SimpleNamespace(finish=self._finish, search=self._search)
        )

    def run(self, script, *flags):
        """Run the command; its search is the script."""
        self._script = (
            f"import pathlib, sys, time; files = pathlib.Path({str(self.files)!r}); {script}"
        )
        rival_job.FLAGS.unparse_flags()
        parse(rival_job.FLAGS, [f"--job={self.directory / 'job.json'}", *flags])
        rival_job.main()

    def _popen(self, command, **options):
        self.asked.append(command)
        return _POPEN([sys.executable, "-S", "-c", self._script], **options)

    def _finish(self, job, files, started):
        if not files.exists():
            raise JobError("no model within its seconds: no candidate was scored")
        return rival_result(0.5, candidates=len(list(files.iterdir())))

    def _search(self, job, files, end):
        self.asked.append((job, files, end - rival_job.STARTED))


_POPEN = subprocess.Popen


@pytest.fixture
def rival(tmp_path, monkeypatch):
    yield Rival(tmp_path, monkeypatch)
    rival_job.FLAGS.unparse_flags()


FINDS = "files.mkdir(); (files / 'one').touch()"


def test_what_a_search_found_is_the_result_and_its_files_are_removed(rival):
    rival.run(FINDS)
    assert read_rival_result(rival.directory).candidates == 1
    assert not rival.files.exists()


def test_a_search_that_does_not_end_is_killed_and_what_it_found_counts(rival):
    rival.run(f"{FINDS}; time.sleep(600)")
    assert read_rival_result(rival.directory).candidates == 1


def test_what_a_search_found_before_it_crashed_counts(rival):
    rival.run(f"{FINDS}; sys.exit(3)")
    assert read_rival_result(rival.directory).candidates == 1


def test_a_search_that_crashes_without_a_candidate_is_told(rival):
    with pytest.raises(JobError, match=r"scored \(the search ended with exit code 3\)$"):
        rival.run("sys.exit(3)")


def test_files_of_an_earlier_search_do_not_count(rival):
    rival.files.mkdir()
    with pytest.raises(JobError, match=r"no candidate was scored$"):
        rival.run("pass")


def test_a_job_that_is_done_is_not_repeated(rival, capsys):
    rival.run(FINDS)
    rival.asked.clear()
    rival.run("sys.exit(3)")
    assert rival.asked == []
    assert "done already" in capsys.readouterr().out


def test_the_search_has_two_thirds_of_the_time_and_the_same_plugins(rival):
    rival.run(FINDS, "--plugin=mine")
    ((*_, job, seconds, parent, plugin),) = rival.asked
    assert job == f"--job={rival.directory / 'job.json'}"
    assert 0.0 < float(seconds.removeprefix("--search_seconds=")) <= 0.65 * 2.0
    assert (parent, plugin) == ("--exit_with_parent", "--plugin=mine")


def test_the_process_of_a_search_only_searches(rival):
    rival.run("pass", "--search_seconds=1.5")
    ((job, files, seconds),) = rival.asked
    assert (job, files) == (job_of(seconds=2.0), rival.files)
    assert seconds == pytest.approx(1.5)
