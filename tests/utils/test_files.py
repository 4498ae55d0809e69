"""Files are read with named errors and written whole or not at all."""

import json
import os
from contextlib import suppress

import pytest

from nac.utils import files, limits
from nac.utils.errors import SystemRefusal
from nac.utils.files import (
    expanded,
    open_regular,
    parse_json,
    read_json,
    read_structured,
    read_text,
    write_atomically,
    write_json,
    write_yaml,
)
from tests.builders import assert_says, input_error


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read_yaml(tmp_path, text):
    return read_structured(written(tmp_path, "some.yaml", text))


def yaml_error(tmp_path, text):
    return input_error(read_structured, written(tmp_path, "some.yaml", text))


def test_a_text_file_is_read_as_utf8(tmp_path):
    assert read_text(written(tmp_path, "a.txt", "größe\n")) == "größe\n"


def test_a_missing_file_is_named(tmp_path):
    text = input_error(read_text, tmp_path / "absent.yaml")
    assert_says(text, str(tmp_path / "absent.yaml"), "No such file")


def test_a_folder_is_not_a_file(tmp_path):
    assert_says(input_error(read_text, tmp_path), str(tmp_path), "directory")


def test_a_home_directory_is_found(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    assert str(expanded("~/photos")) == "/home/ann/photos"


def test_the_home_directory_of_nobody_is_an_error():
    assert input_error(expanded, "~nobody-has-this-name/x") == (
        "~nobody-has-this-name/x: expected a user with a home directory,"
        " received ~nobody-has-this-name"
    )


def test_bytes_that_are_no_utf8_are_an_error(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"name: gr\xfc\xdfe\n")
    assert_says(input_error(read_text, path), str(path), "UTF-8")


def test_json_keeps_the_order_of_keys():
    assert list(parse_json('{"b": 1, "a": 2}', "here")) == ["b", "a"]


def test_json_with_a_syntax_error_names_source_and_line():
    assert_says(input_error(parse_json, '{"a": 1,\n}', "net.json"), "net.json", "JSON", "line 2")


def test_json_with_a_key_given_twice_names_the_key():
    assert_says(input_error(parse_json, '{"a": {"b": 1, "b": 2}}', "net.json"), "net.json", "'b'")


def test_a_json_file_error_names_the_file(tmp_path):
    path = written(tmp_path, "net.json", "{")
    assert_says(input_error(read_json, path), str(path), "not valid JSON")


def test_a_file_that_ends_in_json_is_read_as_json(tmp_path):
    assert read_structured(written(tmp_path, "a.json", '{"a":\t1}')) == {"a": 1}


def test_a_yaml_only_text_in_a_json_file_is_an_error(tmp_path):
    assert_says(input_error(read_structured, written(tmp_path, "a.json", "a: 1")), "not valid JSON")


def test_any_other_file_is_read_as_yaml(tmp_path):
    assert read_structured(written(tmp_path, "a.yml", "a: {b: [1, yes]}")) == {
        "a": {"b": [1, True]}
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [("3e-4", 0.0003), ("1e5", 1e5), ("-2E3", -2000.0), ("+1e+2", 100.0), ("1.5e3", 1500.0)],
)
def test_yaml_reads_an_exponent_as_a_number(tmp_path, text, number):
    value = read_yaml(tmp_path, f"a: {text}\n")["a"]
    assert isinstance(value, float)
    assert value == number


@pytest.mark.parametrize("text", ["3x3", "1e", "e5", "5x5sep", "1e5x"])
def test_yaml_keeps_words_that_only_resemble_an_exponent(tmp_path, text):
    assert read_yaml(tmp_path, f"a: {text}\n") == {"a": text}


def test_yaml_with_a_key_given_twice_names_key_and_line(tmp_path):
    text = yaml_error(tmp_path, "a: 1\nb:\n  c: 1\n  c: 2\n")
    assert_says(text, "some.yaml", "'c'", "twice", "line 3")


def test_yaml_with_a_syntax_error_names_file_and_line(tmp_path):
    assert_says(yaml_error(tmp_path, "a: 1\nb: [1,\n"), "some.yaml", "not valid YAML", "line")


def test_yaml_cannot_make_python_objects(tmp_path):
    assert_says(yaml_error(tmp_path, "a: !!python/name:os.system x"), "some.yaml", "python/name")


def test_an_empty_yaml_file_is_none(tmp_path):
    assert read_yaml(tmp_path, "# nothing\n") is None


def test_yaml_merge_keys_work(tmp_path):
    value = read_yaml(tmp_path, "a: &a {x: 1, y: 1}\nb:\n  <<: *a\n  y: 2\n")
    assert value["b"] == {"x": 1, "y": 2}


@pytest.mark.parametrize("scalar", ["0x_", "!!int many", "!!float much"])
def test_a_yaml_value_that_its_type_refuses_is_an_input_error(tmp_path, scalar):
    assert_says(yaml_error(tmp_path, f"a: {scalar}\n"), "some.yaml", "not valid YAML")


@pytest.mark.parametrize("name", ["deep.json", "deep.yaml"])
def test_a_file_nested_too_deeply_is_an_input_error(tmp_path, name):
    path = written(tmp_path, name, "[" * 100_000)
    assert_says(input_error(read_structured, path), name)


def test_a_large_file_is_refused_before_it_is_parsed(tmp_path):
    path = written(tmp_path, "large.json", " " * (limits.FILE_BYTES + 1))
    text = input_error(read_structured, path)
    assert_says(text, str(path), f"at most {limits.FILE_BYTES} bytes")


def test_yaml_files_have_a_limit_of_their_own(tmp_path):
    text = yaml_error(tmp_path, "# comment\n" * (limits.YAML_BYTES // 10 + 1))
    assert_says(text, f"at most {limits.YAML_BYTES} bytes")


def test_a_file_without_end_is_refused():
    assert_says(input_error(read_text, "/dev/zero"), "/dev/zero", "bytes")


def test_a_pipe_into_which_nobody_writes_is_empty(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert read_text(tmp_path / "pipe") == ""


def test_a_pipe_is_read_to_its_end():
    ends = os.pipe()
    os.write(ends[1], b"a: 1")
    os.close(ends[1])
    try:
        assert read_structured(f"/dev/fd/{ends[0]}") == {"a": 1}
    finally:
        os.close(ends[0])


def test_a_path_that_no_file_can_have_is_an_input_error():
    assert_says(input_error(read_text, "a\0b"), "a\\x00b: cannot be read")


def test_long_numbers_in_json_are_refused():
    assert_says(input_error(parse_json, "9" * 5000, "here"), "here", "at most 100 digits")


def test_deep_json_is_refused():
    assert_says(input_error(parse_json, "[" * 100_000, "here"), "here", "nested too deeply")


def test_writing_replaces_the_whole_content(tmp_path):
    path = written(tmp_path, "a.txt", "a longer text before")
    write_atomically(path, "short")
    assert path.read_text() == "short"


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    text = input_error(write_atomically, tmp_path / "pipe", "x")
    assert_says(text, "pipe: expected a file or nothing, received a device or a pipe")
    assert (tmp_path / "pipe").is_fifo()


def test_neither_is_a_link_to_a_device(tmp_path):
    (tmp_path / "link").symlink_to("/dev/null")
    assert_says(input_error(write_atomically, tmp_path / "link", "x"), "received a device")
    assert (tmp_path / "link").is_symlink()


def test_a_link_is_replaced_and_not_what_it_points_to(tmp_path):
    (tmp_path / "other").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "other").read_text() == "kept"
    assert (tmp_path / "link").read_text() == "new"


def test_writing_makes_the_folders(tmp_path):
    write_atomically(tmp_path / "a" / "b" / "c.txt", "text")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "text"


def test_bytes_are_written_as_they_are(tmp_path):
    write_atomically(tmp_path / "a.bin", b"\x00\xff")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\xff"


def test_writing_leaves_no_other_file(tmp_path):
    write_atomically(tmp_path / "a.txt", "text")
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_written_file_has_the_permissions_that_the_umask_gives(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "a.txt", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch, step):
    def fail(*_):
        raise OSError("disk full")

    path = written(tmp_path, "a.txt", "old")
    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(SystemRefusal, match="cannot be written: disk full"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_data_reaches_the_disk_before_the_name(tmp_path, monkeypatch):
    steps = []
    for step in ("fsync", "replace"):
        real = getattr(os, step)
        monkeypatch.setattr(
            files.os, step, lambda *a, step=step, real=real: (steps.append(step), real(*a))
        )
    write_atomically(tmp_path / "a.txt", "text")
    assert steps == ["fsync", "replace"]


def test_json_is_written_with_a_newline_at_the_end(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1]})
    text = (tmp_path / "a.json").read_text()
    assert text.endswith("}\n")
    assert json.loads(text) == {"b": [1]}


def test_a_text_that_utf8_cannot_express_is_escaped(tmp_path):
    write_atomically(tmp_path / "a.txt", "caf\u00e9 \udcff")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "caf\u00e9 \\udcff"


def test_yaml_is_written_in_the_order_given_below_its_heading(tmp_path):
    write_yaml(tmp_path / "a.yaml", {"b": [1, 2], "a": {"c": 0.0003}}, "two\nlines")
    assert (tmp_path / "a.yaml").read_text() == "# two\n# lines\nb: [1, 2]\na: {c: 0.0003}\n"


@pytest.mark.parametrize("number", [1e-05, 3e-4, 1e22, 0.1, 63.0])
def test_a_number_survives_yaml(tmp_path, number):
    write_yaml(tmp_path / "a.yaml", {"a": number})
    assert read_structured(tmp_path / "a.yaml") == {"a": number}


def as_file(path):
    path.write_bytes(b"abc")


def as_link(path):
    path.with_name("target").write_bytes(b"abc")
    path.symlink_to("target")


@pytest.mark.parametrize("make", [as_file, as_link])
def test_files_and_links_to_files_are_opened(tmp_path, make):
    make(tmp_path / "x")
    with open_regular(tmp_path / "x") as file:
        assert file.read() == b"abc"


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (os.mkfifo, "a pipe"),
        (os.mkdir, "a folder"),
        (lambda path: os.symlink(os.devnull, path), "a device"),
    ],
)
def test_what_is_no_file_is_not_read(tmp_path, make, received):
    make(tmp_path / "x")
    with (
        pytest.raises(OSError, match=f"expected a file, received {received}"),
        open_regular(tmp_path / "x"),
    ):
        pass


def test_what_is_no_file_is_closed_again(tmp_path):
    os.mkfifo(tmp_path / "x")
    before = os.listdir("/proc/self/fd")
    with suppress(OSError), open_regular(tmp_path / "x"):
        pass
    assert os.listdir("/proc/self/fd") == before
