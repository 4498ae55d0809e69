"""How the workers of a cluster come together: all others connect to the chief."""

import socket
import time
from collections.abc import Iterable
from contextlib import suppress

from nac import __version__
from nac.cluster.channel import Channel, Lost
from nac.cluster.members import Member, host_and_port
from nac.display.display import Display
from nac.display.run_events import Line
from nac.utils.errors import NacError, reason

JOIN_SECONDS = 600.0
"""Seconds within which all workers must have begun: a scheduler may start them one by one."""

RETRY_SECONDS = 1.0
"""Seconds between two tries to reach the chief, and between two looks at the time."""

HELLO_SECONDS = 10.0
"""Seconds that whoever connects has to say who it is."""

SAME = "every worker needs the same command"


def assembled(chief: Member, display: Display) -> dict[int, Channel]:
    """Return position -> connection of each other worker, when all are connected.

    Args:
        chief: This worker.
        display: Shows whom it waits for.

    Raises:
        NacError: A worker did not come or is of another version, or the port is in use.
    """
    _, port = host_and_port(chief.addresses[0])
    try:
        listener = socket.create_server(("", port), backlog=len(chief.addresses))
    except OSError as error:
        raise NacError(f"port {port} of the chief cannot be opened: {reason(error)}") from None
    with listener:
        listener.settimeout(RETRY_SECONDS)
        return _joined(listener, chief, display)


def _joined(listener: socket.socket, chief: Member, display: Display) -> dict[int, Channel]:
    deadline = time.monotonic() + JOIN_SECONDS
    missing, channels = set(range(1, len(chief.addresses))), dict[int, Channel]()
    if missing:
        display.show(Line(f"waiting for {named(chief, missing)}"))
    try:
        while missing:
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                _greet(Channel(connection), chief, missing, channels)
            if missing and time.monotonic() >= deadline:
                late = f"did not come within {JOIN_SECONDS:.0f} s"
                raise NacError(f"{named(chief, missing)} {late}; {SAME}")
    except NacError as error:
        for channel in channels.values():
            with suppress(Lost):
                channel.send("end", reason=str(error))
        raise
    return channels


def _greet(
    channel: Channel, chief: Member, missing: set[int], channels: dict[int, Channel]
) -> None:
    """Accept a worker that is missing; whoever else connects is turned away.

    Raises:
        NacError: Its version is another one.
    """
    with suppress(Lost):
        hello = channel.receive(HELLO_SECONDS)
        worker, version = hello.get("worker"), hello.get("version")
        same = hello.get("workers") == list(chief.addresses)
        if isinstance(worker, int) and 0 < worker < len(chief.addresses) and same:
            if version != __version__:
                who = named(chief, {worker})
                text = f"expected nac {__version__} on all workers, received {version} from {who}"
                channel.send("end", reason=text)
                raise NacError(text)
            missing.discard(worker)
            if worker in channels:  # It was started once more.
                channels[worker].close()
            channels[worker] = channel
            return
        expected = named(chief, missing)
        channel.send("end", reason=f"it expected {expected}, received {hello}; {SAME}")
    channel.close()


def connected(me: Member) -> Channel:
    """Return a connection to the chief as soon as it is there.

    Args:
        me: This worker, which is another one.

    Raises:
        NacError: The chief did not come.
    """
    chief, deadline = me.addresses[0], time.monotonic() + JOIN_SECONDS
    while True:
        try:
            channel = Channel(socket.create_connection(host_and_port(chief), timeout=10.0))
            channel.send("hello", worker=me.index, workers=me.addresses, version=__version__)
        except (OSError, Lost) as error:
            if time.monotonic() >= deadline:
                late = f"did not come within {JOIN_SECONDS:.0f} s ({error})"
                raise NacError(f"the chief at {chief} {late}; {SAME}") from None
            time.sleep(RETRY_SECONDS)
        else:
            return channel


def named(member: Member, workers: Iterable[int]) -> str:
    """Return workers for people, such as ``worker 1 (host1:2222)``.

    Args:
        member: Any member of the cluster.
        workers: Their positions.
    """
    return ", ".join(f"worker {worker} ({member.addresses[worker]})" for worker in sorted(workers))
