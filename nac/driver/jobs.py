"""Jobs in fresh processes: start one, wait, and say what happened if it failed."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from nac.config import Experiment, experiment_to_dict
from nac.errors import NacError
from nac.files import read_json, write_json
from nac.job_files import JOB, LOG, STATISTICS, has_progress

LAST_LINES = 15


def is_done(directory: Path) -> bool:
    """Whether a job has its result."""
    return (directory / STATISTICS).exists()


def run_in_process(job: Experiment, directory: Path, arguments: list[str]) -> dict[str, Any]:
    """Return the statistics of a job; train it in a fresh process unless it is done.

    Args:
        job: what is to be trained, complete.
        directory: of the job.
        arguments: further flags of ``nac.train``.

    Raises:
        NacError: the directory holds another job, or this one failed.
    """
    value = experiment_to_dict(job)
    path = directory / JOB
    if has_progress(directory) and read_json(path) != value:
        raise NacError(f"{path}: expected the job that this run leads to, received another one")
    if not is_done(directory):
        write_json(path, value)
        _train(path, arguments)
    return read_json(directory / STATISTICS)


def job_command(path: Path, arguments: list[str]) -> list[str]:
    """Return the command that trains a job."""
    return [sys.executable, "-m", "nac.train", f"--job={path}", *arguments]


def _train(path: Path, arguments: list[str]) -> None:
    command = job_command(path, arguments)
    # The job ends when this pipe does: a killed driver leaves no orphan behind.
    process = subprocess.Popen([*command, "--exit_with_parent"], stdin=subprocess.PIPE)
    try:
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if code or not is_done(path.parent):
        raise NacError(_failure(path, code, command))


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
