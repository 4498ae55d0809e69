"""``python -m nac.report`` without a run, or without what it needs."""

import subprocess
import sys

import pytest

from tests.experiments import ROOT, run, run_as_user
from tests.finished_runs import write_run

WITHOUT = """
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "jinja2" else find(name, *rest)
sys.argv = ["nac.report", "--run=nowhere"]
runpy.run_module("nac.report", run_name="__main__")
"""


def test_a_directory_without_a_run_is_one_line(tmp_path):
    result = run_as_user("report", "--run=nowhere", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == (
        "error: nowhere/experiment.yaml: no such file; expected the run directory of a"
        " nac.construct\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_one_line_names_the_package_and_the_command():
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == ('error: nac.report needs jinja2: pip install "nac[report]"\n')


@pytest.mark.parametrize("output", ["small/experiment.yaml", "photo.png"])
def test_other_files_are_not_replaced_by_a_page(tmp_path, output):
    write_run(tmp_path / "small")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    before = (tmp_path / output).read_bytes()
    result = run("report", "--run=small", f"--output={output}", cwd=tmp_path)
    message = "expected a page or no file, received another file"
    assert (result.returncode, result.stderr) == (1, f"error: --output: {output}: {message}\n")
    assert (tmp_path / output).read_bytes() == before
