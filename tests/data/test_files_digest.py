"""When files are the same."""

import os
import shutil

import pytest

from nac.data.files_digest import END_BYTES, files_digest
from nac.utils.errors import InputError


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "photos"
    for name, content in {"a/1.png": b"one", "a/2.png": b"two", "b/1.png": b"six"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def digest(folder):
    return files_digest([path for path in folder.rglob("*") if path.is_file()])


def test_files_are_counted(files):
    found = digest(files)
    assert (found.files, found.bytes) == (3, 9)
    assert str(found) == "3 files of 0 KiB"


def test_a_copy_elsewhere_with_other_dates_is_the_same(files, tmp_path):
    before = digest(files)
    shutil.copytree(files, tmp_path / "copy")
    os.utime(tmp_path / "copy" / "a" / "1.png", (0, 0))
    assert digest(tmp_path / "copy") == before


def test_the_order_of_the_paths_does_not_matter(files):
    paths = sorted(path for path in files.rglob("*") if path.is_file())
    assert files_digest(paths) == files_digest(paths[::-1])


@pytest.mark.parametrize("change", ["content", "name", "more", "fewer", "swapped"])
def test_what_was_edited_is_not_the_same(files, change):
    before = digest(files)
    first, second = files / "a" / "1.png", files / "b" / "1.png"
    if change == "content":
        first.write_bytes(b"uno")
    elif change == "name":
        first.rename(files / "a" / "3.png")
    elif change == "more":
        (files / "a" / "3.png").write_bytes(b"")
    elif change == "fewer":
        first.unlink()
    else:
        first.write_bytes(b"six")
        second.write_bytes(b"one")
    assert digest(files) != before


@pytest.mark.parametrize("position", [0, -1])
def test_of_a_large_file_both_ends_count(files, position):
    large = bytearray(3 * END_BYTES)
    (files / "a" / "1.png").write_bytes(large)
    before = digest(files)
    large[position] = 1
    (files / "a" / "1.png").write_bytes(large)
    assert digest(files) != before


def test_a_file_that_is_gone_is_named(files):
    with pytest.raises(InputError, match=r"9\.png: cannot be read: No such file or directory"):
        files_digest([files / "a" / "1.png", files / "a" / "9.png"])


def test_a_pipe_is_named(files):
    os.mkfifo(files / "pipe")
    with pytest.raises(InputError, match="pipe: cannot be read: expected a file, received a pipe"):
        files_digest([files / "a" / "1.png", files / "pipe"])
