"""``nac``: all commands under one name."""

import subprocess
import sys

import pytest

import nac
from nac.__main__ import COMMANDS, main
from tests.peer import ROOT


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"], ["help", "--help"]])
def test_the_overview_has_a_line_for_each_command(arguments, capsys):
    main(arguments)
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line[:2] == "  "]
    assert [words[0].replace("-", "_") for words in lines] == list(COMMANDS)
    assert lines[1][:4] == ["construct", "Construct", "a", "network"]


def test_it_knows_its_version(capsys):
    main(["--version"])
    assert capsys.readouterr().out == f"nac {nac.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["prepare-data", "--help"], ["help", "prepare-data"], ["help", "prepare_data"]],
)
def test_help_of_a_command_can_be_asked_for_in_two_ways(arguments, capsys):
    main(arguments)
    assert capsys.readouterr().out.startswith("Download and prepare a data set, once.\n")


def test_an_unknown_command_is_one_line_with_the_nearest_name(capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["constrct"])
    assert capsys.readouterr().err == (
        "error: unknown command 'constrct' (did you mean 'construct'?); see nac --help\n"
    )


def test_flags_are_handed_to_the_command(capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["describe", "--confg=a.yaml"])
    assert "unknown flag --confg (did you mean 'config'?)" in capsys.readouterr().err


def test_the_overview_imports_neither_tensorflow_nor_numpy():
    code = (
        "import sys; from nac.__main__ import main; main(['--help']);"
        "sys.exit(bool({'numpy', 'tensorflow', 'keras', 'nac.construct'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert result.returncode == 0


def test_every_command_has_a_script():
    from importlib.metadata import entry_points

    scripts = {point.name: point.value for point in entry_points(group="console_scripts")}
    for name in COMMANDS:
        assert scripts[f"nac-{name.replace('_', '-')}"] == f"nac.{name}:run"
