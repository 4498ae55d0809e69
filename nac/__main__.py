"""The command ``nac``: all commands under one name, as ``nac construct --flagfile=...``.

It is also ``python -m nac``. Only the module of the named command is imported.
"""

import ast
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import nac
from nac.utils.errors import NacError
from nac.utils.schema import nearest

COMMANDS = (
    "init",
    "construct",
    "compare",
    "judge",
    "replay",
    "report",
    "figures",
    "describe",
    "measure",
    "predict",
    "evaluate",
    "export",
    "train",
    "restructure",
    "prepare_data",
)

HELP = ("help", "--help", "-h")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the first argument names.

    Args:
        arguments: Without the program's name; by default those of the process.
    """
    from nac.cli.command import one_line_errors  # imports what a mere import of this does not need

    with one_line_errors():
        _main(sys.argv[1:] if arguments is None else arguments)


def _main(arguments: Sequence[str]) -> None:
    name, *rest = arguments or ["help"]
    if name in HELP and rest and rest[0] not in HELP:
        name, rest = rest[0], ["--help"]
    if name in HELP:
        print(overview())
    elif name == "--version":
        print(f"nac {nac.__version__}")
    else:
        _run(name, rest)


def _run(name: str, arguments: Sequence[str]) -> None:
    module = name.replace("-", "_")
    if module not in COMMANDS:
        shown = map(_shown, COMMANDS)
        raise NacError(f"unknown command {name!r}{nearest(name, shown)}; see nac --help")
    importlib.import_module(f"nac.{module}").run(arguments)


def _shown(command: str) -> str:
    return command.replace("_", "-")


def overview() -> str:
    """Return a line for each command, the first of its docstring, which is not imported for it."""
    width = max(map(len, COMMANDS))
    lines = [f"  {_shown(command):{width}}  {_summary(command)}" for command in COMMANDS]
    return "\n".join(
        [
            (nac.__doc__ or "").partition("\n")[0],
            "",
            "usage: nac COMMAND [--FLAG=VALUE ...]",
            "",
            *lines,
            "",
            "nac help COMMAND shows all flags of a command; nac --version shows the version.",
        ]
    )


def _summary(command: str) -> str:
    source = Path(__file__).with_name(f"{command}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


if __name__ == "__main__":
    main()
