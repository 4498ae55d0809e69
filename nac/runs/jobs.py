"""Jobs in fresh processes: start one, wait, and say what happened if it failed."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from nac.config import Experiment, experiment_to_dict, load_experiment
from nac.runs.layout import JOB, LOG, has_progress, is_done
from nac.runs.result import JobResult, read_result
from nac.runs.run_directory import differences
from nac.utils.errors import NacError
from nac.utils.files import write_json

LAST_LINES = 15

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


def run_in_process(
    job: Experiment,
    directory: Path,
    arguments: list[str],
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> JobResult:
    """Return the result of a job; train it in a fresh process unless it is done.

    Args:
        job: The complete job.
        directory: The job's directory.
        arguments: Further flags of ``nac.train``.
        environment: Variables that the process gets in addition to those of this one.
        quiet: Whether its output goes to its log alone; then a Ctrl-C at the terminal reaches this
            process only.

    Raises:
        NacError: The directory holds another job, or this one failed.
    """
    check_same(job, directory)
    if not is_done(directory):
        write_json(directory / JOB, experiment_to_dict(job))
        _train(directory / JOB, arguments, {**os.environ, **(environment or {})}, quiet)
    return read_result(directory)


def job_command(path: Path, arguments: list[str]) -> list[str]:
    """Return the command that trains a job."""
    return [sys.executable, "-m", "nac.train", f"--job={path}", *arguments]


def _train(path: Path, arguments: list[str], environment: dict[str, str], quiet: bool) -> None:
    command = job_command(path, arguments)
    code = _wait(
        [*command, "--exit_with_parent"], environment, path.parent / LOG if quiet else None
    )
    if code or not is_done(path.parent):
        raise NacError(_failure(path, code, command))


def _wait(command: list[str], environment: dict[str, str], log: Path | None) -> int:
    """Run a command to its end; its output goes to that of this process, or to a log."""
    with open(log or os.devnull, "ab") as file:
        process = subprocess.Popen(
            command,
            # The job ends when this pipe does: a killed driver leaves no orphan behind.
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if log else None,  # progress, which it logs itself
            stderr=file if log else None,
            env=environment,
            start_new_session=log is not None,
        )
        try:
            return process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise


def _failure(path: Path, code: int, command: list[str]) -> str:
    how = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
    log = path.parent / LOG
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    last = "\n".join(f"  {line}" for line in lines[-LAST_LINES:])
    return (
        f"job {path.parent} {how}. The end of its log:\n{last}\n"
        f"To repeat this job: {shlex.join(command)}\n"
        "To continue the run, repeat the command that began it."
    )
