"""A run whose processes can be found, signalled and waited for."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from nac.runs.layout import FINAL, is_done
from tools.surviving.moments import BOTH, DRIVER, JOB, Kill

STARTED = 300.0
"""Seconds that a run may take at most."""


POLL_SECONDS = 0.005


def default_signals() -> None:
    """Let SIGINT end this process, which the background of a shell ignores."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(flags: list[str], log: Path) -> subprocess.Popen:
    """Start ``nac construct``; what it prints goes to a file, after what is there already."""
    with open(log, "ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "nac.construct", *flags],
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=default_signals,
        )


def jobs_of(driver: int) -> list[int]:
    """Return the processes that a driver has started, the oldest first."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(driver)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return sorted(int(pid) for pid, command in lines if "defunct" not in command)


def ended(pid: int) -> bool:
    """Return whether a process is gone, or waits only for somebody to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for_moment(driver: subprocess.Popen, directory: Path, kill: Kill) -> bool:
    """Wait until a kill is due; return whether the driver is still there."""
    pattern = kill.aim.waits_for
    while pattern and not any(directory.glob(pattern)):
        if driver.poll() is not None:
            return False
        # What some kills are aimed at lasts for less than a millisecond.
        if kill.delay or not is_done(directory / FINAL):
            time.sleep(POLL_SECONDS)
    try:
        driver.wait(kill.delay)
    except subprocess.TimeoutExpired:
        return True
    return False


def deliver(driver: subprocess.Popen, kill: Kill) -> list[int]:
    """Send a signal to what a kill is aimed at; return the processes that the run has."""
    children = jobs_of(driver.pid) if kill.target != DRIVER else []
    targets = {DRIVER: [driver.pid], JOB: children[:1], BOTH: [driver.pid, *children[:1]]}
    for pid in targets[kill.target]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, kill.number)
    return children


def wait_until_ended(driver: subprocess.Popen, children: list[int]) -> None:
    """Wait until the driver and what it has started have ended."""
    started = time.monotonic()
    driver.wait(STARTED)
    while not all(map(ended, children)):
        time.sleep(0.01)
        if time.monotonic() - started > STARTED:
            raise TimeoutError(f"still there: {children}")
