import pytest

from tools.lock import chosen, lacking

LINUX = "a-1-cp311-cp311-manylinux2014_x86_64.whl"
PURE = "a-1-py3-none-any.whl"


@pytest.mark.parametrize(
    "file",
    [
        PURE,
        LINUX,
        "a-1-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        "a-1-cp38-abi3-macosx_11_0_arm64.whl",
        "a-1-cp311-cp311-macosx_10_9_universal2.whl",
        "a-1-py2.py3-none-manylinux1_x86_64.whl",
    ],
)
def test_wheels_that_fit_are_taken(file):
    assert chosen([file, "a-1.tar.gz"]) == [file]


@pytest.mark.parametrize(
    "file",
    [
        "a-1-cp310-cp310-manylinux2014_x86_64.whl",
        "a-1-cp311-cp311-win_amd64.whl",
        "a-1-cp311-cp311-musllinux_1_2_x86_64.whl",
        "a-1-cp311-cp311-manylinux2014_i686.whl",
    ],
)
def test_other_wheels_are_not(file):
    assert chosen([file, LINUX]) == [LINUX]


def test_a_package_without_wheels_is_built_from_its_sources():
    assert chosen(["a-1-cp310-cp310-win32.whl", "a-1.tar.gz"]) == ["a-1.tar.gz"]


@pytest.mark.parametrize("files", [[PURE], ["a-1.tar.gz"]])
def test_a_package_for_all_lacks_nothing(files):
    assert lacking(files) == []


def test_platforms_without_a_file_are_named():
    assert "Python 3.12, Linux on x86-64" in lacking([LINUX])
    assert "Python 3.11, Linux on x86-64" not in lacking([LINUX])
