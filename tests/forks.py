"""Processes that need not import TensorFlow, which takes seconds: one has, and they are its forks.

TensorFlow computes nothing in the process that is forked, so that each fork sets up its devices,
threads and seeds by itself.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests import fork_server

SECONDS = 300

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.preloaded"])


def forked_python() -> str:
    """Return the path of a program that runs modules in such forks, as Python does."""
    return fork_server.python(_FORKS)


def forked(
    call: Callable[..., Any],
    *arguments: Any,
    cwd: Path,
    environment: Mapping[str, str],
    blocked: tuple[str, ...] = (),
) -> subprocess.CompletedProcess:
    """Call a function of a module in a process of its own and return what that printed.

    Args:
        call: The function.
        arguments: What it is called with.
        cwd: Working directory of the process.
        environment: Its variables.
        blocked: Packages that it cannot import.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in ("stdout", "stderr")]
        setting = (streams, cwd, dict(environment), blocked)
        process = _FORKS.Process(target=_called, args=(setting, call, arguments))
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(call.__name__, SECONDS)
        printed = [path.read_text(encoding="utf-8") for path in streams]
    return subprocess.CompletedProcess([call.__name__, *arguments], process.exitcode, *printed)


def _called(setting, call, arguments):
    streams, cwd, environment, blocked = setting
    for descriptor, path in enumerate(streams, start=1):
        with open(path, "wb") as file:
            os.dup2(file.fileno(), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    sys.modules.update(dict.fromkeys(blocked))
    call(*arguments)
