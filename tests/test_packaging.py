"""The package's metadata agree with its code, with the pinned versions and with each other."""

import re
import tomllib

import pytest
import yaml

import nac
from nac.__main__ import COMMANDS
from tests.peer import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def name_of(requirement):
    """Return the normalized name of a requirement such as ``tensorflow[and-cuda]>=2.21``."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {name_of(line) for line in lines if "==" in line}


def test_every_command_has_a_script():
    expected = {f"nac-{name.replace('_', '-')}": f"nac.{name}:run" for name in COMMANDS}
    assert PROJECT["scripts"] == {"nac": "nac.__main__:main", **expected}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_script_calls_is_there(command):
    assert re.search(r"^run = ", (ROOT / "nac" / f"{command}.py").read_text(), re.MULTILINE)


@pytest.mark.parametrize("extra", ["", *PROJECT["optional-dependencies"]])
def test_every_requirement_has_a_pinned_version(extra):
    extras = PROJECT["optional-dependencies"]
    names = set(map(name_of, extras[extra] if extra else PROJECT["dependencies"]))
    assert names - {"nac"} <= pinned()


def test_the_version_is_that_of_the_code():
    assert PROJECT["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "nac.__version__"}


def test_the_citation_names_the_newest_version_of_the_changelog():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.search(r"^## \[(\d\S*)\] - (\S+)$", changelog, re.MULTILINE).groups()
    assert (citation["version"], citation["date-released"]) == (version, date)


def test_the_version_of_the_code_has_an_entry_in_the_changelog():
    assert f"## [{nac.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_files_beside_the_code_are_packaged():
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["nac"]
    package = ROOT / "nac"
    packaged = {path for pattern in patterns for path in package.glob(pattern)}
    others = {
        path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    others |= set(package.glob("experiments/*/*"))  # behind a link
    assert {package / "py.typed", package / "experiments/digits/construct.yaml"} <= packaged
    assert packaged == others


def test_the_packages_that_must_be_covered_are_those_whose_tests_run_under_coverage():
    sources = PYPROJECT["tool"]["coverage"]["run"]["source"]
    folders = re.search(r"^covered=\((.*)\)$", (ROOT / "tools/test").read_text(), re.MULTILINE)
    assert folders[1].split() == [f"tests/{source.removeprefix('nac.')}" for source in sources]
