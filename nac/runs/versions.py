"""With which versions of packages a run was begun and continued: ``versions.json``."""

import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import ClassVar

from nac import __version__
from nac.runs.layout import EXPERIMENT, VERSIONS
from nac.utils.errors import NacError
from nac.utils.files import read_json, read_text, write_json
from nac.utils.records import from_json, to_json

TENSORFLOW = ("tensorflow", "tensorflow-cpu")
"""Packages that contain TensorFlow."""

DECISIVE = ("nac", "tensorflow", "keras")
"""Packages of which another version may compute other numbers."""

ALLOW = "--allow_other_versions"


@dataclass(frozen=True)
class RunVersions:
    """The versions of a run; each is name of a package, or ``python`` -> version.

    Attributes:
        begun: Those with which it was begun.
        continued: Each others with which it was continued since.
    """

    VERSION: ClassVar[int] = 1

    begun: Mapping[str, str]
    continued: tuple[Mapping[str, str], ...] = ()

    @property
    def newest(self) -> Mapping[str, str]:
        """Those with which it was last worked on."""
        return self.continued[-1] if self.continued else self.begun


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and the packages that a run depends on."""
    found = {"python": platform.python_version(), "nac": __version__}
    for names in (TENSORFLOW, ("keras",)):
        version = installed_version(*names)
        found |= {names[0]: version} if version else {}
    return found


def installed_version(*packages: str) -> str | None:
    """Return the version of the first of some packages that is installed, None if none is."""
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(package)
    return None


def keep_versions(directory: Path) -> None:
    """Keep the versions that are installed as those with which a run begins."""
    write_json(directory / VERSIONS, to_json(RunVersions(installed_versions())))


def check_versions(directory: Path, allowed: bool) -> str | None:
    """Check that a run goes on with the versions of packages that it has been worked on with.

    Args:
        directory: The run directory.
        allowed: Whether others are allowed. Then they are kept, so that this is asked once.

    Returns:
        A line for the user about others that are allowed, None if there are none.

    Raises:
        NacError: There are others, which are not allowed.
    """
    kept, now = read_versions(directory), installed_versions()
    changes = list(_changes(kept.newest, now))
    if not changes:
        return None
    what = f"{directory}: was worked on with other versions: {', '.join(changes)}"
    if not allowed:
        raise NacError(
            f"{what}. What it computes from here on may differ from what it would have computed;"
            f" {ALLOW} continues it nevertheless"
        )
    write_json(directory / VERSIONS, to_json(replace(kept, continued=(*kept.continued, now))))
    return f"note: {what}; it goes on, as {ALLOW} says"


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in DECISIVE:
        if name in before and before[name] != now.get(name):
            yield f"{name} {before[name]} -> {now.get(name, 'none')}"


def read_versions(directory: Path) -> RunVersions:
    """Return the versions of a run.

    Runs of nac 0.1.0 have them in the comments at the beginning of their experiment file.

    Raises:
        InputError: The file is damaged.
    """
    path = directory / VERSIONS
    if path.exists():
        return from_json(RunVersions, read_json(path), str(path))
    text = read_text(directory / EXPERIMENT)
    return RunVersions(dict(re.findall(r"^# (python|nac|tensorflow|keras) (\S+)$", text, re.M)))
