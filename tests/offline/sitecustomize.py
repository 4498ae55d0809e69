"""Denies connections to other machines in each Python process that finds this file at its start.

Each process and each denied connection is a line of the file that ``NAC_TEST_CONNECTIONS`` names.
"""

import os
import sys

HOSTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}
"""Audit event -> position of the host, or of the address that it is part of."""


def note(text):
    with open(os.environ["NAC_TEST_CONNECTIONS"], "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def is_local(event, place):
    if event in ("socket.connect", "socket.sendto"):
        if not isinstance(place, tuple):
            return True  # the path of a Unix socket
        place = place[0]
    host = place.decode() if isinstance(place, bytes) else place
    return not host or host in ("localhost", "::1", "::", "0.0.0.0") or host.startswith("127.")


def deny(event, arguments):
    if event in HOSTS and not is_local(event, arguments[HOSTS[event]]):
        note(f"connection {event} {arguments[HOSTS[event]]}")
        raise OSError("the network is denied here")


note(f"process {' '.join(sys.orig_argv)}")
sys.addaudithook(deny)
