"""Writes the hashes of the pinned packages, constraints.sha256, after a change to constraints.txt.

    python -m tools.lock

The hashes are those that PyPI names for the files that Python 3.11 and 3.12 install on Linux
(x86-64 and ARM) and on macOS (ARM). A package without such files is built from its sources.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from tools.requirements import CONSTRAINTS, HASHES, pins, release, release_of_file

INDEX = "https://pypi.org/simple/{}/"
PYTHONS = ((3, 11), (3, 12))
GLIBC = (39, 5)
"""Minor versions of glibc 2, from the newest to the oldest, whose wheels are taken."""
OLD_NAMES = ("manylinux2014", "manylinux2010", "manylinux1")


def linux(machine: str) -> list[str]:
    """Return the platform tags of Linux with glibc."""
    newer = [f"manylinux_2_{minor}" for minor in range(GLIBC[0], GLIBC[1] - 1, -1)]
    return [f"{name}_{machine}" for name in [*newer, *OLD_NAMES]]


PLATFORMS = {
    "Linux on x86-64": linux("x86_64"),
    "Linux on ARM": linux("aarch64"),
    "macOS on ARM": list(mac_platforms((26, 0), "arm64")),
}


def targets() -> Iterator[tuple[str, frozenset[Tag]]]:
    """Yield each Python and platform, as text and as the tags of wheels that fit."""
    for python in PYTHONS:
        for platform, tags in PLATFORMS.items():
            interpreter = f"cp{python[0]}{python[1]}"
            fitting = {
                *cpython_tags(python, platforms=tags),
                *compatible_tags(python, interpreter, tags),
            }
            yield f"Python {python[0]}.{python[1]}, {platform}", frozenset(fitting)


def chosen(files: list[str]) -> list[str]:
    """Return the files of a release to take: the wheels that fit, else the sources.

    Args:
        files: Names of the files of one release.
    """
    wheels = {file: parse_wheel_filename(file)[3] for file in files if file.endswith(".whl")}
    tags = frozenset[Tag]().union(*(tags for _, tags in targets()))
    return [file for file, own in wheels.items() if own & tags] or [
        file for file in files if file.endswith(".tar.gz")
    ]


def lacking(files: list[str]) -> list[str]:
    """Return the Pythons and platforms that none of the files fits."""
    if not all(file.endswith(".whl") for file in files):
        return []
    own = frozenset[Tag]().union(*(parse_wheel_filename(file)[3] for file in files))
    return [text for text, tags in targets() if not own & tags]


def published(pin: str) -> dict[str, str]:
    """Return the files of a pinned release and their hashes, as PyPI names them (PEP 691)."""
    name, version = release(pin)
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    with urlopen(Request(INDEX.format(name), headers=accept), timeout=60) as answer:
        files = json.load(answer)["files"]
    return {
        file["filename"]: file["hashes"]["sha256"]
        for file in files
        if file["filename"].endswith((".whl", ".tar.gz"))
        and release_of_file(file["filename"]) == (name, version)
    }


def main() -> None:
    """Write constraints.sha256, and say what has no file for a platform."""
    wanted = [pin for _, pin in pins(CONSTRAINTS.read_text(encoding="utf-8"))]
    with ThreadPoolExecutor(8) as pool:
        releases = dict(zip(wanted, pool.map(published, wanted), strict=True))
    lines, without = [], defaultdict(list)
    for pin, hashes in releases.items():
        files = chosen(list(hashes))
        if not files:
            sys.exit(f"constraints.txt: {pin}: PyPI has no file of it")
        for target in lacking(files) if ";" not in pin else ():
            without[target].append(pin)
        lines += [f"{hashes[file]}  {file}" for file in sorted(files)]
    for target, missing in without.items():
        print(f"{target}: no wheel of {', '.join(missing)}")
    HASHES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{HASHES.name}: {len(lines)} files of {len(releases)} packages")


if __name__ == "__main__":
    main()
