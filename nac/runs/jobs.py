"""Jobs in fresh processes: start them in time, wait, and say what happened if one failed."""

import shlex
import shutil
import signal
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from nac.config import Experiment, experiment_to_dict, experiment_to_file, load_experiment
from nac.display.display import Display
from nac.display.job_events import Begun, Done, Failed
from nac.runs.executors import Executor, LocalExecutor, Process, Slots
from nac.runs.job_process import stop_running
from nac.runs.layout import JOB, LOG, has_progress, is_done
from nac.runs.memory import memory_line
from nac.runs.memory_saving import MemorySaving, saving_of
from nac.runs.result import JobResult, read_result
from nac.runs.run_directory import differences
from nac.utils.errors import NacError, SystemRefusal, reason
from nac.utils.files import write_json
from nac.utils.signals import SIGNALS, exit_code, signal_name, signal_of

LAST_LINES = 15

STANDARD_INPUT = "-"
"""In place of the path of a job: ``nac.train`` reads that from its standard input."""

DISPLAY_KEYS = ("parameters.ranking",)
"""Keys that change what TensorBoard shows, but not what is trained."""


def check_same(job: Experiment, directory: Path) -> None:
    """Raise NacError if a directory has results or checkpoints of a job with other settings."""
    path = directory / JOB
    if not has_progress(directory):
        return
    before = load_experiment(str(path))
    changes = differences(experiment_to_dict(before), experiment_to_dict(job), DISPLAY_KEYS)
    if changes:
        raise NacError(
            f"{path}: expected the same job as now, received one with other settings:"
            f" {'; '.join(changes)}"
        )


class JobRunner:
    """Runs jobs one after the other, each in a fresh process.

    TensorFlow takes seconds to import. So while a job runs, the process of the next one is already
    started, imports everything and waits for its job.

    Leave it by a ``with`` statement: a process that still waits is ended then, and the decoded
    images are removed if all went well. If a signal ends the command, the jobs that run are asked
    to save a checkpoint and end, and waited for.

    Args:
        upcoming: The arguments of each job to come that is not done yet, in their order. Runners
            that work beside each other share it: each takes from it what it starts.
        decoded: Directory in which the jobs hand decoded images on to each other.
        environment: Variables that the processes get in addition to those of this one.
        display: Shows what happens in the jobs, by default nothing.
        beside: Whether jobs of other runners may run at the same time; then a Ctrl-C at the
            terminal reaches this process only.
        executor: Starts the processes, by default on this machine.
    """

    def __init__(
        self,
        upcoming: deque[Sequence[str]],
        decoded: Path,
        environment: Mapping[str, str] | None = None,
        display: Display | None = None,
        beside: bool = False,
        executor: Executor | None = None,
    ):
        self._upcoming = upcoming
        self._decoded = decoded
        self._environment = environment or {}
        self._display, self._beside = display or Display(), beside
        self._executor = executor or LocalExecutor()
        self._next: Process | None = None
        self._running: Process | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, *_: object
    ) -> None:
        self._closed = True
        if self._next:
            self._next.end()
        if isinstance(error, KeyboardInterrupt):
            self._stop(error)
        if kind is None:
            shutil.rmtree(self._decoded, ignore_errors=True)

    def run(self, job: Experiment, directory: Path, arguments: Sequence[str]) -> JobResult:
        """Return the result of a job; train it in a fresh process unless it is done.

        Args:
            job: The complete job.
            directory: The job's directory.
            arguments: Further flags of ``nac.train``.

        Raises:
            NacError: The directory holds another job, or this one failed.
        """
        check_same(job, directory)
        before = is_done(directory)
        if not before:
            write_json(directory / JOB, experiment_to_file(job))
            self._train(job, directory / JOB, arguments)
        result = read_result(directory)
        self._display.show(done(result, before), str(directory))
        return result

    def _train(self, job: Experiment, path: Path, arguments: Sequence[str]) -> None:
        directory = path.parent
        self._display.show(Begun(self._beside), str(directory))
        process = self._running = self._handed_over(path, arguments)
        try:
            if self._closed:  # meanwhile, by the main thread
                raise NacError(f"job {directory}: not begun, as the command ends")
            self._start_next()
            said = self._shown(process, str(directory))
            code = process.wait()
        except KeyboardInterrupt as error:
            self._stop(error)
            raise
        finally:
            self._running = None
            with suppress(OSError):  # the disk is full, or somebody has removed the directory
                process.end(directory / LOG)
        if not path.exists():
            raise NacError(
                f"{path}: expected the job that just ran, received no such file; somebody has"
                " removed or moved its directory. The same command begins anew what is gone"
            )
        if code or not is_done(directory):
            self._display.show(Failed(said or how_ended(code)), str(directory))
            if said:
                raise NacError(f"job {directory}: {said} (more in {directory / LOG})")
            command = job_command(path, arguments)
            raise NacError(*_failure(job, path, code, command, process.host))

    def _stop(self, error: KeyboardInterrupt) -> None:
        """Pass a signal on to all jobs that run, and wait for the one of this runner."""
        number, running = signal_of(error), self._running
        if stop_running(number):
            self._display.error(
                f"\n{signal_name(number)}: what runs saves a checkpoint and ends; another signal"
                " ends it at once"
            )
        if running:
            running.wait()

    def _shown(self, process: Process, job: str) -> str | None:
        """Show the events of a job until its process has ended; return why it failed, if it says.

        That it has begun was shown, and how it ended is when its result is known.
        """
        said = None
        for event in process.events():
            if event is None:
                self._display.tick()
            elif isinstance(event, Failed):
                said = event.reason
            elif not isinstance(event, Begun | Done):
                self._display.show(event, job)
        return said

    def _handed_over(self, path: Path, arguments: Sequence[str]) -> Process:
        """Return the process that has the job: the one that waits for such a job, or a new one."""
        if self._next is None:
            self._start_next()
        process, self._next = self._next, None
        if process:
            if process.command == self._command(arguments) and process.hand_over(path):
                return process
            process.end()
        process = self._start(arguments)
        process.hand_over(path)
        return process

    def _start_next(self) -> None:
        """Start the process of the next job, if one is still to come."""
        # Without memory for one more process now, the next job starts its own.
        with suppress(IndexError, SystemRefusal):
            self._next = self._start(self._upcoming.popleft())

    def _start(self, arguments: Sequence[str]) -> Process:
        command = self._command(arguments)
        try:
            return self._executor.start(command, self._environment, self._beside)
        except OSError as error:  # too many open files, no memory, no room in /tmp
            raise SystemRefusal(f"no process of a job can be started: {reason(error)}") from error

    def _command(self, arguments: Sequence[str]) -> list[str]:
        own = (f"--decoded_dir={self._decoded}", "--exit_with_parent", "--json")
        return [*job_command(STANDARD_INPUT, arguments), *own]


