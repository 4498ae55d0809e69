"""The process of a job on some machine of a cluster; if the machine is lost, it begins anew."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from nac.display.event import Event
from nac.display.job_events import Failed, Lost, Working
from nac.runs.job_process import RUNNING, TICK_SECONDS
from nac.runs.layout import is_done
from nac.utils.errors import NacError
from nac.utils.signals import exit_code

ATTEMPTS = 4
"""How often a job begins in all, if its machine is lost each time."""

WAITING = "waiting for a machine"

VISIBLE_SECONDS = 90.0
"""Seconds after which this machine sees a file that another one wrote. Clients of NFS may remember
for a minute that a file was not there."""


class LostError(Exception):
    """The machine on which a job ran is gone, or the program that had started the job there."""


@dataclass(frozen=True)
class Placed:
    """A machine has got the job.

    Attributes:
        host: Its name.
    """

    host: str


@dataclass(frozen=True)
class Ended:
    """The process of the job has ended.

    Attributes:
        code: Its exit code.
    """

    code: int


Message = Placed | Event | Ended
"""What a machine says about its job, in this order."""


class Submission(Protocol):
    """A job that was given to a cluster."""

    def next(self, seconds: float) -> Message | None:
        """Return what comes next, None if that is nothing within some seconds.

        Raises:
            LostError: The machine is gone.
            NacError: The job cannot be done.
        """

    def stop(self, number: int) -> None:
        """Let the process of a placed job end as a signal does."""

    def end(self) -> None:
        """Take the job back, and kill its process if it has one."""


Submit = Callable[[Path, int], Submission]
"""Gives a job to a cluster: the path of the job, and the number of the attempt from 1."""


class RemoteProcess:
    """A process of ``nac.train --job=-`` somewhere, with the interface of a local one.

    Nothing is started before it has a job, so it holds no device while it waits. A job whose
    machine is lost is submitted again, and continues from its newest checkpoint. One that fails by
    itself is not.

    Args:
        command: The command that waits for a path on its standard input.
        submit: Gives it to a cluster.

    Attributes:
        command: As given.
        host: Host on which the job runs, or did last; empty as long as none has it.
    """

    def __init__(self, command: list[str], submit: Submit):
        self.command = command
        self.host: str | None = ""
        self._submit = submit
        self._events = SimpleQueue[Event | None]()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._code = 0
        self._asked: int | None = None
        self._abandoned = False

    def hand_over(self, path: Path) -> bool:
        """Submit the job; return that this was in time."""
        RUNNING.add(self)
        self._thread = threading.Thread(target=self._run, args=(path,), daemon=True)
        self._thread.start()
        return True

    def stop(self, number: int) -> bool:
        """Ask the process to end as a signal does; return whether this is news for it."""
        if self._asked is not None or self._ended.is_set():
            return False
        self._asked = number
        return True

    def events(self) -> Iterator[Event | None]:
        """Yield the events of the job until it has ended.

        Yields:
            None each time that nothing has happened for a while.
        """
        while True:
            try:
                event = self._events.get(timeout=TICK_SECONDS)
            except Empty:
                yield None
                continue
            if event is None:
                return
            yield event

    def wait(self) -> int:
        """Return the exit code when the job has ended."""
        while not self._ended.wait(TICK_SECONDS):  # which lets signals come through
            pass
        return self._code

    def end(self, log: Path | None = None) -> None:
        """Take the job back, unless it has ended; its machine writes the log."""
        self._abandoned = True
        RUNNING.discard(self)
        if self._thread:
            self._thread.join()

    def _run(self, path: Path) -> None:
        """Follow the job until it has ended, in a thread of its own."""
        try:
            self._code = self._follow(path)
            if self._code == 0:
                _await_result(path.parent)
        except NacError as error:
            self._fail(str(error))
        except Exception as error:  # of the cluster; if the thread died, all would wait forever
            self._fail(" ".join(f"{type(error).__name__}: {error}".split()))
        self._events.put(None)
        self._ended.set()

    def _fail(self, reason: str) -> None:
        self._code = 1
        self._events.put(Failed(reason))

    def _follow(self, path: Path) -> int:
        """Return the exit code of the job; submit it again each time that it is lost."""
        lost = unplaced = 0
        while max(lost, unplaced) < ATTEMPTS:
            if self.host:
                self._events.put(Lost(self.host, lost, ATTEMPTS))
            self.host = ""
            self._events.put(Working(WAITING))
            submission = self._submit(path, lost + unplaced + 1)
            try:
                return self._followed(submission)
            except LostError:
                if self._asked is not None:
                    return exit_code(self._asked)
                if self.host:
                    lost += 1
                else:  # a machine was chosen that the cluster did not know to be gone
                    unplaced += 1
            finally:
                submission.end()
        where = f"its process was lost {lost} times, the last time on {self.host}"
        raise NacError(where if self.host else f"no machine took it in {unplaced} attempts")

    def _followed(self, submission: Submission) -> int:
        """Return the exit code of a job, unless it is lost."""
        told = False
        while not self._abandoned:
            if self._asked is not None and not told:
                if not self.host:  # there is nothing to save
                    return exit_code(self._asked)
                submission.stop(self._asked)
                told = True
            message = submission.next(TICK_SECONDS)
            if isinstance(message, Ended):
                return message.code
            if isinstance(message, Placed):
                self.host = message.host
                self._events.put(Working(f"starting on {self.host}"))
            elif message is not None:
                self._events.put(message)
        return 1


def _await_result(directory: Path) -> None:
    """Wait until this machine sees the result that another one wrote to a shared directory."""
    deadline = time.monotonic() + VISIBLE_SECONDS
    while not is_done(directory) and time.monotonic() < deadline:
        os.listdir(directory)  # which asks the server of a network file system
        time.sleep(TICK_SECONDS)
