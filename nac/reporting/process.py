"""The report of a run, written by a process of its own: a failure there is none here."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nac.reporting.extra import INSTALL, missing_packages


def write_report(directory: Path, flags: Sequence[str] = ()) -> str:
    """Have ``nac.report`` write a run's page, and return a line that says how that went.

    A failure is not an error: the run itself is done.

    Args:
        directory: The run directory.
        flags: Further flags of ``nac.report``.
    """
    arguments = ["-m", "nac.report", f"--run={directory}", *flags]
    again = shlex.join(["python", *arguments])
    missing = missing_packages()
    if missing:
        return f"report: not written, it needs {', '.join(missing)}: {INSTALL}, then {again}"
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return f"report: not written ({reason}); to try again: {again}"
    return done.stdout.strip()
