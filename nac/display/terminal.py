"""The display of a terminal: the status is its last lines, drawn by rich."""

import sys
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from nac.display.event import Event
from nac.display.screen import Screen

PER_SECOND = 4.0
"""How often the status is drawn."""


class _Console(Console):
    """A console that never hides the cursor: nobody would show it again after a kill."""

    def show_cursor(self, show: bool = True) -> bool:
        """Leave it as it is."""
        return False


class TerminalDisplay(Screen):
    """Lines that stay, and below them a status that counts up by itself.

    Args:
        console: Where it is drawn, by default standard output.
    """

    def __init__(self, console: Console | None = None):
        super().__init__()
        self._console = console or _Console(highlight=False)
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            refresh_per_second=PER_SECOND,
            transient=True,
            # Tracebacks and messages of libraries go where the process sends them: to the log.
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def close(self) -> None:
        """Clear the status."""
        self._live.stop()

    def show(self, event: Event, job: str | None = None) -> None:
        """Print what stays, and change the status."""
        with self._lock:
            self._progress.update(event, job)
        text = self._text(event, job, self._console.width)
        if text:
            self._print(text)

    def error(self, text: str) -> None:
        """Print an error; if standard error is a terminal too, above the status."""
        if sys.stderr.isatty():
            self._print(text)
        else:
            super().error(text)

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)

    def _drawn(self) -> Text:
        return Text(self._status(self._console.width), no_wrap=True, overflow="ellipsis")
