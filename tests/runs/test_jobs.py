import errno
import json
import os
import signal
import sys
import time
from collections import deque
from dataclasses import replace

import pytest

from nac.config import parse_experiment, training_job
from nac.construction.prior import prior
from nac.display.job_events import Begun, Failed, Note, Working
from nac.runs import executors, job_process, jobs
from nac.runs.jobs import done
from nac.utils.errors import NacError
from nac.utils.records import to_json
from nac.utils.signals import Interrupted
from tests.display.events import Events
from tests.experiments import small
from tests.results import job_result


@pytest.fixture
def job():
    experiment = parse_experiment(small(), "experiment.yaml")
    network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    return training_job(experiment, network, experiment.recipe)


@pytest.fixture
def script(monkeypatch):
    """Let a job's process run a Python script, in which ``directory`` is that of its job.

    What is to run before the process has a job comes first.
    """

    def use(text, early=""):
        def command(path, arguments):
            return [sys.executable, "-c", f"{early}\n{GET_JOB}\n{text}", str(path), *arguments]

        monkeypatch.setattr(jobs, "job_command", command)

    return use


def run(job, directory, arguments=(), **settings):
    """Run a job that was not announced."""
    runner = jobs.JobRunner(deque(), directory.parent / "decoded", **settings)
    with runner:
        return runner.run(job, directory, list(arguments))


GET_JOB = """
import pathlib, sys
directory = pathlib.Path(sys.stdin.readline().rstrip()).parent
"""

RESULT = job_result(accuracy=0.5)

WRITE_RESULT = f"""
import json, os
value = {to_json(RESULT)}
value["device"] = os.environ.get("GPU", "CPU")
(directory / "statistics.json").write_text(json.dumps(value))
"""


def test_a_job_gets_its_file_and_returns_its_result(job, script, tmp_path):
    script(WRITE_RESULT)
    assert run(job, tmp_path / "000") == RESULT
    written = json.loads((tmp_path / "000" / "job.json").read_text())
    assert parse_experiment(written, "experiment.yaml") == job


def test_a_finished_job_is_not_started_again(job, script, tmp_path):
    script(WRITE_RESULT)
    run(job, tmp_path / "000")
    script("raise SystemExit(9)")
    assert run(job, tmp_path / "000") == RESULT


def test_a_failed_job_shows_the_end_of_its_log_and_how_to_repeat_it(job, script, tmp_path):
    script("(directory / 'log.txt').write_text('boom'); sys.exit(3)")
    with pytest.raises(NacError) as failure:
        run(job, tmp_path / "000")
    text = str(failure.value)
    assert "failed with exit code 3" in text
    assert "  boom" in text
    assert f"{tmp_path / '000'}" in text.split("To repeat this job:")[1]


def test_a_job_gets_variables_of_its_own(job, script, tmp_path):
    script(WRITE_RESULT)
    assert run(job, tmp_path / "000", environment={"GPU": "3"}).device == "3"


@pytest.mark.parametrize("beside", [False, True])
def test_a_job_says_its_errors_in_its_log_alone(job, script, tmp_path, capfd, beside):
    script("print('progress'); print('no memory', file=sys.stderr); sys.exit(3)")
    with pytest.raises(NacError, match="  no memory"):
        run(job, tmp_path / "000", beside=beside)
    assert (tmp_path / "000" / "log.txt").read_text() == "no memory\n"
    assert capfd.readouterr() == ("", "")


def test_what_native_code_prints_before_there_is_a_job_goes_to_the_log(
    job, script, tmp_path, capfd
):
    script(WRITE_RESULT, early="import os; os.write(2, b'no CUDA\\n')")
    run(job, tmp_path / "000")
    assert (tmp_path / "000" / "log.txt").read_text() == "no CUDA\n"
    assert capfd.readouterr() == ("", "")


EMIT = """
import json, os
def emit(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)
"""


def test_what_happens_in_a_job_is_shown(job, script, tmp_path):
    begun = "emit('begun', beside=False); "
    script(EMIT + begun + "emit('working', what='compiling'); print('hello')" + WRITE_RESULT)
    seen, place = Events(), str(tmp_path / "000")
    run(job, tmp_path / "000", display=seen)
    assert seen.shown == [
        (Begun(), place),
        (Working("compiling"), place),
        (Note("hello"), place),
        (done(RESULT), place),
    ]


