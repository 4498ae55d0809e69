"""``nac replay``: rules of pruning on a table of trained networks."""

import json

import pytest

from nac.utils.files import write_json
from tests.experiments import run, run_as_user
from tests.replaying.tables import file_of

FLAGS = ("--table=t.json", "--flops=30")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    write_json(folder / "t.json", file_of())
    return folder


def printed(folder, *flags, by=run):
    result = by("replay", *FLAGS, "--seeds=3", *flags, cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def error(folder, *flags, **options):
    result = run("replay", *flags, cwd=folder, **options)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("error: ").rstrip()


def test_it_prints_a_table(folder):
    lines = printed(folder, by=run_as_user).splitlines()
    assert lines[0].endswith("arrives at from 22 within 30 FLOPs,")
    names = [line.partition(" ")[0] for line in lines]
    assert [names.count(name) for name in ("once", "weakest", "rounds", "tournament")] == [7] * 4


def test_the_same_command_prints_the_same(folder):
    assert printed(folder) == printed(folder)


def test_json_has_the_rows(folder):
    result = json.loads(printed(folder, "--json", "--noise=0.5,0,0.5"))
    assert (result["table"], result["flops"], result["seeds"]) == ("t.json", 30, 3)
    assert [row["noise"] for row in result["rows"] if row["rule"] == "rounds"] == [0.5, 0]


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("new/a.svg", b"<?xml")])
def test_a_figure_is_written_beside_the_table(folder, name, start):
    pytest.importorskip("matplotlib")
    text = printed(folder, f"--figure={name}")
    assert text.endswith(f"\n\nfigure in {name}\n")
    content = (folder / name).read_bytes()
    assert content.startswith(start)
    printed(folder, f"--figure={name}")
    assert (folder / name).read_bytes() == content


def test_json_with_a_figure_is_still_json(folder):
    pytest.importorskip("matplotlib")
    json.loads(printed(folder, "--json", "--figure=b.svg"))
    assert (folder / "b.svg").is_file()


def test_without_matplotlib_it_says_what_to_install(folder):
    text = error(folder, *FLAGS, "--figure=c.png", blocked=("matplotlib",))
    assert text == 'nac.replay needs matplotlib: pip install "nac[report]"'


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), "--table is required (see --help)"),
        (("--table=t.json",), "--flops is required (see --help)"),
        (("--table=a.json", "--flops=1"), "a.json: cannot be read: No such file or directory"),
        (
            ("--table=t.json", "--flops=0"),
            "--flops: expected at least 10, the FLOPs of 00 in t.json, and less than 50, those of"
            " 22, which is pruned; received 0",
        ),
        ((*FLAGS, "--flops=much"), "--flops: expected a number, received 'much'"),
        ((*FLAGS, "--noise=0,x"), "--noise: expected numbers >= 0 such as 0,0.5,1, received 0,x"),
        ((*FLAGS, "--noise=-1"), "--noise: expected numbers >= 0 such as 0,0.5,1, received -1"),
        ((*FLAGS, "--noise=nan"), "--noise: expected numbers >= 0 such as 0,0.5,1, received nan"),
        ((*FLAGS, "--seeds=0"), "--seeds: expected a positive integer, received '0'"),
        (
            (*FLAGS, "--figure=a.pdf"),
            "--figure: expected a file that ends in .svg or .png, received a.pdf",
        ),
    ],
)
def test_a_mistake_is_one_line(folder, flags, expected):
    assert error(folder, *flags) == expected


def test_a_figure_that_cannot_be_written_is_named(folder):
    pytest.importorskip("matplotlib")
    result = run("replay", *FLAGS, "--seeds=1", "--figure=t.json/a.png", cwd=folder)
    assert result.returncode == 1
    assert result.stderr.startswith("error: --figure: t.json/a.png: cannot be written: ")
