"""Opens pages in a headless Chromium and records their text, errors and network requests."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_BROWSER = f"none of {', '.join(NAMES)} is on the PATH"
SECONDS = 120

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
    # What a page wants from elsewhere is recorded, but never leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
)


@dataclass(frozen=True)
class Page:
    """A page as the browser had it once it had settled.

    Attributes:
        dom: serialized HTML after all scripts have run; shadow roots are not in it.
        console_errors: messages of the console, one line each; the browser's log does not tell
            errors from notes, and a finished page has no notes to make.
        requested_urls: everything the page asked the network for; what the browser asks for itself
            is left out.
        screenshot: PNG file of the window.
    """

    dom: str
    console_errors: list[str]
    requested_urls: list[str]
    screenshot: Path

    def foreign_urls(self) -> list[str]:
        """Return what was asked of any other place than this machine."""
        return [url for url in self.requested_urls if not _is_here(url)]


def find_browser() -> str:
    """Return the path of a browser; skip the test where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(WITHOUT_BROWSER)
    return found


def open_page(
    url: str, folder: Path, *, size: tuple[int, int] = (1400, 900), wait_ms: int = 10_000
) -> Page:
    """Open a page, let its scripts run, and return what came of it.

    Args:
        url: ``http://localhost:...`` or ``file:///...``.
        folder: an empty one, for the browser's profile, network log and screenshot.
        size: of the window, (width, height) in pixels.
        wait_ms: how long the page may run, in the browser's virtual time, which stands still while
            a request is under way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log, screenshot = folder / "network.json", folder / "page.png"
    command = [
        find_browser(),
        *_OPTIONS,
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={size[0]},{size[1]}",
        f"--virtual-time-budget={wait_ms}",
        f"--log-net-log={log}",
        f"--screenshot={screenshot}",
        "--dump-dom",
        url,
    ]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    return Page(
        done.stdout.decode(errors="replace"),
        _console_errors(done.stderr.decode(errors="replace")),
        _requested_urls(log),
        screenshot,
    )


def _console_errors(messages: str) -> list[str]:
    """Return the lines about the page's console, ``... CONSOLE:12] "message", source: ...``."""
    lines = [line for line in messages.splitlines() if ":CONSOLE" in line]
    return [line for line in lines if not any(remark in line for remark in _OF_THE_BROWSER)]


_OF_THE_BROWSER = ("GL Driver Message", "software WebGL")
"""What the browser itself says on the console of pages that draw without a graphics card."""


def _requested_urls(log: Path) -> list[str]:
    """Return the URLs of a network log, in the order in which they were first asked for."""
    text = log.read_text(errors="replace").rstrip()
    if not text.endswith("}"):  # The browser may end before it has closed the list of events.
        text = text.rstrip(",") + "]}"
    asked = [event.get("params", {}) for event in json.loads(text)["events"]]
    return list(dict.fromkeys(a["url"] for a in asked if a.get("initiator") not in _NO_PAGE))


_NO_PAGE = (None, "not an origin")
"""Initiators of what the browser wants for itself, and of the address it was started with."""


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "file" or parts.hostname in ("localhost", "127.0.0.1", "::1")
