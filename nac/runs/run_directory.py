"""A run directory: its settings, checked against those of the present command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nac.config import Experiment, experiment_to_dict, experiment_to_file, load_experiment
from nac.runs.layout import EXPERIMENT, FLAGS_FILE, has_progress
from nac.runs.versions import installed_versions, keep_versions
from nac.utils.errors import NacError
from nac.utils.files import write_atomically, write_yaml
from nac.utils.schema import shown

MACHINE_KEYS = ("parameters.data_dir",)
"""Keys that may differ when a run is continued: they say where the data are, not which."""


def open_run(directory: Path, experiment: Experiment, flag_lines: list[str]) -> bool:
    """Record the settings in a new run directory, or check them against those recorded there.

    A directory whose jobs have neither results nor checkpoints counts as new, as nothing can be
    lost there.

    Args:
        directory: The run directory.
        experiment: The experiment with its effective values.
        flag_lines: The command's flags, one ``--name=value`` each.

    Returns:
        Whether the run begins only now.

    Raises:
        NacError: The directory holds a run with other settings; the message names them.
    """
    value = experiment_to_dict(experiment)
    path = directory / EXPERIMENT
    if any(map(has_progress, directory.glob("*/"))):
        # Parsed, so that a key that is newer than the run counts with its default.
        _check_same(path, experiment_to_dict(load_experiment(str(path))), value)
        return False
    versions = [f"{name} {version}" for name, version in installed_versions().items()]
    heading = "\n".join(["The settings of this run, defaults written out.", *versions, *flag_lines])
    write_atomically(directory / FLAGS_FILE, "".join(f"{line}\n" for line in flag_lines))
    keep_versions(directory)
    write_yaml(path, experiment_to_file(experiment), heading)
    return True


def check_present(directory: Path) -> None:
    """Raise NacError if a run directory is gone that was opened before."""
    if not (directory / EXPERIMENT).exists():
        raise NacError(
            f"{directory / EXPERIMENT}: expected the run that this process works on, received no"
            " such file; somebody has removed or moved its directory"
        )


def _check_same(path: Path, before: Any, now: dict[str, Any]) -> None:
    changes = differences(before, now, MACHINE_KEYS)
    if changes:
        raise NacError(
            f"{path.parent}: holds a run with other settings; continue it with the same ones or"
            f" choose another --name: {'; '.join(changes)}"
        )


def differences(before: Any, now: Any, ignored: Sequence[str] = (), path: str = "") -> list[str]:
    """Return ``key: old -> new`` for each key in which two nested mappings differ.

    Args:
        before: The old mapping.
        now: The new one.
        ignored: Dotted keys that may differ.
        path: Dotted key of the two in the whole file.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            change
            for key in dict.fromkeys([*before, *now])
            for change in differences(
                before.get(key), now.get(key), ignored, f"{path}.{key}" if path else str(key)
            )
        ]
    if before == now or path in ignored:
        return []
    return [f"{path}: {shown(before)} -> {shown(now)}"]
