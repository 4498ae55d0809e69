"""A worker that is not the chief: it joins each job that the chief begins."""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from nac.cluster.assembly import connected
from nac.cluster.channel import Channel, Lost, Message
from nac.cluster.members import PEER_GONE, Member, tf_config
from nac.cluster.ports import free_port
from nac.display.display import Display
from nac.display.job_events import Failed
from nac.display.run_events import Line
from nac.runs.job_process import TICK_SECONDS, JobProcess, stop_running
from nac.runs.jobs import how_ended
from nac.runs.layout import LOG
from nac.utils.errors import NacError
from nac.utils.signals import SIGNALS, exit_code, signal_name, signal_of

RETRY_SECONDS = 1.0
"""Seconds between two looks for a file."""

VISIBLE_SECONDS = 60.0
"""Seconds within which a file must be seen here that the chief has written: network file systems
keep for a while in mind that there was none."""


@dataclass
class Joined:
    """A job that this worker joins.

    Attributes:
        process: The process of its share.
        directory: Where that writes what only the chief's process leaves for good.
        path: File of the job, None as long as it is not known.
        begun: Whether the process has its job.
        over: Whether the chief has said that it is done with it.
    """

    process: JobProcess
    directory: Path
    path: Path | None = None
    begun: bool = False
    over: bool = False


def follow(member: Member, display: Display) -> None:
    """Join the chief's jobs until its command has ended.

    Args:
        member: This worker.
        display: Shows what goes on.

    Raises:
        NacError: The chief did not come, was lost, or ended with an error.
    """
    chief = member.addresses[0]
    display.show(Line(f"worker {member.index}: waits for the chief at {chief}"))
    channel = connected(member)
    follower = _Follower(member, channel, display)
    try:
        follower.run()
    except Lost:
        raise NacError(_gone(chief)) from None
    except KeyboardInterrupt as error:
        follower.stop(signal_of(error))
        raise
    finally:
        follower.end()
        channel.close()


def _gone(chief: str) -> str:
    return (
        f"the chief at {chief} is gone; the same command, on all workers, continues where its"
        " newest checkpoint is"
    )


class _Follower:
    """The jobs of a worker.

    Args:
        member: The worker.
        channel: Its connection to the chief.
        display: Shows what goes on.
    """

    def __init__(self, member: Member, channel: Channel, display: Display):
        self._member, self._channel, self._display = member, channel, display
        self._room = Path(tempfile.mkdtemp(prefix="nac-worker-"))
        self._unexplained = False
        self._jobs: dict[int, Joined] = {}
        self._queue = SimpleQueue[tuple[str, Any]]()

    def run(self) -> None:
        """Do what the chief says until it has ended."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            with suppress(Empty):  # A wait without end would not notice each signal.
                kind, value = self._queue.get(timeout=TICK_SECONDS)
                if kind == "lost":
                    raise Lost(value)
                if kind == "ended":
                    self._report(*value)
                elif value["kind"] == "end":
                    if value.get("reason"):
                        raise NacError(f"the chief ended: {value['reason']}")
                    return
                else:
                    self._obey(value)

    def _listen(self) -> None:
        while True:
            try:
                self._queue.put(("message", self._channel.receive()))
            except Lost as error:
                self._queue.put(("lost", str(error)))
                return

    def _obey(self, message: Message) -> None:
        """Do what a message says about a job."""
        number, kind = int(message["job"]), message["kind"]
        if kind == "prepare":
            self._jobs[number] = self._prepared(number, message["arguments"])
        elif kind == "job":
            self._get_ready(number, Path(message["path"]))
        elif kind == "begin":
            self._begin(number, tuple(message["workers"]))
        elif kind == "done":
            self._jobs[number].over = True
            self._end(self._jobs.pop(number))

    def _prepared(self, number: int, arguments: Sequence[str]) -> Joined:
        """Start the process of a job, which writes into a directory of its own."""
        directory = self._room / f"job{number}"
        directory.mkdir()
        own = (f"--output_dir={directory}", f"--decoded_dir={self._room / 'decoded'}")
        command = [sys.executable, "-m", "nac.train", *arguments, *own]
        return Joined(JobProcess(command, {}, beside=True), directory)

    def _get_ready(self, number: int, path: Path) -> None:
        job, deadline = self._jobs[number], time.monotonic() + VISIBLE_SECONDS
        while not path.is_file():
            if time.monotonic() >= deadline:
                self._fail(
                    number,
                    f"does not see {path}; all workers need the chief's run directory under the"
                    " same path",
                )
                return
            time.sleep(RETRY_SECONDS)
        job.path = path
        address = f"{self._member.host}:{free_port()}"
        self._channel.send("ready", job=number, address=address)

    def _begin(self, number: int, workers: tuple[str, ...]) -> None:
        job = self._jobs[number]
        assert job.path
        self._display.show(Line(f"worker {self._member.index}: joins {job.path.parent}"))
        if not job.process.hand_over(job.path, tf_config(workers, self._member.index)):
            self._fail(number, "lost its process before the job began")
            return
        job.begun = True
        threading.Thread(target=self._watch, args=(number, job), daemon=True).start()

    def _watch(self, number: int, job: Joined) -> None:
        """Wait until the process of a job has ended."""
        said = None
        for event in job.process.events():
            if isinstance(event, Failed):
                said = event.reason
        self._queue.put(("ended", (number, job, said)))

    def _report(self, number: int, job: Joined, said: str | None) -> None:
        """Tell the chief about a process that has ended before it was told to, and failed."""
        code = job.process.wait()
        if job.over or not code or said == PEER_GONE:  # then another one has to say why
            return
        how = f"failed: {said}" if said else how_ended(code).partition(";")[0]
        if not said and code > 0 and code not in map(exit_code, SIGNALS):
            self._unexplained = True
            how += f" (more in {self._member.host}:{job.directory / LOG})"
        self._fail(number, how)

    def _fail(self, number: int, how: str) -> None:
        self._channel.send("failed", job=number, how=how)

    def stop(self, number: int) -> None:
        """Let the jobs save a checkpoint and end, as a signal asked for it, and say so."""
        stop_running(number)
        for job in self._jobs.values():
            if job.begun:
                job.process.wait()
        with suppress(Lost):
            self._channel.send("failed", how=f"was ended by {signal_name(number)}")

    def end(self) -> None:
        """End all processes that are left, and keep nothing but logs of failures."""
        for job in self._jobs.values():
            self._end(job)
        if not self._unexplained:
            shutil.rmtree(self._room, ignore_errors=True)
            return
        for path in self._room.glob("*/*"):
            if path.name != LOG:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _end(self, job: Joined) -> None:
        job.process.end(job.directory / LOG)
