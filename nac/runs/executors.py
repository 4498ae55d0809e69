"""Where the processes of jobs run: on this machine, or wherever another executor starts them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from nac.display.event import Event
from nac.runs.devices import visible_gpus, worker_environments
from nac.runs.job_process import JobProcess
from nac.utils.processes import available_cores


class Process(Protocol):
    """A process that waits for its job; see :class:`nac.runs.job_process.JobProcess`.

    Attributes:
        command: The command that waits for the path of a job.
        host: Name of the other machine on which it runs, None if that is this one.
    """

    command: list[str]
    host: str | None

    def hand_over(self, path: Path) -> bool:
        """Tell the process its job; return whether it was still alive."""

    def stop(self, number: int) -> bool:
        """Ask the process to end as a signal does; return whether this is news for it."""

    def events(self) -> Iterator[Event | None]:
        """Yield the events of the job until its process has ended; None while nothing happens."""

    def wait(self) -> int:
        """Wait until the process has ended; return its exit code."""

    def end(self, log: Path | None = None) -> None:
        """End the process; what it printed as an error is appended to the log of its job."""


Slots = Sequence[Mapping[str, str]]
"""Variables of the environment for the jobs of each of several runners side by side."""


class Executor(Protocol):
    """Starts processes of jobs."""

    def slots(self, parallel: int | None) -> Slots:
        """Return what the jobs of each runner get, for as many runners as work side by side.

        Args:
            parallel: Number of runners, None for as many as fit.

        Raises:
            InputError: There is no room for so many.
        """

    def start(self, command: list[str], environment: Mapping[str, str], beside: bool) -> Process:
        """Start a process that waits for its job.

        Args:
            command: The command that waits for a path on its standard input.
            environment: Variables that the process gets in addition to those of this one.
            beside: Whether it may run beside other jobs.
        """


class LocalExecutor:
    """Starts processes on this machine."""

    def slots(self, parallel: int | None) -> Slots:
        """Return a slot for each GPU, or one without GPUs (see :class:`Executor`)."""
        return worker_environments(parallel, visible_gpus(), available_cores())

    def start(self, command: list[str], environment: Mapping[str, str], beside: bool) -> Process:
        """Start a process that waits for its job (see :class:`Executor`)."""
        return JobProcess(command, environment, beside)
