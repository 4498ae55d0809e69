"""Flags that say what a command shows while its jobs run."""

from absl import flags

from nac.display.choice import fitting_display
from nac.display.display import Display
from nac.utils.errors import InputError


def define_display_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags."""
    flags.DEFINE_bool(
        "quiet", False, "Print nothing but errors; results are in files.", flag_values=flag_values
    )
    flags.DEFINE_bool(
        "json",
        False,
        "Print progress and result for machines, as one JSON object per line (docs/events.md).",
        flag_values=flag_values,
    )


def display_of(flag_values: flags.FlagValues) -> Display:
    """Return the display that the flags ask for.

    Raises:
        InputError: They contradict each other.
    """
    if flag_values.quiet and flag_values.json:
        raise InputError("give either --quiet or --json (see --help)")
    return fitting_display(flag_values.quiet, flag_values.json)
