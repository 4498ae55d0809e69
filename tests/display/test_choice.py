"""Which display fits where a program runs."""

import subprocess
import sys
import types

import pytest

from nac.display.choice import fitting_display
from nac.display.display import Display, JsonDisplay, PlainDisplay
from nac.display.notebook import NotebookDisplay
from nac.display.terminal import TerminalDisplay
from tests.peer import ROOT


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def notebook(monkeypatch, shell):
    """Let a shell of IPython run this process."""
    made = type(shell, (), {})()
    ipython = types.SimpleNamespace(get_ipython=lambda: made)
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def test_a_file_or_a_pipe_gets_plain_lines():
    assert type(fitting_display()) is PlainDisplay


def test_a_terminal_gets_a_status(terminal):
    assert type(fitting_display()) is TerminalDisplay


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert type(fitting_display()) is PlainDisplay


def test_a_notebook_gets_an_output(monkeypatch):
    notebook(monkeypatch, "ZMQInteractiveShell")
    assert type(fitting_display()) is NotebookDisplay


def test_ipython_in_a_terminal_is_a_terminal(terminal, monkeypatch):
    notebook(monkeypatch, "TerminalInteractiveShell")
    assert type(fitting_display()) is TerminalDisplay


def test_who_asks_for_nothing_or_json_gets_that(terminal):
    assert type(fitting_display(quiet=True)) is Display
    assert type(fitting_display(json=True)) is JsonDisplay


def test_what_draws_is_not_imported_where_nothing_is_drawn():
    code = (
        "import sys, nac.construct, nac.train; from nac.display.choice import fitting_display;"
        "fitting_display(); print({'rich', 'IPython'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stdout == "set()\n"
