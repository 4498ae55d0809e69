"""The parser of a tool's arguments, whose help is the docstring of the tool."""

import argparse


def tool_parser(name: str, docstring: str | None) -> argparse.ArgumentParser:
    """Return a parser without arguments.

    Args:
        name: Name of the tool, a module of this package.
        docstring: Docstring of the module. Its first paragraph says what the tool does.
    """
    about, _, details = (docstring or "").partition("\n\n")
    return argparse.ArgumentParser(
        prog=f"python -m tools.{name}",
        description=about,
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
