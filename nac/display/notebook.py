"""The display of a Jupyter notebook: the status is an output that is updated."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from nac.display.event import Event
from nac.display.screen import Screen

COLUMNS = 100
"""Width of the status."""

REFRESH_SECONDS = 0.5


class Handle(Protocol):
    """An output of a cell that can be replaced, such as ``IPython.display.DisplayHandle``."""

    def update(self, content: Any, **arguments: Any) -> None:
        """Replace the output."""


class NotebookDisplay(Screen):
    """A status that is updated, and below it the lines that stay.

    Args:
        make_output: Shows a first output and returns its handle, by default that of IPython.
    """

    def __init__(self, make_output: Callable[[Any], Handle] | None = None):
        super().__init__()
        self._make_output = make_output or _ipython_output
        self._output: Handle | None = None
        self._drawn = ""
        self._at = 0.0

    def show(self, event: Event, job: str | None = None) -> None:
        """Print what stays, and change the status."""
        with self._lock:
            self._progress.update(event, job)
            text = self._text(event, job, COLUMNS)
            if text:
                print(text, flush=True)
            self.tick()

    def tick(self) -> None:
        """Draw the status, unless that was done just now."""
        with self._lock:
            if time.monotonic() - self._at >= REFRESH_SECONDS:
                self._draw(self._status(COLUMNS))

    def close(self) -> None:
        """Clear the status."""
        with self._lock:
            if self._output:
                self._draw("")

    def _draw(self, status: str) -> None:
        self._at = time.monotonic()
        if status == self._drawn:
            return
        self._drawn = status
        content = {"text/plain": status}
        if self._output is None:
            self._output = self._make_output(content)
        else:
            self._output.update(content, raw=True)


def _ipython_output(content: Any) -> Handle:
    from IPython.display import display  # there is one where this is called

    handle: Handle = display(content, raw=True, display_id=True)
    return handle
