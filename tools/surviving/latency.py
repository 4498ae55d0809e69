"""How long a run takes to end after a signal, in each of its phases."""

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from nac.utils.tables import table
from tools.surviving.moments import DRIVER, JOB, Aim, Kill
from tools.surviving.processes import default_signals, deliver, jobs_of, wait_until_ended
from tools.surviving.trials import flags_of

PHASES = {
    "importing": {"event": "begun"},
    "compiling": {"event": "working", "what": "compiling"},
    "training": {"event": "compiled"},
    "evaluating": {"event": "working", "what": "evaluating"},
    "saving": {"event": "working", "what": "saving"},
}
"""Phase -> the event with which it begins (docs/events.md)."""

PAUSE = 0.1
"""Seconds from the beginning of a phase to the signal."""


def latencies(place: Path, rounds: int) -> str:
    """Return a table of the longest times, in seconds, from a signal until all processes ended.

    Args:
        place: Directory of the runs.
        rounds: Number of tries of each.
    """
    rows = []
    for phase in PHASES:
        for number in (signal.SIGTERM, signal.SIGINT):
            for target in (DRIVER, JOB):
                found = [measured(place, phase, number, target) for _ in range(rounds)]
                seconds = [each for each, _ in found]
                codes = sorted({code for _, code in found})
                row = [phase, signal.Signals(number).name, target, f"{max(seconds):.2f}"]
                rows.append([*row, ", ".join(map(str, codes))])
                print(*rows[-1], flush=True)
    return f"\n{table(['while', 'signal', 'to', 'longest', 'exit codes'], rows)}"


def measured(place: Path, phase: str, number: int, target: str) -> tuple[float, int]:
    """Return the seconds from a signal until all processes ended, and the driver's exit code."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    driver = subprocess.Popen(
        [sys.executable, "-m", "nac.construct", *flags_of(place), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=default_signals,
    )
    assert driver.stdout
    for line in driver.stdout:
        if _is(json.loads(line), PHASES[phase]):
            break
    with suppress(subprocess.TimeoutExpired):
        driver.wait(PAUSE)
    children, started = jobs_of(driver.pid), time.monotonic()
    deliver(driver, Kill(Aim(phase, "", (0.0, 0.0)), 0.0, target, number))
    driver.stdout.read()  # until the driver ends, which must not wait for a reader
    wait_until_ended(driver, children)
    return time.monotonic() - started, driver.returncode


def _is(event: dict[str, Any], wanted: dict[str, str]) -> bool:
    return all(event.get(key) == value for key, value in wanted.items())