def test_a_job_that_was_done_before_is_shown_as_that(job, script, tmp_path):
    script(WRITE_RESULT)
    run(job, tmp_path / "000")
    seen = Events()
    run(job, tmp_path / "000", display=seen)
    assert seen.events == [done(RESULT, before=True)]


def test_what_a_job_says_about_its_failure_is_one_line(job, script, tmp_path):
    script(EMIT + "emit('failed', reason='the loss is nan'); sys.exit(1)")
    seen = Events()
    with pytest.raises(NacError) as failure:
        run(job, tmp_path / "000", display=seen)
    place = tmp_path / "000"
    assert str(failure.value) == f"job {place}: the loss is nan (more in {place}/log.txt)"
    assert seen.events[-1] == Failed("the loss is nan")


def test_a_job_that_crashes_is_shown_with_how_it_ended(job, script, tmp_path):
    script("sys.exit(3)")
    seen = Events()
    with pytest.raises(NacError):
        run(job, tmp_path / "000", display=seen)
    assert seen.events[-1] == Failed("failed with exit code 3")


class Slow(Events):
    """Shows the second event only when a file is there.

    Args:
        file: The file.
    """

    def __init__(self, file):
        super().__init__()
        self.file = file

    def show(self, event, job=None):
        super().show(event, job)
        deadline = time.monotonic() + 60
        while len(self.shown) == 2 and not self.file.exists():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)


def test_a_job_does_not_wait_until_its_events_are_shown(job, script, tmp_path):
    """It prints more than a pipe holds, while nothing is shown before its result is there."""
    script("for number in range(2000): print('x' * 100)" + WRITE_RESULT)
    slow = Slow(tmp_path / "000" / "statistics.json")
    assert run(job, tmp_path / "000", display=slow) == RESULT
    assert slow.events.count(Note("x" * 100)) == 2000


def test_a_process_that_a_job_left_behind_is_not_waited_for(job, script, tmp_path, monkeypatch):
    """It has the pipe of the job, which does not end before it does."""
    monkeypatch.setattr(job_process, "GRACE_SECONDS", 0.1)
    leave = "import subprocess; left = subprocess.Popen(['sleep', '60']); print(left.pid)"
    script(leave + WRITE_RESULT)
    seen = Events()
    assert run(job, tmp_path / "000", display=seen) == RESULT
    os.kill(int(seen.events[1].message), signal.SIGKILL)


