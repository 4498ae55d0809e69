"""A run directory: what was asked, checked against what is asked now."""

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from nac import __version__
from nac.config import Experiment, experiment_to_dict, load_experiment
from nac.runs.layout import EXPERIMENT, FLAGS_FILE, has_progress
from nac.utils.errors import NacError
from nac.utils.files import write_atomically, write_yaml
from nac.utils.schema import shown

MACHINE_KEYS = ("parameters.data_dir",)
"""Keys that may differ when a run is continued: they say where, not what."""


def open_run(directory: Path, experiment: Experiment, flag_lines: list[str]) -> None:
    """Record what is asked in a new run directory, or check it against what was asked before.

    A directory in which no job has got anywhere counts as new: nothing can be lost there.

    Args:
        directory: of the run.
        experiment: with its effective values.
        flag_lines: the command's flags, one ``--name=value`` each.

    Raises:
        NacError: the directory holds a run with other settings; the message names them.
    """
    value = experiment_to_dict(experiment)
    path = directory / EXPERIMENT
    if any(map(has_progress, directory.glob("*/"))):
        # Parsed, so that a key younger than the run counts with its default.
        _check_same(path, experiment_to_dict(load_experiment(str(path))), value)
        return
    heading = "\n".join(
        ["What this run was asked for, defaults written out.", *versions(), *flag_lines]
    )
    write_atomically(directory / FLAGS_FILE, "".join(f"{line}\n" for line in flag_lines))
    write_yaml(path, value, heading)


def versions() -> list[str]:
    """Return the versions of what a run depends on, one text each."""
    found = [f"python {platform.python_version()}", f"nac {__version__}"]
    for names in (("tensorflow", "tensorflow-cpu"), ("keras",)):
        found += [f"{names[0]} {version}" for version in map(_version, names) if version][:1]
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _check_same(path: Path, before: Any, now: dict[str, Any]) -> None:
    changes = [
        change for change in differences(before, now) if change.split(":")[0] not in MACHINE_KEYS
    ]
    if changes:
        raise NacError(
            f"{path.parent}: holds a run with other settings; continue it with the same ones or"
            f" choose another --name: {'; '.join(changes)}"
        )


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """Return ``key: old -> new`` for each place where two nested mappings differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [
            change
            for key in keys
            for change in differences(
                before.get(key), now.get(key), f"{path}.{key}" if path else str(key)
            )
        ]
    return [] if before == now else [f"{path}: {shown(before)} -> {shown(now)}"]
