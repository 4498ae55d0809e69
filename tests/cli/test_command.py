"""What all commands share: flags, errors as one line, exit codes, required flags."""

import os
import shlex
import subprocess
import sys

import pytest
from absl import flags

from nac.cli.command import parse
from nac.utils.errors import InputError
from tests.experiments import command, environment
from tests.peer import ROOT

HEAD = """
from absl import flags
from nac.cli.command import command, interruptible, require_flags
from nac.utils.processes import quietly
from nac.utils.errors import InputError

FLAGS = flags.FlagValues()
flags.DEFINE_string("config", None, "A file.", flag_values=FLAGS)

def main():
"""


def run(body, *arguments):
    code = f"{HEAD}    {body}\n\ncommand(main, FLAGS, 'A command.')()\n"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_that_succeeds_exits_with_0():
    result = run("print('done')")
    assert (result.returncode, result.stdout, result.stderr) == (0, "done\n", "")


def test_an_input_error_is_one_line_and_exit_code_1():
    result = run("raise InputError('net.json: wrong')")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: net.json: wrong\n"


def test_an_error_of_the_program_itself_keeps_its_traceback():
    result = run("raise KeyError('a bug')")
    assert result.returncode != 0
    assert "Traceback" in result.stderr


def test_an_interruption_says_how_to_continue_and_exits_like_a_shell():
    result = run("with interruptible('run'): raise KeyboardInterrupt")
    assert result.returncode == 130
    assert result.stderr == "\ninterrupted; the same command continues this run\n"


def test_a_reader_that_leaves_early_is_not_an_error():
    result = run("raise BrokenPipeError")
    assert (result.returncode, result.stderr) == (1, "")


