"""Whether servers can be reached, found out in a few seconds."""

import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

SECONDS = 8.0
"""Seconds that servers have to answer."""


def unreachable(urls: Iterable[str], seconds: float = SECONDS) -> str | None:
    """Return the name of a server that does not answer, None if all of them do.

    Proxies that the environment names are used. Every answer counts, even an error.

    Args:
        urls: Addresses of files; of each server, the first one is asked for.
        seconds: How long to wait for all answers together.
    """
    first: dict[str, str] = {}
    for url in urls:
        first.setdefault(urlsplit(url).netloc, url)
    answered: set[str] = set()
    threads = [
        # Looking a name up can take longer than any timeout, so nobody waits for these threads.
        threading.Thread(target=_ask, args=(host, url, seconds, answered), daemon=True)
        for host, url in first.items()
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return next((host for host in first if host not in answered), None)


def _ask(host: str, url: str, seconds: float, answered: set[str]) -> None:
    import requests  # comes with tensorflow-datasets

    try:
        requests.head(url, timeout=seconds)
    except requests.RequestException:
        return
    answered.add(host)