@contextmanager
def runners_of(
    executor: Executor | None,
    slots: Slots,
    upcoming: deque[Sequence[str]],
    decoded: Path,
    display: Display,
    beside: bool = True,
) -> Iterator[list[JobRunner]]:
    """Yield a runner for each slot of an executor; the arguments are those of a runner."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                JobRunner(upcoming, decoded, environment, display, beside, executor)
            )
            for environment in slots
        ]


def job_command(path: Path | str, arguments: Sequence[str]) -> list[str]:
    """Return the command that trains a job.

    Args:
        path: Its file, or :data:`STANDARD_INPUT`.
        arguments: Further flags of ``nac.train``.
    """
    return [sys.executable, "-m", "nac.train", f"--job={path}", *arguments]


def done(result: JobResult, before: bool = False) -> Done:
    """Return the event that a job is done.

    Args:
        result: Its result.
        before: Whether it was done before this command.
    """
    return Done(
        network=result.notation,
        accuracy=result.accuracy,
        loss=result.loss,
        split=result.split,
        parameters=result.parameters,
        flops=result.flops,
        steps=result.steps,
        seconds=result.seconds,
        images_per_second=result.images_per_second,
        before=before,
    )


def how_ended(code: int) -> str:
    """Return how a process ended that did not do its job.

    Args:
        code: Its exit code; the negative number of a signal that killed it.
    """
    asked = {exit_code(number): number for number in SIGNALS}
    if code in asked:
        return f"was ended by {signal_name(asked[code])}; it continues at its newest checkpoint"
    return f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"


def _failure(
    job: Experiment, path: Path, code: int, command: list[str], host: str | None
) -> list[str]:
    """Return what to say, line by line, of a job that ended without saying why.

    Args:
        job: The job.
        path: Its file.
        code: Exit code of its process.
        command: The command that repeats it.
        host: The machine on which it ran, None if that is this one.
    """
    log, saving = path.parent / LOG, saving_of(command)
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    if code == -signal.SIGKILL:
        return [
            f"job {path.parent} was killed by signal 9, as the system does if memory runs out."
            f" Perhaps {_memory_line(job, host, saving)}. The same command continues the run"
        ]
    if code == -signal.SIGABRT and any("bad_alloc" in line for line in lines[-LAST_LINES:]):
        return [f"job {path.parent}: {_memory_line(job, host, saving)} (more in {log})"]
    if code == -signal.SIGBUS:
        return [
            f"job {path.parent} was killed by signal {signal.SIGBUS:d}, as the system does if the"
            " disk is full below a file of decoded images, or if that file was removed. When that"
            " is mended, the same command continues the run"
        ]
    return [
        f"job {path.parent} {how_ended(code)}. The end of its log:",
        *(f"  {line}" for line in lines[-LAST_LINES:]),
        f"To repeat this job: {shlex.join(command)}",
        "To continue the run, repeat the command that began it.",
    ]


def _memory_line(job: Experiment, host: str | None, saving: MemorySaving) -> str:
    """Return that memory ran out; only of this machine more is known."""
    return f"memory ran out on host {host}" if host else memory_line(job, True, saving)
