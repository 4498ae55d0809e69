"""The energy that a machine uses during a job, on Linux from the counters of Intel's RAPL.

The kernel counts the microjoules of each processor package in a file, also for AMD's processors.
The counters overflow after minutes to hours, so a thread reads them regularly. On most systems
only root may read them.
"""

import threading
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
SECONDS_BETWEEN_READINGS = 30.0
"""A counter of 262 kJ, a common size, overflows after 15 minutes at 290 W."""


class EnergyMeter:
    """Adds up what all processor packages use, within a ``with`` block.

    Args:
        directory: Directory with a folder per counter.
    """

    def __init__(self, directory: Path = POWERCAP):
        self._counters = _packages(directory)
        self._last = _read(self._counters, "energy_uj")
        self._ranges = _read(self._counters, "max_energy_range_uj")
        self._microjoules = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "EnergyMeter":
        if self._last is not None:
            self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()

    def joules(self) -> float | None:
        """Return the joules used so far by everything on the machine, None if not available."""
        self.read()
        return None if self._last is None else round(self._microjoules / 1e6, 3)

    def read(self) -> None:
        """Add what the counters have counted since the last time."""
        with self._lock:
            now = _read(self._counters, "energy_uj")
            if None in (now, self._last, self._ranges):
                self._last = None
                return
            for before, after, size in zip(self._last, now, self._ranges, strict=True):
                self._microjoules += after - before + (size if after < before else 0)
            self._last = now

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_READINGS):
            self.read()


def _packages(directory: Path) -> list[Path]:
    """Return the counters of whole packages; parts and platform would be counted twice."""
    return [
        path.parent
        for path in sorted(directory.glob("intel-rapl:*/name"))
        if path.read_text().startswith("package")
    ]


def _read(counters: list[Path], name: str) -> list[int] | None:
    """Return one number of each counter, None if there are none or one cannot be read."""
    try:
        return [int((counter / name).read_text()) for counter in counters] or None
    except OSError:
        return None
