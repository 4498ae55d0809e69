"""What all commands share: errors as one line, exit codes, required flags."""

import subprocess
import sys

from tests.peer import ROOT

HEAD = """
from absl import flags
from nac.cli.command_line import quietly, require_flags, run
from nac.utils.errors import InputError

flags.DEFINE_string("config", None, "A file.")

def main():
"""


def command(body, *arguments):
    code = f"{HEAD}    {body}\n\nrun(main)\n"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_succeeds_exits_with_0():
    result = command("print('done')")
    assert (result.returncode, result.stdout, result.stderr) == (0, "done\n", "")


def test_an_input_error_is_one_line_and_exit_code_1():
    result = command("raise InputError('net.json: wrong')")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: net.json: wrong\n"


def test_an_error_of_the_program_itself_keeps_its_traceback():
    result = command("raise KeyError('a bug')")
    assert result.returncode != 0
    assert "Traceback" in result.stderr


NOISY = "import os\n    with quietly():\n        os.write(2, b'noise'); "


def test_what_libraries_print_is_kept_from_a_command_that_succeeds():
    result = command(f"{NOISY}print('done')")
    assert (result.stdout, result.stderr) == ("done\n", "")


def test_what_libraries_print_is_kept_from_an_input_error():
    result = command(f"{NOISY}raise InputError('net.json: wrong')")
    assert result.stderr == "error: net.json: wrong\n"


def test_what_libraries_print_is_shown_with_an_error_of_the_program_itself():
    result = command(f"{NOISY}raise KeyError('a bug')")
    assert "noise" in result.stderr
    assert "KeyError: 'a bug'" in result.stderr


def test_an_argument_that_is_no_flag_is_an_error():
    result = command("print('done')", "config.yaml")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: unexpected argument 'config.yaml' (flags begin with --)\n"


def test_an_unknown_flag_is_an_error_that_names_it():
    result = command("print('done')", "--confg=a.yaml")
    assert (result.returncode, result.stdout) == (1, "")
    assert "confg" in result.stderr


def test_a_required_flag_that_is_missing_is_named():
    result = command("require_flags('config')")
    assert result.returncode == 1
    assert result.stderr == "error: --config is required (see --help)\n"


def test_a_required_flag_that_is_empty_is_missing():
    assert command("require_flags('config')", "--config=").returncode == 1


def test_a_required_flag_that_is_there_is_enough():
    assert command("require_flags('config')", "--config=a.yaml").returncode == 0
