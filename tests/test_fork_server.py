"""Processes that are forks behave as those of Python itself."""

import os
import signal
import subprocess

import pytest

from tests.forks import forked_python
from tests.test_compare_command import ended
from tests.test_train_command import wait_for

pytestmark = pytest.mark.slow


def start(folder, code):
    """Start a module with this code; its standard streams are pipes."""
    (folder / "own.py").write_text(f"import os, sys, time\n{code}")
    return subprocess.Popen(
        [forked_python(), "-m", "own", "--flag"],
        cwd=folder,
        env={**os.environ, "NAC_TEST": "given"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_has_the_arguments_the_variables_and_the_directory(tmp_path):
    code = "print(__name__, sys.argv[1:], os.environ['NAC_TEST'], os.getcwd())"
    output, _ = start(tmp_path, code).communicate(timeout=60)
    assert output == f"__main__ ['--flag'] given {tmp_path}\n"


def test_it_has_the_standard_streams(tmp_path):
    code = "print(sys.stdin.readline(), end='')\nprint('wrong', file=sys.stderr)"
    assert start(tmp_path, code).communicate("a line\n", timeout=60) == ("a line\n", "wrong\n")


def test_tensorflow_is_imported_already_and_nac_is_not(tmp_path):
    code = "print('tensorflow' in sys.modules, 'nac' in sys.modules)"
    assert start(tmp_path, code).communicate(timeout=60)[0] == "True False\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise ValueError", 1),
        ("os.kill(os.getpid(), 9)", -signal.SIGKILL),
    ],
)
def test_it_ends_as_its_module_does(tmp_path, code, expected):
    process = start(tmp_path, code)
    process.communicate(timeout=60)
    assert process.returncode == expected


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_gets_signals(tmp_path, number, code):
    handling = f"import signal\nsignal.signal({int(number)}, lambda *_: sys.exit({code}))\n"
    process = start(tmp_path, f"{handling}print('ready', flush=True)\ntime.sleep(60)")
    process.stdout.readline()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code


def test_it_is_killed_with_the_process_that_stands_for_it(tmp_path):
    process = start(tmp_path, "print(os.getpid(), flush=True)\ntime.sleep(60)")
    own = int(process.stdout.readline())
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: ended(own), 30)
