"""Ports at which the workers of a job find each other; each job has its own."""

import random
import socket
from contextlib import suppress

FIRST, LAST = 20_000, 32_000
"""Ports that are tried. The system itself gives out others, from 32768 on, so that none of these is
taken by chance between the moment in which it is found free and that in which it is used."""


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    while True:
        port = random.SystemRandom().randrange(FIRST, LAST)
        with suppress(OSError), socket.create_server(("", port)):
            return port
