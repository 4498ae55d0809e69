"""Which display fits where a program runs."""

import os
import sys

from nac.display.display import Display, JsonDisplay, PlainDisplay


def fitting_display(quiet: bool = False, json: bool = False) -> Display:
    """Return a display for standard output: a terminal's, a notebook's, or plain lines.

    Args:
        quiet: Whether it shows nothing.
        json: Whether it prints JSON for machines.
    """
    if quiet:
        return Display()
    if json:
        return JsonDisplay()
    if _in_notebook():
        from nac.display.notebook import NotebookDisplay

        return NotebookDisplay()
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        from nac.display.terminal import TerminalDisplay  # rich takes a moment to import

        return TerminalDisplay()
    return PlainDisplay()


def _in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"
