"""The process of one job, which can be started before it is known which job that is."""

import io
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from nac.display.event import Event
from nac.display.json_lines import from_line

TICK_SECONDS = 0.5
"""Seconds to wait for an event until something else may be done."""


class Stoppable(Protocol):
    """A process that can be asked to end."""

    def stop(self, number: int) -> bool:
        """Ask it to end as a signal does; return whether this is news for it."""


RUNNING: set[Stoppable] = set()
"""The processes of this one's jobs, in all threads."""

GRACE_SECONDS = 5.0
"""Seconds to wait for the last events of a process that has ended. They come at once, unless a
process that it left behind holds its pipe open."""


class JobProcess:
    """A process of ``nac.train --job=- --json``: it prepares itself and waits for its job's path.

    It ends when this process does: then the pipe ends by which it waits for its job, so a killed
    driver leaves no orphan behind. It is asked to end by the same pipe: a signal may have reached
    it already, and after a second one it would not save a checkpoint. What it prints are events.
    What it, or a library in it, prints as an error goes to the log of its job.

    Args:
        command: The command that waits for a path on its standard input.
        environment: Variables that the process gets in addition to those of this one.
        beside: Whether it may run beside other jobs; then a Ctrl-C at the terminal does not reach
            it, only this process.

    Attributes:
        command: As given.
        host: None, as it runs on this machine.
    """

    host: str | None = None

    def __init__(self, command: list[str], environment: Mapping[str, str], beside: bool):
        self.command = command
        # Which log it will be is not known yet; the file goes with this object.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._asked = False
        self._process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **environment},
            start_new_session=beside,
        )

    def hand_over(self, path: Path, *lines: str) -> bool:
        """Tell the process its job; return whether it was still alive.

        Args:
            path: The file of the job.
            *lines: What else it waits for.
        """
        assert self._process.stdin
        if self._process.poll() is not None:
            return False
        with suppress(BrokenPipeError):
            said = (os.fsencode(path), *(line.encode() for line in lines))
            self._process.stdin.write(b"".join(line + b"\n" for line in said))
            RUNNING.add(self)
            return True
        return False

    def stop(self, number: int) -> bool:
        """Ask the process to end as a signal does, with a checkpoint if there is something to save.

        Args:
            number: The signal.

        Returns:
            Whether this is news for it.
        """
        assert self._process.stdin
        if self._asked or self._process.poll() is not None:
            return False
        self._asked = True
        with suppress(OSError):  # it has ended
            self._process.stdin.write(b"%d\n" % number)
        return True

    def events(self) -> Iterator[Event | None]:
        """Yield the events of the job until its process has ended.

        A thread reads them, so the job never waits until they are shown.

        Yields:
            None each time that nothing has happened for a while.
        """
        queue = SimpleQueue[Event | None]()
        threading.Thread(target=self._read, args=(queue,), daemon=True).start()
        while self._process.poll() is None:
            with suppress(Empty):
                event = queue.get(timeout=TICK_SECONDS)
                if event is None:
                    self._process.wait()
                    return
                yield event
                continue
            yield None
        yield from self._rest(queue)

    def _read(self, queue: SimpleQueue[Event | None]) -> None:
        """Read events until the pipe ends; then put None into the queue."""
        assert self._process.stdout
        for line in io.BufferedReader(self._process.stdout):  # type: ignore[type-var]
            queue.put(from_line(line.decode(errors="replace").rstrip("\r\n")))
        queue.put(None)

    def _rest(self, queue: SimpleQueue[Event | None]) -> Iterator[Event]:
        """Yield the events of a process that has ended."""
        with suppress(Empty):
            while (event := queue.get(timeout=GRACE_SECONDS)) is not None:
                yield event

    def wait(self) -> int:
        """Return the exit code when the process has ended."""
        return self._process.wait()

    def kill(self) -> None:
        """Kill the process, unless it has ended; :meth:`end` is still to be called."""
        self._process.kill()
        self._process.wait()

    def end(self, log: Path | None = None) -> None:
        """Kill the process, unless it has ended.

        Args:
            log: The log of its job, None if it never had one.
        """
        self.kill()
        RUNNING.discard(self)
        if log:
            self._errors.seek(0)
            with open(log, "ab") as file:
                shutil.copyfileobj(self._errors, file)
        self._errors.close()


def stop_running(number: int) -> bool:
    """Ask all jobs that this process runs to end; return whether that is news for any of them.

    Args:
        number: The signal that they get.
    """
    asked = [process.stop(number) for process in tuple(RUNNING)]
    return any(asked)
