"""The connection to a Ray cluster. Ray is imported when it is used."""

import logging
import os
import re
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nac.utils.errors import InputError, reason
from nac.utils.processes import native_messages_to

CONNECT_SECONDS = 10.0
"""Seconds that the head of a cluster may take to answer."""

ADDRESS = "RAY_ADDRESS"

SETTINGS = {
    # Otherwise it prints each lost machine with the end of a log there, on standard output.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    # A Ray that is started for a command tells nobody about it.
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Environment variables that Ray reads when it is imported, unless they are set."""

LOG_PREFIX = re.compile(r"^\[[^]]*\] \S+: ")
"""Time, process and line of the source with which Ray's messages begin."""

OWN = "local"
"""In place of an address: a Ray is started here. Ray's own default would first look for one that
runs on this machine, and wait for long for one that no longer does."""


def imported_ray() -> Any:
    """Return the module ``ray``.

    Raises:
        InputError: It is not installed.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise InputError(
            '--executor=ray: Ray is not installed; pip install "nac[cluster]" installs it'
        ) from None
    return ray


@contextmanager
def connected(ray: Any, address: str | None) -> Iterator[str]:
    """Connect to a cluster and yield the address of its dashboard, empty if it has none.

    A connection that the program of a user already has is used and left as it is.

    Args:
        ray: The module.
        address: HOST:PORT of its head; "local" for a Ray that is started here and ends with the
            block; None for ``RAY_ADDRESS``, else for such a Ray.

    Raises:
        InputError: There is no cluster.
    """
    if ray.is_initialized():
        yield ""
        return
    flag = "--ray_address" if address else ADDRESS
    address = address or os.environ.get(ADDRESS) or OWN
    if address == OWN:
        flag = "--executor=ray"
    else:
        _check_reachable(address, flag)
    context = _initialized(ray, address, flag)
    try:
        yield f"http://{context.dashboard_url}" if context.dashboard_url else ""
    finally:
        ray.shutdown()


def _initialized(ray: Any, address: str, flag: str) -> Any:
    """Connect Ray, which says what it cannot do on standard error, again and again."""
    before = signal.getsignal(signal.SIGTERM)
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as messages:
        try:
            with native_messages_to(Path(messages.name)):
                return ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:
            last = [LOG_PREFIX.sub("", line) for line in messages.read().splitlines()[-1:]]
            why = "; ".join(" ".join(text.split()) for text in [str(error), *last])
            raise InputError(f"{flag}: no connection to a Ray cluster: {why}") from error
        finally:
            with suppress(ValueError):  # not in the main thread
                signal.signal(signal.SIGTERM, before)  # Ray has a handler of its own


def _check_reachable(address: str, flag: str) -> None:
    """Raise InputError if nobody answers; Ray would try for long, and then end the process."""
    host, colon, port = address.rpartition(":")
    if not (colon and port.isdecimal() and int(port) < 2**16) or "/" in host:
        raise InputError(f"{flag}: expected HOST:PORT of the head, received {address}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:  # such as an empty part of a name
        raise InputError(f"{flag}: no Ray cluster at {address}: {reason(error)}") from None
    if not _is_healthy(address):
        raise InputError(
            f"{flag}: expected HOST:PORT of the head of a Ray cluster, received {address}, where"
            " something else answers"
        )


def _is_healthy(address: str) -> bool:
    """Return whether a server at an address says that it is healthy, as all of gRPC do.

    With TLS it cannot be asked so simply; then it counts as healthy.
    """
    import grpc  # takes some tenths of a second

    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return True
    try:
        with grpc.insecure_channel(address) as channel:
            ask = channel.unary_unary("/grpc.health.v1.Health/Check")
            return bool(ask(b"", timeout=CONNECT_SECONDS))
    except grpc.RpcError:
        return False
