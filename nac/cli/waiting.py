"""A job's process that is started early: it imports everything, then waits for its job."""

import importlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

from nac.cluster.members import TF_CONFIG
from nac.utils.processes import native_messages_to
from nac.utils.signals import read_line

NEEDED = "nac.training.job"
"""Module that imports all that a job needs. None of it touches a device when it is imported, so
that only one process at a time holds the memory of a GPU."""


def awaited_job(
    then: Callable[[], None] = lambda: None, with_cluster: bool = False
) -> tuple[str, str]:
    """Import what a job needs, and wait for the path of a job on standard input.

    The process ends if standard input ends before.

    Args:
        then: Called in a thread when the path is there, which may be before the import is done.
        with_cluster: Whether a second line says who trains the job together, see
            :func:`nac.cluster.members.tf_config`; TensorFlow reads that from the environment.

    Returns:
        The path, and what libraries printed on standard error.
    """
    paths = SimpleQueue[str]()
    arguments = paths, then, with_cluster
    threading.Thread(target=_read_path, args=arguments, daemon=True).start()
    with _background():
        messages = _import()
    return paths.get(), messages


def _read_path(paths: SimpleQueue[str], then: Callable[[], None], with_cluster: bool) -> None:
    path = _line()
    if with_cluster:
        os.environ[TF_CONFIG] = _line()
    paths.put(path)
    then()


def _line() -> str:
    line = read_line(0)  # no more than that: requests to end may follow
    if not line:
        os._exit(1)
    return os.fsdecode(line.removesuffix(b"\n"))


def _import() -> str:
    """Return what libraries print on standard error while they are imported."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as messages:
        # What cannot be imported is imported again by the job, which reports it.
        with native_messages_to(Path(messages.name)), suppress(Exception):
            importlib.import_module(NEEDED)
        return messages.read()


@contextmanager
def _background() -> Iterator[None]:
    """Let other processes go first, where the system knows that (Linux).

    Unlike niceness and SCHED_IDLE, SCHED_BATCH can be left again without privileges.
    """
    if not hasattr(os, "SCHED_BATCH"):
        yield
        return
    before = os.sched_getscheduler(0)
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    yield
    with suppress(OSError):
        os.sched_setscheduler(0, before, os.sched_param(0))
