"""The process of one job, which can be started before it is known which job that is."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class JobProcess:
    """A process of ``nac.train --job=-``: it prepares itself and waits for the path of its job.

    It ends when this process does: then the pipe ends by which it waits for its job, so a killed
    driver leaves no orphan behind.

    Args:
        command: The command that waits for a path on its standard input.
        environment: Variables that the process gets in addition to those of this one.
        quiet: Whether its errors go to the log of its job and its other output nowhere; then a
            Ctrl-C at the terminal does not reach it.

    Attributes:
        command: As given.
    """

    def __init__(self, command: list[str], environment: Mapping[str, str], quiet: bool):
        self.command = command
        # Which log it will be is not known yet; the file goes with this object.
        self._errors = tempfile.TemporaryFile() if quiet else None  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if quiet else None,  # progress, which it logs itself
            stderr=self._errors,
            env={**os.environ, **environment},
            start_new_session=quiet,
        )

    def hand_over(self, path: Path) -> bool:
        """Tell the process its job; return whether it was still alive."""
        assert self._process.stdin
        if self._process.poll() is not None:
            return False
        with suppress(BrokenPipeError):
            self._process.stdin.write(os.fsencode(path) + b"\n")
            return True
        return False

    def wait(self) -> int:
        """Return the exit code when the process has ended."""
        return self._process.wait()

    def end(self, log: Path | None = None) -> None:
        """Kill the process, unless it has ended.

        Args:
            log: The log of its job, None if it never had one.
        """
        self._process.kill()
        self._process.wait()
        if self._errors and log:
            self._errors.seek(0)
            with open(log, "ab") as file:
                shutil.copyfileobj(self._errors, file)
