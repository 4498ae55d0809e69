import subprocess
import sys
import zipfile
from hashlib import sha256

import pytest

from tests.peer import ROOT
from tools.requirements import pins, release, release_of_file, requirements

CONSTRAINTS = """# Some words, as in other==1.0

# [build] [base]: first

a_b.c==1.0
# [report]

d==2.0; sys_platform == "linux"
"""
HASHES = "11  a_b.c-1.0-py3-none-any.whl\n22  a_b_c-1.0.tar.gz\n33  D-2.0-cp311-none-any.whl\n"


def test_pins_are_in_the_sections_of_the_heading_before():
    expected = [({"build", "base"}, "a_b.c==1.0"), ({"report"}, 'd==2.0; sys_platform == "linux"')]
    assert list(pins(CONSTRAINTS)) == expected


@pytest.mark.parametrize("sections", [["base"], ["build"], ["base", "build"]])
def test_a_requirement_has_the_hashes_of_all_files_of_the_release(sections):
    expected = ["a_b.c==1.0 --hash=sha256:11 --hash=sha256:22"]
    assert requirements(sections, CONSTRAINTS, HASHES) == expected


def test_markers_stay():
    expected = ['d==2.0; sys_platform == "linux" --hash=sha256:33']
    assert requirements(["report"], CONSTRAINTS, HASHES) == expected


def test_a_section_that_is_not_there_is_refused():
    with pytest.raises(SystemExit, match=r"expected sections of .*'report'.*received.*'gpus'"):
        requirements(["gpus"], CONSTRAINTS, HASHES)


def test_a_pin_without_hashes_is_refused():
    with pytest.raises(
        SystemExit, match=r"no hashes of \['a_b.c==1.0'\]; run python -m tools.lock"
    ):
        requirements(["base"], CONSTRAINTS, HASHES.replace("-1.0", "-1.1"))


def test_every_pin_has_hashes_and_every_hash_a_pin():
    text = (ROOT / "constraints.txt").read_text()
    lines = (ROOT / "constraints.sha256").read_text().splitlines()
    locked = {release_of_file(line.split()[1]) for line in lines}
    assert locked == {release(pin) for _, pin in pins(text)}


def install(folder, digest):
    """Install the package ``tiny`` with a pinned hash, as tools/quickstart does."""
    (line,) = requirements(
        ["base"], "# [base]\ntiny==1.0\n", f"{digest}  tiny-1.0-py3-none-any.whl\n"
    )
    (folder / "requirements.txt").write_text(line)
    pip = [sys.executable, "-m", "pip", "--isolated", "install", "--no-index"]
    options = ["--require-hashes", "-r", "requirements.txt", "--find-links=.", "--target=installed"]
    return subprocess.run(
        [*pip, *options], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def wheel(tmp_path):
    """Write a wheel of a package ``tiny`` and return its path."""
    path = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "")
        about = "tiny-1.0.dist-info"
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


def test_a_file_with_the_pinned_hash_is_installed(wheel):
    result = install(wheel.parent, sha256(wheel.read_bytes()).hexdigest())
    assert result.returncode == 0, result.stderr
    assert (wheel.parent / "installed/tiny.py").exists()


def test_a_file_with_another_hash_is_refused(wheel):
    result = install(wheel.parent, sha256(b"what was pinned").hexdigest())
    assert result.returncode == 1
    assert "DO NOT MATCH THE HASHES" in result.stderr
    assert not (wheel.parent / "installed").exists()
