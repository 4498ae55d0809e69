"""What concerns processes: cores, a lock, native messages in a log, the end of a parent."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from nac.utils.errors import InputError, NacError, refused
from nac.utils.leases import LEASE, leased, read_lease

LOCK = "lock"


def check_platform() -> None:
    """Raise NacError on Windows, which has neither the locks nor the pipes that runs rely on."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        raise NacError("nac runs on Linux and macOS; on Windows use WSL") from None


def available_cores() -> int:
    """Return the number of CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # absent on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def locked(directory: Path, work: str, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock of a directory; it is released with the process, even by a kill.

    Args:
        directory: The directory, which is created if it does not exist.
        work: What the directory holds, such as "run", for the message.
        patience: Seconds to wait for another holder.

    Raises:
        InputError: The path of the directory has a line break.
        NacError: Another process holds the lock or, from another host, the lease; or the directory
            cannot be used; or this is Windows.
    """
    check_platform()
    if "\n" in str(directory):  # jobs get their paths as lines
        raise InputError(f"{directory}: expected a path without line breaks")
    with refused("created", directory):
        directory.mkdir(parents=True, exist_ok=True)
    with refused("written", directory / LOCK):
        file = open(directory / LOCK, "a", encoding="utf-8", opener=_at_once)  # noqa: SIM115
    with file:
        lock_holds = _has_lock(file, directory, work, patience)
        with leased(directory, work, lock_holds, patience):
            yield


def _at_once(path: str, mode: int) -> int:
    """Open a file; a pipe that nobody reads is an error, as otherwise this would wait forever."""
    return os.open(path, mode | os.O_NONBLOCK, 0o666)


def _has_lock(file: TextIO, directory: Path, work: str, patience: float) -> bool:
    """Get the lock of a file; return False where the file system has no locks.

    Raises:
        NacError: Another process keeps it for longer than ``patience`` seconds.
    """
    import fcntl  # does not exist on Windows

    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise NacError(_busy(directory, work)) from None
            time.sleep(0.1)
        except OSError as error:  # some network file systems have none
            print(
                f"note: {directory}: the file system has no locks ({error.strerror}); only"
                f" {LEASE} keeps a second process away",
                file=sys.stderr,
            )
            return False


def _busy(directory: Path, work: str) -> str:
    holder = read_lease(directory)
    who = f" (process {holder.process} on host {holder.host})" if holder else ""
    return f"{directory}: another process is working on this {work}{who}"


@contextmanager
def native_messages_to(log: Path) -> Iterator[int]:
    """Send what the process prints on file descriptor 2, native code too, to a log file.

    Yields:
        A file descriptor of the real standard error.
    """
    sys.stderr.flush()
    real = os.dup(2)
    with open(log, "a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield real
        finally:
            with suppress(OSError):  # a full disk; what writes results says so
                sys.stderr.flush()
            os.dup2(real, 2)
            os.close(real)


_QUIET = threading.RLock()  # standard error belongs to the whole process


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what libraries print on standard error; show it if the program itself fails.

    Threads take turns.
    """
    with _QUIET, tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as messages:
        try:
            with native_messages_to(Path(messages.name)):
                yield
        except (NacError, OSError):  # become one line
            raise
        except Exception:
            sys.stderr.write(messages.read())
            raise


def exit_with_parent() -> None:
    """End this process as soon as its standard input ends, that is, when its parent is gone."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
