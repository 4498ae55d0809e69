"""Who works in a directory, for other hosts: a lease beside the lock, renewed while the work lasts.

The lock of a directory holds among the processes of one machine. Over network file systems it often
does not, so the holder also writes ``lease.json`` and touches it every few seconds. How long it has
been silent is the difference of two modification times of the same file system, that of the lease
and that of a file that is written for the purpose. So it does not matter whether the clocks of the
hosts agree.
"""

import _thread
import os
import platform
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nac.utils.errors import NacError, refused
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json

LEASE = "lease.json"

HEARTBEAT = 10.0
"""Seconds between two signs of life."""

SILENCE = 60.0
"""Seconds without a sign of life after which the holder counts as dead."""

LOOK = 1.0
"""Seconds between two looks at the lease of another holder, by those who wait for it."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux says an identifier of this machine since it was started."""


@dataclass(frozen=True)
class Lease:
    """The holder of a directory.

    Attributes:
        host: Name of its host.
        boot: Identifier of that machine since its start, empty where the system has none.
        process: Number of the process.
        token: Tells two leases of the same process apart.
    """

    VERSION: ClassVar[int] = 1

    host: str
    boot: str
    process: int
    token: str

    def is_of_this_machine(self) -> bool:
        """Whether the lock of the directory, if there is one, holds against the holder."""
        mine = own_lease()
        return self.boot == mine.boot if self.boot and mine.boot else self.host == mine.host


def own_lease() -> Lease:
    """Return a new lease of this process."""
    boot = ""
    with suppress(OSError):
        boot = BOOT_ID.read_text().strip()
    return Lease(platform.node(), boot, os.getpid(), uuid.uuid4().hex)


def read_lease(directory: Path) -> Lease | None:
    """Return the lease of a directory, None if there is none that can be read."""
    path = directory / LEASE
    with suppress(NacError):
        return from_json(Lease, read_json(path), str(path))
    return None


@contextmanager
def leased(directory: Path, work: str, lock_holds: bool, patience: float = 0.0) -> Iterator[None]:
    """Hold the lease of a directory.

    Args:
        directory: The directory.
        work: What it holds, such as "run", for messages.
        lock_holds: Whether this process has the lock, so that no other one of this machine works
            in the directory. False where the file system has no locks.
        patience: Seconds to wait until another holder gives the lease back, or counts as dead.

    Raises:
        NacError: A process of another host works in the directory, or did so until it fell silent a
            moment ago.
    """
    path, lease = directory / LEASE, own_lease()
    _check_free(directory, work, lock_holds, time.monotonic() + patience)
    write_json(path, to_json(lease))
    ended = threading.Event()
    beat = threading.Thread(target=_renew, args=(directory, lease, work, ended), daemon=True)
    beat.start()
    try:
        yield
    finally:
        ended.set()
        if read_lease(directory) == lease:
            with suppress(OSError):
                path.unlink()


def _check_free(directory: Path, work: str, lock_holds: bool, deadline: float) -> None:
    """Raise NacError if somebody else holds the lease; say so if a dead holder's is taken over."""
    while True:
        holder = read_lease(directory)
        if holder is None or (holder.is_of_this_machine() and (lock_holds or _is_dead(holder))):
            return
        seconds = _silent_seconds(directory)
        if seconds >= SILENCE or time.monotonic() >= deadline:
            break
        time.sleep(LOOK)
    path, who = directory / LEASE, f"process {holder.process} on host {holder.host}"
    if seconds < SILENCE:
        raise NacError(
            f"{directory}: {who} is working on this {work}; its last sign of life was"
            f" {seconds:.0f} s ago. If that host is dead, repeat this command when it has been"
            f" silent for {SILENCE:.0f} s, or delete {path}"
        )
    print(
        f"note: {directory}: {who} worked on this {work}, but has been silent for {seconds:.0f} s;"
        " this process takes over",
        file=sys.stderr,
    )


def _is_dead(holder: Lease) -> bool:
    """Whether a process of this machine is gone; where processes are hidden, it may seem so."""
    if holder.host != platform.node():  # a container of its own
        return False
    try:
        os.kill(holder.process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _silent_seconds(directory: Path) -> float:
    """Return how long the holder of a directory has been silent, by the file system's own clock."""
    with (
        refused("written", directory),
        tempfile.NamedTemporaryFile(dir=directory, prefix=f".{LEASE}.") as now,
    ):
        now.write(b"now")
        now.flush()
        written = os.fstat(now.fileno()).st_mtime
        with suppress(FileNotFoundError):  # given back just now
            return max(0.0, written - (directory / LEASE).stat().st_mtime)
    return SILENCE


def _renew(directory: Path, lease: Lease, work: str, ended: threading.Event) -> None:
    """Touch a lease until the work has ended; end the work if somebody else has the lease.

    Touching needs no room on a full disk.
    """
    while not ended.wait(HEARTBEAT):
        holder = read_lease(directory)
        if holder and holder != lease and not ended.is_set():
            print(
                f"error: {directory}: process {holder.process} on host {holder.host} has taken"
                f" over this {work}, as nothing was heard from this one; it ends",
                file=sys.stderr,
            )
            ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # as under nohup
            _thread.interrupt_main(signal.SIGTERM if ignored else signal.SIGINT)
            return
        with suppress(OSError):
            os.utime(directory / LEASE)
