"""What concerns processes: cores, a lock, native messages in a log, the end of a parent."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nac.utils.errors import NacError


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
        NacError: Another process holds the lock, or this is Windows.
    """
    check_platform()
    import fcntl  # does not exist on Windows

    directory.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with open(directory / "lock", "a", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    raise NacError(
                        f"{directory}: another process is working on this {work}"
                    ) from None
                time.sleep(0.1)
        yield


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
        except NacError:
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
