"""Prints the pinned packages of nac with the hashes of their files, for pip's hash-checking mode.

    python tools/requirements.py base report > requirements.txt
    python -m pip install --require-hashes --no-deps --no-build-isolation -r requirements.txt

The arguments are sections of constraints.txt. Only the standard library is imported, since this
runs before anything is installed.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
HASHES = ROOT / "constraints.sha256"


def normalized(name: str) -> str:
    """Return the name of a package as indexes spell it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def release(pin: str) -> tuple[str, str]:
    """Return name and version of a pin such as ``array_record==0.8.6; sys_platform == "linux"``."""
    name, version = re.match(r"([\w.-]+)==([^\s;]+)", pin).groups()
    return normalized(name), version


def release_of_file(file: str) -> tuple[str, str]:
    """Return name and version of a wheel or an archive of sources, from its name."""
    if file.endswith(".whl"):
        name, version = file.split("-")[:2]
    else:
        name, version = file.removesuffix(".tar.gz").rsplit("-", 1)
    return normalized(name), version


def pins(constraints: str) -> Iterator[tuple[set[str], str]]:
    """Yield the sections that a pin is in, and the pin.

    Args:
        constraints: Text of constraints.txt. A section starts with a comment that begins with its
            name in brackets, or with several such names.
    """
    sections: set[str] = set()
    for line in constraints.splitlines():
        if line.startswith("# ["):
            sections = set(re.findall(r"\[(\w+)\]", line))
        elif "==" in line and not line.startswith("#"):
            yield sections, line


def requirements(wanted: Iterable[str], constraints: str, hashes: str) -> list[str]:
    """Return one requirement with hashes for each pin of the wanted sections.

    Args:
        wanted: Names of sections.
        constraints: Text of constraints.txt.
        hashes: Text of constraints.sha256: a hash and a file name per line, as of ``sha256sum``.

    Raises:
        SystemExit: There is no such section, or a pin has no hash.
    """
    files: dict[tuple[str, str], list[str]] = {}
    for line in hashes.splitlines():
        digest, file = line.split()
        files.setdefault(release_of_file(file), []).append(f"--hash=sha256:{digest}")
    found = list(pins(constraints))
    known = set().union(*(sections for sections, _ in found))
    if unknown := set(wanted) - known:
        sys.exit(f"tools/requirements.py: expected sections of {sorted(known)}, received {unknown}")
    chosen = [pin for sections, pin in found if sections & set(wanted)]
    if missing := [pin for pin in chosen if release(pin) not in files]:
        sys.exit(f"constraints.sha256: no hashes of {missing}; run python -m tools.lock")
    return [" ".join([pin, *files[release(pin)]]) for pin in chosen]


def main(wanted: Sequence[str]) -> None:
    """Print the requirements."""
    text = CONSTRAINTS.read_text(encoding="utf-8"), HASHES.read_text(encoding="utf-8")
    print("\n".join(requirements(wanted, *text)))


if __name__ == "__main__":
    main(sys.argv[1:])