def test_a_job_ends_with_the_reader_of_what_is_shown(job, script, tmp_path):
    class Closed(Events):
        def show(self, event, job=None):
            super().show(event, job)
            if isinstance(event, Note):
                raise BrokenPipeError

    script("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    closed = Closed()
    with pytest.raises(BrokenPipeError):
        run(job, tmp_path / "000", display=closed)
    with pytest.raises(ProcessLookupError):
        os.kill(int(closed.events[1].message), 0)


def test_while_nothing_happens_the_display_counts_on(job, script, tmp_path, monkeypatch):
    class Counting(Events):
        ticks = 0

        def tick(self):
            self.ticks += 1

    monkeypatch.setattr(job_process, "TICK_SECONDS", 0.01)
    script("import time; time.sleep(0.3)" + WRITE_RESULT)
    counting = Counting()
    run(job, tmp_path / "000", display=counting)
    assert counting.ticks > 1


def test_a_killed_job_is_told_by_its_signal(job, script, tmp_path):
    script("import os; os.kill(os.getpid(), 11)")
    with pytest.raises(NacError, match="was killed by signal 11"):
        run(job, tmp_path / "000")


def test_a_job_that_the_kernel_killed_perhaps_lacked_memory(job, script, tmp_path):
    script("import os; os.kill(os.getpid(), 9)")
    with pytest.raises(NacError) as failure:
        run(job, tmp_path / "000")
    text = str(failure.value)
    assert text.startswith(
        f"job {tmp_path / '000'} was killed by signal 9, as the system does if memory runs out."
        " Perhaps memory ran out while 6/1-1/3 was trained with parameters.batch_size 16: "
    )
    assert "\n" not in text


def test_a_job_whose_native_code_got_no_memory_says_so(job, script, tmp_path):
    script('import os; os.write(2, b"what():  std::bad_alloc\\n"); os.abort()')
    with pytest.raises(NacError, match="000: memory ran out while 6/1-1/3 was trained"):
        run(job, tmp_path / "000")


def test_a_job_whose_directory_was_removed_says_so(job, script, tmp_path):
    script("import shutil; shutil.rmtree(directory); directory.mkdir()" + WRITE_RESULT)
    with pytest.raises(NacError, match=r"000/job\.json: expected the job that just ran"):
        run(job, tmp_path / "000")


def test_a_process_that_cannot_be_started_is_one_line(job, script, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(executors, "JobProcess", refuse)
    with pytest.raises(NacError) as failure:
        run(job, tmp_path / "000")
    assert str(failure.value) == "no process of a job can be started: Too many open files"


def test_a_job_that_ends_without_statistics_has_failed(job, script, tmp_path):
    script("pass")
    with pytest.raises(NacError, match="failed with exit code 0"):
        run(job, tmp_path / "000")


def test_another_job_in_the_directory_is_refused(job, script, tmp_path):
    (tmp_path / "000").mkdir()
    (tmp_path / "000" / "job.json").write_text("{}")
    (tmp_path / "000" / "statistics.json").write_text("{}")
    with pytest.raises(NacError, match=r"job\.json: expected the same job as now, received"):
        run(job, tmp_path / "000")


def test_what_differs_in_the_other_job_is_named(job, script, tmp_path):
    script(WRITE_RESULT)
    run(job, tmp_path / "000")
    longer = replace(job.recipe, parameters=replace(job.recipe.parameters, steps=99))
    with pytest.raises(NacError, match=r"other settings: parameters\.steps: 12 -> 99"):
        jobs.check_same(replace(job, recipe=longer), tmp_path / "000")


def test_a_job_written_before_a_key_was_there_is_the_same(job, script, tmp_path):
    script(WRITE_RESULT)
    result = run(job, tmp_path / "000")
    path = tmp_path / "000" / "job.json"
    value = json.loads(path.read_text())
    del value["parameters"]["validation_share"]
    path.write_text(json.dumps(value))
    script("raise SystemExit('trained again')")
    assert run(job, tmp_path / "000") == result


def test_a_job_that_shows_another_ranking_is_the_same(job, script, tmp_path):
    script(WRITE_RESULT)
    run(job, tmp_path / "000")
    shown = replace(job.recipe, parameters=replace(job.recipe.parameters, ranking="taylor"))
    script("raise SystemExit('trained again')")
    assert run(replace(job, recipe=shown), tmp_path / "000") == RESULT


def test_the_command_of_a_job_passes_flags_on(tmp_path):
    command = jobs.job_command(tmp_path / "job.json", ["--strategy=one"])
    assert command[1:] == ["-m", "nac.train", f"--job={tmp_path / 'job.json'}", "--strategy=one"]


NOTE_START = """
import os, pathlib, sys, time
starts = pathlib.Path(os.environ["STARTS"])
(starts / f"{sys.argv[2]} {os.getpid()}").touch()
"""

AWAIT_SECOND_START = """
deadline = time.monotonic() + 60
while len(list(starts.iterdir())) < 2 and time.monotonic() < deadline:
    time.sleep(0.01)
"""


@pytest.fixture
def starts(monkeypatch, tmp_path):
    """Return a function that lists the processes, the first argument and process id of each."""
    folder = tmp_path / "starts"
    folder.mkdir()
    monkeypatch.setenv("STARTS", str(folder))
    return lambda: [path.name.split() for path in sorted(folder.iterdir())]


@pytest.fixture
def runner(tmp_path):
    """Return a function that announces jobs with these arguments each."""
    return lambda *upcoming: jobs.JobRunner(deque([[x] for x in upcoming]), tmp_path / "decoded")


def test_the_next_process_starts_while_a_job_runs(job, script, starts, runner, tmp_path):
    script(AWAIT_SECOND_START + WRITE_RESULT, early=NOTE_START)
    with runner("--a", "--b") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
        assert [argument for argument, _ in starts()] == ["--a", "--b"]


def test_a_job_gets_the_process_that_waits_for_it(job, script, starts, runner, tmp_path):
    script(AWAIT_SECOND_START + WRITE_RESULT, early=NOTE_START)
    with runner("--a", "--b") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
        jobs_in_turn.run(job, tmp_path / "001", ["--b"])
    assert (tmp_path / "001" / "statistics.json").exists()
    assert len(starts()) == 2


def test_no_process_waits_for_other_arguments(job, script, starts, runner, tmp_path):
    script(AWAIT_SECOND_START + WRITE_RESULT, early=NOTE_START)
    with runner("--a", "--b") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
        jobs_in_turn.run(job, tmp_path / "001", ["--c"])
    assert [argument for argument, _ in starts()] == ["--a", "--b", "--c"]


def test_a_waiting_process_that_died_is_replaced(job, script, starts, runner, tmp_path):
    die_once = "if len(list(starts.glob('--b*'))) == 1: os.kill(os.getpid(), 9)"
    script(
        AWAIT_SECOND_START + WRITE_RESULT,
        early=f"{NOTE_START}\nif sys.argv[2] == '--b':\n  {die_once}",
    )
    with runner("--a", "--b") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
        assert jobs_in_turn._next.wait() == -9
        assert jobs_in_turn.run(job, tmp_path / "001", ["--b"]) == RESULT
    assert [argument for argument, _ in starts()] == ["--a", "--b", "--b"]


def test_a_process_that_is_not_needed_is_ended(job, script, starts, runner, tmp_path):
    script(AWAIT_SECOND_START + WRITE_RESULT, early=NOTE_START)
    with runner("--a", "--b") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
    with pytest.raises(ProcessLookupError):
        os.kill(int(starts()[1][1]), 0)


def test_a_job_that_is_done_starts_no_process(job, script, starts, runner, tmp_path):
    script(WRITE_RESULT)
    run(job, tmp_path / "000")
    script(WRITE_RESULT, early=NOTE_START)
    with runner("--a") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
    assert starts() == []


def test_decoded_images_are_removed_when_all_jobs_are_done(job, script, runner, tmp_path):
    script(WRITE_RESULT)
    (tmp_path / "decoded").mkdir()
    with runner("--a") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
    assert not (tmp_path / "decoded").exists()


def test_decoded_images_stay_for_the_jobs_of_a_continued_run(job, script, runner, tmp_path):
    script("sys.exit(3)")
    (tmp_path / "decoded").mkdir()
    with pytest.raises(NacError), runner("--a") as jobs_in_turn:
        jobs_in_turn.run(job, tmp_path / "000", ["--a"])
    assert (tmp_path / "decoded").exists()


class Elsewhere:
    """An executor whose processes run on another machine, where the system kills them."""

    host = "far"

    def start(self, command, environment, beside):
        self.command = command
        return self

    def hand_over(self, path):
        return True

    def events(self):
        yield Working("starting on far")

    def wait(self):
        return -9

    def end(self, log=None):
        pass


def test_a_process_may_run_elsewhere_of_whose_memory_nothing_is_known(job, tmp_path):
    seen = Events()
    with pytest.raises(NacError) as failure:
        run(job, tmp_path / "000", display=seen, executor=Elsewhere())
    assert "Perhaps memory ran out on host far. The same command" in str(failure.value)
    assert seen.events[1] == Working("starting on far")


class Interrupting(Events):
    """A display that gets a signal as soon as a job says something."""

    def show(self, event, job=None):
        super().show(event, job)
        if isinstance(event, Note):
            raise Interrupted(signal.SIGTERM)

    def error(self, text):
        self.errors = text


def test_a_signal_is_passed_on_to_the_job_which_is_waited_for(job, script, tmp_path):
    script(
        "print('here', flush=True)\n"
        "line = sys.stdin.readline()\n"
        "import time; time.sleep(0.5)\n"
        "(directory / 'saved').write_text(line)"
    )
    display = Interrupting()
    with pytest.raises(Interrupted):
        run(job, tmp_path / "000", display=display)
    assert (tmp_path / "000" / "saved").read_text() == "15\n"
    assert display.errors.startswith("\nSIGTERM: what runs saves a checkpoint and ends;")


def test_a_job_that_got_a_signal_itself_says_so(job, script, tmp_path):
    script("sys.exit(143)")
    with pytest.raises(NacError, match="000 was ended by SIGTERM; it continues at its newest"):
        run(job, tmp_path / "000")


def test_a_runner_that_was_left_begins_no_job(job, script, tmp_path):
    script(WRITE_RESULT)
    runner = jobs.JobRunner(deque(), tmp_path / "decoded")
    with pytest.raises(Interrupted), runner:
        raise Interrupted(signal.SIGTERM)
    with pytest.raises(NacError, match="not begun"):
        runner.run(job, tmp_path / "000", [])
