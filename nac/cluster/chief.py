"""The chief of several workers: it decides what is trained, and the others join each job."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from nac.cluster.assembly import assembled, named
from nac.cluster.channel import Channel, Lost, Message
from nac.cluster.members import MULTI_WORKER, PEER_GONE, Member, tf_config
from nac.cluster.ports import free_port
from nac.display.display import Display
from nac.display.event import Event
from nac.display.job_events import Failed
from nac.display.run_events import Line
from nac.runs.executors import Slots
from nac.runs.job_process import JobProcess
from nac.utils.errors import InputError
from nac.utils.signals import signal_name, signal_of

READY_SECONDS = 120.0
"""Seconds that a worker has to get ready for a job: to see its file on a network file system."""

CONTINUE = "the same command, on all workers, goes on where the newest checkpoint is"

OWN_SECONDS = 2.0
"""Seconds that a process here has to say itself what another worker has failed of."""

GRACE_SECONDS = 10.0
"""Seconds to wait for the news why a job cannot go on, if all that it knows is that it cannot."""


class Chief:
    """Starts a process for each job here, and lets the other workers start theirs.

    It is an executor of jobs (:class:`nac.runs.executors.Executor`). Within a ``with`` statement
    all workers are connected; it tells them how the command ended.

    Args:
        member: This worker, the first one.
        display: Shows whom it waits for, by default nothing.

    Raises:
        NacError: A worker did not come, or is of another version.
    """

    def __init__(self, member: Member, display: Display | None = None):
        self._member, self._display = member, display or Display()
        self._channels: dict[int, Channel] = {}
        self._news = threading.Condition()
        self._ready: dict[tuple[int, int], str] = {}  # (job, worker) -> its address there
        self._failures: dict[int, tuple[int | None, str]] = {}  # worker -> job, how it failed
        self._jobs = 0
        self._over: set[int] = set()

    def __enter__(self) -> Self:
        self._channels = assembled(self._member, self._display)
        for worker, channel in self._channels.items():
            threading.Thread(target=self._listen, args=(worker, channel), daemon=True).start()
        addresses = self._member.addresses
        self._display.show(Line(f"{len(addresses)} workers: {', '.join(addresses)}"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        why = ""
        if isinstance(error, KeyboardInterrupt):
            why = f"interrupted by {signal_name(signal_of(error))}"
        elif error is not None:
            why = str(error) or type(error).__name__
        self.tell("end", reason=why)
        for channel in self._channels.values():
            channel.close()

    def tell(self, kind: str, **values: object) -> None:
        """Send all other workers a message; one that is gone is noticed elsewhere."""
        for channel in self._channels.values():
            with suppress(Lost):
                channel.send(kind, **values)

    def _listen(self, worker: int, channel: Channel) -> None:
        """Take note of what a worker says, until it is gone."""
        while True:
            try:
                self._note(worker, channel.receive())
            except Lost:
                with self._news:
                    self._failures.setdefault(worker, (None, "was lost"))
                    self._news.notify_all()
                return

    def _note(self, worker: int, message: Message) -> None:
        with self._news:
            if message["kind"] == "ready":
                self._ready[message["job"], worker] = str(message["address"])
            elif message["kind"] == "failed" and message.get("job") not in self._over:
                failed = message.get("job"), str(message["how"])
                self._failures.setdefault(worker, failed)
            self._news.notify_all()

    def failure(self, seconds: float = 0.0) -> str | None:
        """Return why a worker cannot go on, None if all can.

        Args:
            seconds: Seconds to wait for such news.
        """
        with self._news:
            self._news.wait_for(lambda: self._failures, seconds)
            for worker, (_, how) in self._failures.items():  # the first one
                return f"{named(self._member, {worker})} {how}; {CONTINUE}"
        return None

    def done(self, job: int) -> None:
        """Let all workers end a job. Who failed in it alone can do the next one."""
        self.tell("done", job=job)
        with self._news:
            self._over.add(job)
            for worker, (failed, _) in list(self._failures.items()):
                if failed == job:
                    del self._failures[worker]

    def slots(self, parallel: int | None) -> Slots:
        """Return the only slot, as each job takes all workers (see ``Executor``).

        Raises:
            InputError: Several jobs are to run side by side.
        """
        if (parallel or 1) > 1:
            raise InputError(
                f"--parallel: expected 1 with --strategy={MULTI_WORKER}, as each job takes all"
                f" workers, received {parallel}"
            )
        return ({},)

    def start(
        self, command: list[str], environment: Mapping[str, str], beside: bool
    ) -> "ChiefProcess":
        """Start a process that waits for a job, here and on all other workers."""
        self._jobs += 1
        self.tell("prepare", job=self._jobs, arguments=command[3:])  # after python -m nac.train
        return ChiefProcess(self, self._jobs, JobProcess(command, environment, beside))

    def gathered(self, job: int, path: Path) -> tuple[str, ...] | None:
        """Return the addresses at which all workers are going to train a job together.

        Args:
            job: Number of the job.
            path: Its file.

        Returns:
            None if a worker cannot.
        """
        self.tell("job", job=job, path=str(path.absolute()))
        others = self._channels

        def known() -> bool:
            return bool(self._failures) or all((job, worker) in self._ready for worker in others)

        with self._news:
            if not self._news.wait_for(known, READY_SECONDS):
                late = min(worker for worker in others if (job, worker) not in self._ready)
                self._failures[late] = None, f"did not answer within {READY_SECONDS:.0f} s"
            if self._failures:
                return None
            own = f"{self._member.host}:{free_port()}"
            return own, *(self._ready[job, worker] for worker in sorted(others))


class ChiefProcess:
    """The chief's process of a job (:class:`nac.runs.executors.Process`).

    Args:
        chief: The chief.
        job: Number of the job.
        process: The process.

    Attributes:
        command: The command of the process.
        host: None, as the process is on this machine.
    """

    host: str | None = None

    def __init__(self, chief: Chief, job: int, process: JobProcess):
        self._chief, self._job, self._process = chief, job, process
        self.command = process.command

    def hand_over(self, path: Path) -> bool:
        """Tell all workers the job; return whether the process here was still alive."""
        addresses = self._chief.gathered(self._job, path)
        if addresses is None:  # events() says why
            self._process.kill()
            return True
        self._chief.tell("begin", job=self._job, workers=addresses)
        return self._process.hand_over(path, tf_config(addresses, 0))

    def stop(self, number: int) -> bool:
        """Ask the process here to end, which asks all others."""
        return self._process.stop(number)

    def events(self) -> Iterator[Event | None]:
        """Yield the events of the process, and at last why it failed, if that is known.

        If another worker cannot go on, this process cannot either.
        """
        said, noticed = None, None
        for event in self._process.events():
            if isinstance(event, Failed):
                said = event.reason
            else:
                yield event
            if self._chief.failure():
                noticed = noticed or time.monotonic()
                if time.monotonic() - noticed >= OWN_SECONDS:
                    self._process.kill()
        code = self.wait()
        if said == PEER_GONE or (said is None and code):
            # Who kills a process by force has a reason of his own, if it is not the above.
            seconds = 0.0 if code == -signal.SIGKILL else GRACE_SECONDS
            said = self._chief.failure(seconds) or said
        if said is not None:
            yield Failed(said)

    def wait(self) -> int:
        """Return the exit code when the process has ended."""
        return self._process.wait()

    def end(self, log: Path | None = None) -> None:
        """End the processes of the job on all workers."""
        try:
            self._process.end(log)
        finally:
            self._chief.done(self._job)
