"""Messages between the commands of a cluster's workers: JSON lines over TCP."""

import json
import socket
from contextlib import suppress
from typing import Any

PROBE_SECONDS, PROBES = 5, 3
"""Seconds of silence after which the system asks the other side for a sign of life, and how often
it asks. So a machine that has lost its power, or its network, is noticed after twenty seconds. A
process that ends is noticed at once."""

LONGEST = 2**20
"""Bytes of a message at most."""

Message = dict[str, Any]


class Lost(Exception):
    """The other side is gone."""


class Channel:
    """A connection to another worker's command.

    Args:
        connection: The connected socket.
    """

    def __init__(self, connection: socket.socket):
        self._socket = connection
        connection.settimeout(None)
        _notice_silence(connection)
        self._reader = connection.makefile("rb")

    def send(self, kind: str, **values: Any) -> None:
        """Send a message.

        Args:
            kind: What it is about.
            **values: What it says, as JSON takes it.

        Raises:
            Lost: Nobody receives it.
        """
        try:
            self._socket.sendall(json.dumps({"kind": kind, **values}).encode() + b"\n")
        except OSError as error:
            raise Lost(str(error)) from None

    def receive(self, seconds: float | None = None) -> Message:
        """Return the next message; its ``kind`` says what it is about.

        Args:
            seconds: Seconds to wait for it, None for as long as the other side is there.

        Raises:
            Lost: No other one will come, or none in time, or what came is none.
        """
        try:
            self._socket.settimeout(seconds)
            line = self._reader.readline(LONGEST)
            message = json.loads(line)
        except (OSError, ValueError, RecursionError) as error:
            raise Lost(str(error)) from None
        if not isinstance(message, dict) or "kind" not in message:
            raise Lost("what came is no message")
        return message

    def close(self) -> None:
        """Close the connection; the other side reads what was sent before."""
        with suppress(OSError):  # it is gone
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _notice_silence(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seconds, whole = PROBE_SECONDS, PROBE_SECONDS * (1 + PROBES)
    # macOS lacks some of them, and has another name for the first.
    for name, value in (
        ("TCP_KEEPIDLE", seconds),
        ("TCP_KEEPALIVE", seconds),
        ("TCP_KEEPINTVL", seconds),
        ("TCP_KEEPCNT", PROBES),
        ("TCP_USER_TIMEOUT", 1000 * whole),
    ):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
