"""The program that stands for Python in a command of the tests: see :mod:`tests.fork_server`.

    forked_python.py ADDRESS PYTHON -m MODULE ARGUMENTS

has the server at that address run a module, and behaves as the process of that module would: it has
its standard streams, passes signals on, and ends as it does. What is no module runs in Python.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress

STREAMS = (0, 1, 2)


def main(address: str, python: str, *arguments: str) -> None:
    """Run a module and end as it does."""
    if arguments[:1] != ("-m",):
        os.execv(python, [python, *arguments])
    signals = Signals()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        request = {"arguments": arguments[1:], "cwd": os.getcwd(), "environment": {**os.environ}}
        socket.send_fds(connection, [b"\0"], STREAMS)
        connection.sendall(json.dumps(request).encode() + b"\n")
        answers = connection.makefile()
        signals.pass_on_to(int(answers.readline()))
        _end(int(answers.readline()))


class Signals:
    """Passes signals on to a process, those that came before it was known as soon as it is."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._early: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._received)

    def pass_on_to(self, pid: int) -> None:
        self._pid = pid
        for number in self._early:
            os.kill(pid, number)

    def _received(self, number: int, _: object) -> None:
        if self._pid is None:
            self._early.append(number)
        else:
            os.kill(self._pid, number)


def _end(code: int) -> None:
    if code < 0:
        with suppress(OSError):  # SIGKILL has no other effect
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
