"""``--help``: every command shows its docstring and every flag that it takes."""

import importlib
import subprocess
import sys

import pytest

from nac.__main__ import COMMANDS
from nac.cli.help import help_text
from tests.experiments import environment
from tests.peer import ROOT

MACHINE = (
    "strategy",
    "logical_cpus",
    "deterministic",
    "jit_compile",
    "recompute",
    "micro_batch",
    "steps_per_call",
    "data_dir",
    "checkpoint_seconds",
    "keep_checkpoints",
)


def shown(name):
    """Return what ``nac NAME --help`` prints, made in this process."""
    module = importlib.import_module(f"nac.{name}")
    return help_text(module.FLAGS, module.__doc__)


def python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_commands_can_be_imported_into_one_process():
    modules = ", ".join(f"nac.{name}" for name in COMMANDS)
    assert python("-c", f"import {modules}").returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_it_begins_with_the_docstring(name):
    module = importlib.import_module(f"nac.{name}")
    assert shown(name).startswith(module.__doc__.partition("\n")[0])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_is_shown_once_with_its_meaning(name):
    lines = shown(name).splitlines()
    for flag in importlib.import_module(f"nac.{name}").FLAGS:
        starts = f"  --{flag}=", f"  --[no]{flag} "
        places = [number for number, line in enumerate(lines) if f"{line} ".startswith(starts)]
        assert len(places) == 1, flag
        assert lines[places[0] + 1].startswith(" " * 6), flag


@pytest.mark.parametrize("name", ["construct", "compare", "judge", "train"])
def test_commands_that_start_jobs_show_how_jobs_run(name):
    group = shown(name).split("\n\nHow jobs run:\n")[1].split("\n\nFlags of all commands:\n")[0]
    heads = [line.split()[0] for line in group.splitlines() if line.startswith("  --")]
    assert [head[2:].removeprefix("[no]").partition("=")[0] for head in heads] == list(MACHINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_flags_of_all_commands_come_last(name):
    group = shown(name).rpartition("Flags of all commands:\n")[2]
    assert [line.split("=")[0] for line in group.splitlines() if line.startswith("  --")] == [
        "  --plugin",
        "  --flagfile",
        "  --[no]help  (default: false)",
    ]


def test_choices_and_defaults_are_shown():
    text = shown("construct")
    assert "  --split=test|validation  (default: test)\n      Images that score" in text
    assert "  --workdir=STRING  (default: runs)\n" in text
    assert "  --[no]report  (default: true)\n" in text


def test_names_that_plugins_add_to_are_listed():
    assert "mean_square_before_norm" in shown("restructure")
    assert "saved_model, tflite, onnx" in shown("export")
    assert "all, architecture, ranking, comparison, sizes, seconds, widths, cost" in " ".join(
        shown("figures").split()
    )


@pytest.mark.parametrize("name", ["construct", "prepare_data"])
def test_three_ways_to_ask_show_the_same(name):
    script = f"from nac.{name} import run; run()"
    ways = [
        python("-m", f"nac.{name}", "--help"),
        python("-m", "nac", name, "--help"),
        python("-c", script, "--help"),
    ]
    assert [way.stdout for way in ways] == [shown(name) + "\n"] * 3
    assert [(way.returncode, way.stderr) for way in ways] == [(0, "")] * 3
