"""Messages are lines that are safe to show; what the system refuses is one of them."""

import errno
import os

import pytest

from nac.utils.errors import (
    LONGEST,
    InputError,
    NacError,
    SystemRefusal,
    reason,
    refused,
    system_refusals,
)


def test_control_characters_are_shown_as_escapes():
    assert str(InputError("\x1b[31m.yaml: missing\n")) == r"\x1b[31m.yaml: missing\n"


def test_a_long_message_loses_its_middle_and_keeps_its_reason():
    text = str(NacError(f"{'x' * 200_000}: no such file"))
    assert len(text) == LONGEST
    assert text.endswith("x: no such file")


def test_details_are_further_lines():
    assert str(NacError("it failed:", "  \x1bone", "  two")) == "it failed:\n  \\x1bone\n  two"


def refusal(number, *names):
    return OSError(number, os.strerror(number), *names)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "No space left on device"),
        (errno.EDQUOT, "Disk quota exceeded"),
        (errno.EROFS, "Read-only file system"),
        (errno.EACCES, "Permission denied"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_the_line_names_the_file_what_was_tried_and_the_reason(number, words):
    with (
        pytest.raises(SystemRefusal, match=f"^a/b: cannot be written: {words}$"),
        refused("written", "a/b"),
    ):
        raise refusal(number)


def test_a_file_in_the_way_of_a_directory_is_named(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(SystemRefusal) as error, refused("written", tmp_path / "runs" / "a.json"):
        (tmp_path / "runs").mkdir(exist_ok=True)
    runs = tmp_path / "runs"
    assert str(error.value) == f"{runs / 'a.json'}: cannot be written: {runs} is a file"


def test_a_name_that_no_system_takes_is_a_refusal():
    with (
        pytest.raises(SystemRefusal, match=r"cannot be written: .*null byte"),
        refused("written", "a\0b"),
    ):
        os.stat("a\0b")


def test_the_net_names_the_file_that_the_system_names():
    with pytest.raises(SystemRefusal) as error, system_refusals():
        raise refusal(errno.ENAMETOOLONG, "aaa")
    assert str(error.value) == "aaa: cannot be read or written: File name too long"


def test_the_net_names_both_files_of_a_rename():
    with pytest.raises(SystemRefusal) as error, system_refusals():
        raise refusal(errno.EISDIR, "a", None, "b")
    assert str(error.value) == "a -> b: cannot be read or written: Is a directory"


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (errno.ENOSPC, "output: cannot be written: No space left on device"),
        (errno.ENOMEM, "refused by the system: Cannot allocate memory"),
    ],
)
def test_the_net_says_what_it_knows_if_the_system_names_no_file(number, line):
    with pytest.raises(SystemRefusal) as error, system_refusals():
        raise refusal(number)
    assert str(error.value) == line


@pytest.mark.parametrize("net", [system_refusals(), refused("written", "a")])
def test_a_broken_pipe_is_no_refusal(net):
    with pytest.raises(BrokenPipeError), net:
        raise BrokenPipeError


def test_a_reason_is_one_line():
    assert reason(OSError("first\nsecond")) == "first second"
