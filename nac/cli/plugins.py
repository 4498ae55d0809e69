"""Flags of all commands, and the modules that ``--plugin`` imports."""

import importlib
import os
import sys
from collections.abc import Sequence

from absl import flags

from nac.utils.errors import InputError, NacError


def define_common_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags that every command takes."""
    flags.DEFINE_multi_string(
        "plugin",
        [],
        "Python module to import first, from the current directory or installed, so that the"
        " rankings, policies, data sets and so on that it registers can be used. May be repeated.",
        flag_values=flag_values,
    )
    # absl reads this flag itself; it is defined for --help.
    flags.DEFINE_string(
        "flagfile",
        None,
        "Read flags from this file, one per line; # begins a comment. Flags after it win.",
        flag_values=flag_values,
    )
    flags.DEFINE_bool("help", False, "Show this help.", flag_values=flag_values)


def import_plugins(names: Sequence[str]) -> None:
    """Import modules that register what they add to nac.

    Args:
        names: Dotted names of modules; the current directory is searched first.

    Raises:
        InputError: A module cannot be imported.
    """
    # A console script, unlike ``python -m``, does not search the current directory.
    if names and not {"", os.getcwd()}.intersection(sys.path):
        sys.path.insert(0, os.getcwd())
    for name in names:
        try:
            importlib.import_module(name)
        except NacError as error:
            raise InputError(f"--plugin={name}: {error}") from None
        except (Exception, SystemExit, GeneratorExit) as error:  # a plugin may raise anything
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(f"--plugin={name}: cannot be imported: {reason}") from error


def plugin_arguments(names: Sequence[str]) -> list[str]:
    """Return the flags by which another command imports the same plugins."""
    return [f"--plugin={name}" for name in names]
