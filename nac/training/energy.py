"""Energy that a machine used during a job, where the platform tells: Intel's RAPL, through Linux.

The kernel counts the microjoules of each processor package in a file that runs over every few
minutes to hours, so the counters are read now and then. AMD's processors have the same files. Most
systems let only root read them.
"""

import threading
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
SECONDS_BETWEEN_READINGS = 30.0
"""A counter of 262 kJ, a common size, takes 15 minutes at 290 W to run over."""


class EnergyMeter:
    """Adds up what all processor packages use from the time it is made; use it with ``with``.

    Args:
        directory: with a folder per counter.
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
        """Return the joules so far, everything that ran on the machine included.

        Returns:
            None if there are no counters or they cannot be read.
        """
        self.read()
        return None if self._last is None else round(self._microjoules / 1e6, 3)

    def read(self) -> None:
        """Add what the counters have counted since they were last read."""
        with self._lock:
            now = _read(self._counters, "energy_uj")
            if None in (now, self._last, self._ranges):
                self._last = None
                return
            for before, after, most in zip(self._last, now, self._ranges, strict=True):
                self._microjoules += after - before + (most if after < before else 0)
            self._last = now

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_READINGS):
            self.read()


def _packages(directory: Path) -> list[Path]:
    """Return the counters of whole packages; their parts and the platform would count twice."""
    return [
        path.parent
        for path in sorted(directory.glob("intel-rapl:*/name"))
        if path.read_text().startswith("package")
    ]


def _read(counters: list[Path], name: str) -> list[int] | None:
    """Return a number of each counter; None if there are no counters or one cannot be read."""
    try:
        return [int((counter / name).read_text()) for counter in counters] or None
    except OSError:
        return None
