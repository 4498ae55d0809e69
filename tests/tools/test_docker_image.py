"""What the Dockerfile and its documentation promise, as far as it shows without an engine."""

import re

import pytest

from tests.experiments import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_base_image_is_pinned_by_its_digest():
    assert re.search(r"^ARG BASE=python:3\.12\S*-slim@sha256:[0-9a-f]{64}$", DOCKERFILE, re.M)


def test_packages_are_installed_from_files_with_pinned_hashes():
    installs = re.findall(r"pip install .*?(?= \\$|$)", DOCKERFILE, re.MULTILINE)
    instructions = [line for line in installs if not line.startswith("#")]
    assert all("--require-hashes" in line or line.endswith(" -e .") for line in instructions)
    assert len(instructions) == 3


def test_it_does_not_run_as_root():
    (user,) = re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE)
    assert int(user) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tensorboard_is_never_open_to_other_machines(page):
    commands = page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    opened = [line for line in commands if re.search(r"--bind_all|--host[= ]0\.0\.0\.0", line)]
    assert all("-p 127.0.0.1:6006:6006" in line for line in opened)
