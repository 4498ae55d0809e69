"""The process of one search of a rival, which is killed if it does not end in time."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nac.runs.jobs import LAST_LINES
from nac.runs.layout import JOB, LOG, is_done
from nac.utils.errors import NacError

PATIENCE = 1.2
"""Share of its seconds after which a rival is killed."""


def rival_command(directory: Path, plugins: Sequence[str] = ()) -> list[str]:
    """Return the command that repeats a search.

    Args:
        directory: The directory of its job.
        plugins: Modules that it imports first.
    """
    flags = [f"--job={directory / JOB}", *(f"--plugin={module}" for module in plugins)]
    return [sys.executable, "-m", "nac.rival_job", *flags]


def run_rival_process(directory: Path, seconds: float, plugins: Sequence[str] = ()) -> None:
    """Let a rival search; its output goes to the log in the directory of its job.

    Args:
        directory: The directory of its job, with the job file.
        seconds: Seconds that it has.
        plugins: Modules that it imports first.

    Raises:
        NacError: It has no result. The first line says why.
    """
    command = rival_command(directory, plugins)
    with open(directory / LOG, "wb") as log:
        process = subprocess.Popen(
            [*command, "--exit_with_parent"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C at the terminal reaches this process only
        )
        with process:
            try:
                code = process.wait(PATIENCE * seconds)
                reason = f"it was killed by signal {-code}" if code < 0 else ""
            except subprocess.TimeoutExpired:
                process.kill()
                late = PATIENCE * seconds
                reason = f"no model within its {seconds:.0f} s; it was killed after {late:.0f} s"
    if not is_done(directory):
        raise NacError(*_failure(directory / LOG, reason, command))


def _failure(log: Path, reason: str, command: Sequence[str]) -> list[str]:
    """Return what to say, line by line, of a rival that ended without a result."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if not reason:
        errors = [line for line in lines if line.startswith("error: ")] or lines
        reason = errors[-1].removeprefix("error: ") if errors else "it ended without a result"
    return [
        reason,
        f"The end of {log}:",
        *(f"  {line}" for line in lines[-LAST_LINES:]),
        f"To repeat this job: {shlex.join(command)}",
    ]