def test_what_the_system_refuses_is_one_line_and_exit_code_1():
    result = run("open('/proc/none/report.html', 'w')")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "error: /proc/none/report.html: cannot be read or written: No such file or directory\n"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a device that is full")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('x')", "output: cannot be written: No space left on device"),
        ("print('x'); raise InputError('net.json: wrong')", "net.json: wrong"),
    ],
)
def test_a_full_disk_behind_standard_output_is_one_line(body, message):
    code = f"{HEAD}    {body}\n\ncommand(main, FLAGS, 'A command.')()\n"
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (result.returncode, result.stderr) == (1, f"error: {message}\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("body", "expected"), [("print('x')", 0), ("raise InputError('no')", 1)])
def test_standard_streams_may_be_closed(tmp_path, closed, body, expected):
    (tmp_path / "program.py").write_text(
        f"{HEAD}    {body}\n\ncommand(main, FLAGS, 'A command.')()\n"
    )
    line = f"{shlex.quote(sys.executable)} program.py {closed}"
    result = subprocess.run(
        line, shell=True, cwd=tmp_path, env=environment(), capture_output=True, check=False
    )
    assert result.returncode == expected
    assert b"Traceback" not in result.stderr


def test_output_that_is_no_text_is_escaped():
    assert run(r"print('a\udcffb')").stdout == "a\\udcffb\n"


def test_windows_is_one_line_that_names_wsl():
    code = "import sys; sys.modules['fcntl'] = None; from nac.construct import run; run()"
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "error: nac runs on Linux and macOS; on Windows use WSL\n"


NOISY = "import os\n    with quietly():\n        os.write(2, b'noise'); "


def test_what_libraries_print_is_kept_from_a_command_that_succeeds():
    result = run(f"{NOISY}print('done')")
    assert (result.stdout, result.stderr) == ("done\n", "")


def test_what_libraries_print_is_kept_from_an_input_error():
    result = run(f"{NOISY}raise InputError('net.json: wrong')")
    assert result.stderr == "error: net.json: wrong\n"


def test_what_libraries_print_is_shown_with_an_error_of_the_program_itself():
    result = run(f"{NOISY}raise KeyError('a bug')")
    assert "noise" in result.stderr
    assert "KeyError: 'a bug'" in result.stderr


def test_a_required_flag_that_is_missing_is_named():
    result = run("require_flags(FLAGS, 'config')")
    assert result.returncode == 1
    assert result.stderr == "error: --config is required (see --help)\n"


def test_a_required_flag_that_is_empty_is_missing():
    assert run("require_flags(FLAGS, 'config')", "--config=").returncode == 1


def test_a_required_flag_that_is_given_is_enough():
    assert run("require_flags(FLAGS, 'config')", "--config=a.yaml").returncode == 0


@pytest.fixture
def values():
    """Return the flags config, seeds (at least 1), split (one of two) and report (a bool)."""
    values = flags.FlagValues()
    flags.DEFINE_string("config", None, "A file.", flag_values=values)
    flags.DEFINE_integer("seeds", 3, "How many.", lower_bound=1, flag_values=values)
    flags.DEFINE_enum("split", "test", ["test", "validation"], "Images.", flag_values=values)
    flags.DEFINE_bool("report", True, "Whether.", flag_values=values)
    return values


class TestParse:
    def test_flags_get_their_values(self, values):
        parse(values, ["--config=a.yaml", "--seeds", "5", "--noreport"])
        assert (values.config, values.seeds, values.report) == ("a.yaml", 5, False)

    @pytest.mark.parametrize(
        ("argument", "message"),
        [
            ("--seeds=none", "--seeds: expected a positive integer, received 'none'"),
            ("--seeds=0", "--seeds: expected a positive integer, received '0'"),
            ("--split=tset", "--split: expected one of test, validation, received 'tset'"),
            ("--report=maybe", "--report: expected true or false, received 'maybe'"),
            ("--noreport=1", "--noreport=1 does not take an argument"),
            ("--config", "Missing value for flag --config"),
            ("a.yaml", "unexpected argument 'a.yaml' (flags begin with --)"),
            (
                "--confg=a.yaml",
                "unknown flag --confg (did you mean 'config'?); see --help",
            ),
            ("--qwerty", "unknown flag --qwerty; see --help"),
        ],
    )
    def test_a_mistake_is_one_line(self, values, argument, message):
        with pytest.raises(InputError) as error:
            parse(values, [argument])
        assert str(error.value) == message

    def test_a_flag_file_may_have_comments_and_name_another_one(self, values, tmp_path):
        inner, outer = tmp_path / "inner.flags", tmp_path / "outer.flags"
        inner.write_text("# how often\n--seeds=7\n")
        outer.write_text(f"--flagfile={inner}\n\n--config=a.yaml\n--noreport\n")
        parse(values, [f"--flagfile={outer}"])
        assert (values.config, values.seeds, values.report) == ("a.yaml", 7, False)

    def test_a_flag_after_the_flag_file_wins(self, values, tmp_path):
        (tmp_path / "f").write_text("--seeds=7\n--noreport\n")
        parse(values, [f"--flagfile={tmp_path / 'f'}", "--seeds=8", "--report"])
        assert (values.seeds, values.report) == (8, True)

    @pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
    def test_what_is_no_text_is_refused(self, values, text):
        with pytest.raises(InputError, match=r"^--config: expected UTF-8 text without NUL, recei"):
            parse(values, [f"--config={text}"])

    @pytest.mark.parametrize("arguments", [["--flagfile=/dev/zero"], ["--flagfile", "/dev/zero"]])
    def test_a_flag_file_without_end_is_refused(self, values, arguments):
        with pytest.raises(InputError, match=r"^--flagfile: expected a file of at most \d+ bytes"):
            parse(values, arguments)

    def test_a_flag_file_is_text(self, values, tmp_path):
        (tmp_path / "f").write_bytes(b"--config=\xff")
        with pytest.raises(InputError, match=r"^--flagfile: expected UTF-8 text, received other"):
            parse(values, [f"--flagfile={tmp_path / 'f'}"])

    def test_what_is_no_number_is_refused(self, values):
        flags.DEFINE_float("seconds", 1.0, "How long.", lower_bound=0.0, flag_values=values)
        with pytest.raises(InputError, match=r"^--seconds: expected a number, received nan$"):
            parse(values, ["--seconds=nan"])

    def test_a_flag_file_that_is_missing_is_named(self, values):
        with pytest.raises(InputError, match=r"^--flagfile: cannot be read: .*'nowhere\.flags'$"):
            parse(values, ["--flagfile=nowhere.flags"])


def test_the_output_of_a_command_can_be_cut_off():
    """As in ``nac restructure ... | head -0``, which closes the pipe at once."""
    process = subprocess.Popen(
        [*command("restructure"), "--config=experiments/digits/construct.yaml"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait()
    process.stderr.close()
