"""What ``--help`` prints: the docstring of a command and all its flags in groups."""

import inspect
import re
import textwrap

from absl import flags

HELP_FLAGS = frozenset({"--help", "-help", "-h", "--helpfull", "--helpshort"})

GROUPS = {
    "nac.cli.display_flags": "What is shown while jobs run",
    "nac.cli.machine_flags": "How jobs run",
    "nac.cli.plugins": "Flags of all commands",
}
"""Module that defines flags of several commands -> title of these; others are a command's own."""

EXIT_CODES = "Exit codes: 0 done, 1 error, 130 ended by SIGINT (Ctrl-C), 143 ended by SIGTERM."


def help_text(flag_values: flags.FlagValues, description: str) -> str:
    """Return the help of a command.

    Args:
        flag_values: All its flags.
        description: Its docstring; double backticks are left out.
    """
    modules = flag_values.flags_by_module_dict()
    own = [flag for name in modules if name not in GROUPS for flag in modules[name]]
    groups = {"Flags": own, **{title: modules.get(name, []) for name, title in GROUPS.items()}}
    parts = [inspect.cleandoc(description).replace("``", "")]
    for title, members in groups.items():
        if members:
            parts.append("\n".join([f"{title}:", *map(_entry, members)]))
    return "\n\n".join([*parts, EXIT_CODES])


def _entry(flag: flags.Flag) -> str:
    """Return a flag, its form and default, and what it does, as indented lines."""
    form = f"--[no]{flag.name}" if flag.boolean else f"--{flag.name}={_value(flag)}"
    default = f"  (default: {_default(flag)})" if flag.default not in (None, "", []) else ""
    # absl adds the choices of an enum before the text, and how to repeat a flag after it.
    about = re.sub(r"^<[^>]*>: |;\n *repeat this option.*$", "", flag.help, flags=re.DOTALL)
    return f"  {form}{default}\n{textwrap.indent(textwrap.fill(about, 86), ' ' * 6)}"


def _value(flag: flags.Flag) -> str:
    choices = getattr(flag.parser, "enum_values", None)
    if choices:
        return "|".join(choices)
    kind = flag.flag_type()
    return {"int": "INTEGER", "float": "NUMBER", "string": "STRING"}.get(
        kind, "A,B,..." if kind.startswith("comma") else "STRING"
    )


def _default(flag: flags.Flag) -> str:
    return str(flag.default).lower() if flag.boolean else str(flag.default)
