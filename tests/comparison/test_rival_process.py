"""The process of a rival, whatever it does."""

import sys

import pytest

from nac.comparison import rival_process
from nac.comparison.rival_process import rival_command, run_rival_process
from nac.utils.errors import NacError

DONE = "open('statistics.json', 'w').write('{}')"


@pytest.fixture
def does(monkeypatch, tmp_path):
    """Return a function that lets a rival run Python code in its directory for some seconds."""

    def run(code, seconds=60.0):
        script = f"import os, sys, time; os.chdir({str(tmp_path)!r}); {code}"
        command = [sys.executable, "-S", "-c", script]
        monkeypatch.setattr(rival_process, "rival_command", lambda *_: command)
        run_rival_process(tmp_path, seconds)

    return run


def test_its_output_goes_to_its_log(does, tmp_path):
    does(f"print('Trial 1', flush=True); print('so-so', file=sys.stderr); {DONE}")
    assert (tmp_path / "log.txt").read_text() == "Trial 1\nso-so\n"


def test_a_reason_that_it_gives_comes_first(does, tmp_path):
    with pytest.raises(NacError) as caught:
        does("print('error: no images'); print('bye'); sys.exit(1)")
    lines = str(caught.value).splitlines()
    assert lines[0] == "no images"
    assert lines[1:4] == [f"The end of {tmp_path / 'log.txt'}:", "  error: no images", "  bye"]
    assert lines[4].startswith("To repeat this job: ")


def test_an_exception_is_the_reason_if_nothing_else_is(does):
    with pytest.raises(NacError, match=r"^ModuleNotFoundError: No module named 'no_such_rival'"):
        does("import no_such_rival")


def test_one_that_ends_without_a_result_has_failed(does):
    with pytest.raises(NacError, match=r"^it ended without a result"):
        does("pass")


def test_a_signal_is_named(does):
    with pytest.raises(NacError, match=r"^it was killed by signal 9"):
        does("os.kill(os.getpid(), 9)")


def test_one_that_is_late_is_killed(does):
    with pytest.raises(NacError, match=r"^no model within its 1 s; it was killed after 1 s"):
        does("time.sleep(60)", seconds=1.0)


def test_a_result_counts_even_if_the_process_does_not_end(does):
    does(f"{DONE}; time.sleep(60)", seconds=1.0)


def test_the_command_repeats_the_job_by_hand(tmp_path):
    assert rival_command(tmp_path, ["mine"])[1:] == [
        *("-m", "nac.rival_job", f"--job={tmp_path / 'job.json'}", "--plugin=mine"),
    ]
