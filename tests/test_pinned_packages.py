"""The headings of constraints.txt name all extras that need a package, on each platform."""

from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement

from tests.test_packaging import PROJECT
from tools.requirements import CONSTRAINTS, normalized, pins, release

LINUX = {"sys_platform": "linux", "platform_system": "Linux"}
MACOS = {"sys_platform": "darwin", "platform_system": "Darwin"}
PLATFORMS = [
    {**system, "python_version": version, "python_full_version": f"{version}.9"}
    for system in (LINUX, MACOS)
    for version in ("3.11", "3.12")
]
EXTRAS = PROJECT["optional-dependencies"]
PINS = list(pins(CONSTRAINTS.read_text(encoding="utf-8")))


def applies(requirement, extra, platform):
    return not requirement.marker or requirement.marker.evaluate({**platform, "extra": extra})


def required_by(requirement, platform):
    """Yield what an installed package requires; one that is not installed yields nothing."""
    try:
        lines = requires(requirement.name) or ()
    except PackageNotFoundError:
        return
    for extra in requirement.extras or {""}:
        yield from (
            needed for line in lines if applies(needed := Requirement(line), extra, platform)
        )


def reached(extra, platform):
    """Return the names of all packages that nac with an extra needs on a platform."""
    waiting = list(map(Requirement, PROJECT["dependencies"] + EXTRAS.get(extra, [])))
    seen, names = set(), set()
    while waiting:
        requirement = waiting.pop()
        if requirement.name == "nac":  # nac[report]
            waiting += [Requirement(line) for name in requirement.extras for line in EXTRAS[name]]
        elif (key := (requirement.name, frozenset(requirement.extras))) not in seen:
            seen.add(key)
            names.add(normalized(requirement.name))
            waiting += required_by(requirement, platform)
    return names


def pinned(*sections, platform):
    """Return the names of the packages of sections that are installed on a platform."""
    return {
        release(pin)[0]
        for own, pin in PINS
        if own & set(sections) and applies(Requirement(pin), "", platform)
    }


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("extra", ["base", *EXTRAS])
def test_all_that_an_extra_needs_is_below_its_name(extra, platform):
    assert reached(extra, platform) <= pinned("base", extra, platform=platform)


@pytest.mark.parametrize("extra", ["base", "report", "test"])  # these are installed for sure
def test_nothing_else_is_below_its_name(extra):
    needed = set().union(*(reached(extra, platform) for platform in PLATFORMS))
    everywhere = set().union(*(pinned("base", extra, platform=each) for each in PLATFORMS))
    assert everywhere - needed <= {"packaging", "wheel", "setuptools"}
