"""What runs on a machine of a cluster: it starts the process of a job and passes its events on."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nac.cluster.remote_process import Ended, Message, Placed
from nac.display.job_events import Failed
from nac.runs.job_process import JobProcess
from nac.runs.layout import LOG
from nac.runs.versions import DECISIVE, installed_versions
from nac.utils.errors import InputError, NacError, reason


class FailedError(Exception):
    """A job has no result."""


@dataclass(frozen=True)
class Assignment:
    """A job for another machine.

    Attributes:
        arguments: The command that waits for its path, without the Python that runs it.
        path: The job's file, an absolute path.
        folder: Working directory, to which other paths are relative.
        environment: Variables that its process gets.
        versions: Name of a package -> version, on the machine of the command.
    """

    arguments: Sequence[str]
    path: Path
    folder: Path
    environment: Mapping[str, str]
    versions: Mapping[str, str]


class NodeJob:
    """The process of a job on this machine. It ends when this process does.

    Args:
        assignment: The job.
    """

    def __init__(self, assignment: Assignment):
        self._assignment = assignment
        self._process: JobProcess | None = None
        self._refusal = ""
        try:
            self._process = self._started()
        except NacError as error:
            self._refusal = str(error)

    def _started(self) -> JobProcess:
        """Return the process, which has its job.

        Raises:
            NacError: This machine cannot do the job.
        """
        assignment, host = self._assignment, platform.node()
        check_versions(assignment.versions)
        if not (os.path.isdir(assignment.folder) and assignment.path.is_file()):
            missing = assignment.path if os.path.isdir(assignment.folder) else assignment.folder
            raise InputError(
                f"host {host}: {missing}: no such file or directory; expected the directories of"
                " the command on a file system that all machines share, with the same paths"
            )
        os.chdir(assignment.folder)
        try:
            command = [sys.executable, *assignment.arguments]
            process = JobProcess(command, assignment.environment, beside=True)
        except OSError as error:
            raise NacError(
                f"host {host}: no process of a job can be started: {reason(error)}"
            ) from error
        process.hand_over(assignment.path)
        return process

    def messages(self) -> Iterator[Message]:
        """Yield the name of this machine, the events of the job, and its exit code.

        Raises:
            FailedError: The exit code is not 0; Ray's dashboard shows the job as failed then.
        """
        yield Placed(platform.node())
        if self._process is None:
            yield Failed(self._refusal)
            code = 1
        else:
            yield from (event for event in self._process.events() if event is not None)
            code = self._process.wait()
            with suppress(OSError):  # the disk is full, or somebody has removed the directory
                self._process.end(self._assignment.path.parent / LOG)
        yield Ended(code)
        if code:
            raise FailedError(f"exit code {code}")

    def stop(self, number: int) -> None:
        """Ask the process to end as a signal does."""
        if self._process:
            self._process.stop(number)


def check_versions(wanted: Mapping[str, str]) -> None:
    """Raise InputError if packages here are others than where the command runs.

    Args:
        wanted: Name -> version there; those count that may change what is computed.
    """
    found = installed_versions()
    for name in DECISIVE:
        if found.get(name) != wanted.get(name):
            raise InputError(
                f"host {platform.node()}: expected {name} {wanted.get(name)} as on the machine of"
                f" the command, received {found.get(name)}"
            )
