"""A server of processes that need not import TensorFlow, which takes seconds: they are its forks.

Commands start their jobs by :data:`sys.executable`. In tests that is :func:`python`, a program that
asks the server for a fork.
"""

import atexit
import functools
import json
import multiprocessing
import os
import runpy
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path

from tests import forked_python

_FORK = multiprocessing.get_context("fork")


@functools.cache
def python(context: multiprocessing.context.BaseContext) -> str:
    """Return the path of a program that runs modules as Python does, without importing TensorFlow.

    Args:
        context: Starts the server, in a process that has imported TensorFlow.
    """
    folder = Path(tempfile.mkdtemp(prefix="nac"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    listener.listen()
    server = context.Process(target=_serve, args=(listener,))
    server.start()
    atexit.register(server.terminate)
    atexit.register(shutil.rmtree, folder)
    program = [sys.executable, "-IS", forked_python.__file__, folder / "socket", sys.executable]
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, program))} "$@"\n')
    path.chmod(0o700)
    return str(path)


def _serve(listener: socket.socket) -> None:
    """Serve requests, each in a process of its own, as long as the process of the tests lives."""
    tests = multiprocessing.parent_process().sentinel
    while tests not in wait([listener, tests]):
        connection, _ = listener.accept()
        _FORK.Process(target=_answer, args=(connection,)).start()
        connection.close()


def _answer(connection: socket.socket) -> None:
    """Run a module; tell its process and how that ended. It is killed if nobody waits for it."""
    _, streams, *_ = socket.recv_fds(connection, 1, len(forked_python.STREAMS))
    with connection.makefile() as lines:
        request = json.loads(lines.readline())
    job = _FORK.Process(target=_run, args=(request, streams))
    job.start()
    for stream in streams:
        os.close(stream)
    threading.Thread(target=_kill_when_alone, args=(connection, job), daemon=True).start()
    with suppress(OSError):  # nobody waits for it any more
        connection.sendall(b"%d\n" % job.pid)
    job.join()
    with suppress(OSError):
        connection.sendall(b"%d\n" % job.exitcode)


def _kill_when_alone(connection: socket.socket, job: multiprocessing.process.BaseProcess) -> None:
    with suppress(OSError):
        connection.recv(1)  # nothing ever comes
    job.kill()


def _run(request: dict, streams: list[int]) -> None:
    os.setsid()
    for own, stream in zip(forked_python.STREAMS, streams, strict=True):
        os.dup2(stream, own)
        os.close(stream)
    # Those of the server may belong to files of another kind, and standard input is closed there.
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server may have to ignore it
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    module, *arguments = request["arguments"]
    sys.argv = [module, *arguments]
    sys.path.insert(0, request["cwd"])
    runpy.run_module(module, run_name="__main__", alter_sys=True)
