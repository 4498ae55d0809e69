"""``python -m nac.figures`` as a user runs it."""

import subprocess
import sys

import pytest

from tests.experiments import environment, run_as_user
from tests.experiments import run as run_command
from tests.plots.run_directories import write_run

ENDINGS = (".csv", ".png", ".svg")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    write_run(folder / "small")
    return folder


def figures(folder, *flags):
    return run_command("figures", "--run=small", *flags, cwd=folder)


def error(result):
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("error: ").rstrip()


def test_all_leaves_out_what_there_is_no_data_for(runs):
    pytest.importorskip("matplotlib")
    result = run_as_user("figures", "--run=small", cwd=runs)
    assert (result.returncode, result.stderr) == (0, "")
    written = ("architecture_000", "architecture_001", "architecture_final", "cost", "widths")
    expected = sorted(f"{name}{ending}" for name in written for ending in ENDINGS)
    assert sorted(path.name for path in (runs / "small" / "figures").iterdir()) == expected
    lines = result.stdout.splitlines()
    assert lines[9] == (
        "ranking: left out: small: no event file has values of branches by ranking mean_square"
    )
    assert lines[10].startswith("comparison: left out: small: no comparison; run python -m nac.co")
    assert lines[11].startswith("sizes: left out: small: no comparison; run python -m nac.compare")
    assert lines[12].startswith("seconds: left out: small: no comparison; run python -m nac.compa")
    for kind, line in zip(("confusion", "calibration"), lines[-2:], strict=True):
        assert line == f"{kind}: left out: small: no predictions.npz of a final training"
    assert (
        sorted(line.removeprefix("small/figures/") for line in lines[:9] + lines[13:-2]) == expected
    )


def test_a_figure_without_data_is_an_error_if_it_was_asked_for(runs, tmp_path):
    pytest.importorskip("matplotlib")
    text = error(figures(runs, "--figure=comparison", f"--output={tmp_path / 'out'}"))
    assert text == "small: no comparison; run python -m nac.compare --run=small"
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_no_directory_is_named(runs):
    pytest.importorskip("matplotlib")
    (runs / "file").write_text("precious")
    text = error(figures(runs, "--figure=cost", "--output=file"))
    assert text == "--output: file/cost.png: cannot be written: file is a file"
    assert (runs / "file").read_text() == "precious"


def test_a_run_is_needed(runs):
    assert error(run_command("figures", cwd=runs)) == "--run is required (see --help)"


def test_a_further_run_that_is_none_is_named(runs):
    pytest.importorskip("matplotlib")
    text = error(figures(runs, "--figure=widths", "--with=small,absent"))
    assert text.startswith("absent/experiment.yaml: no such file")


def test_without_matplotlib_it_says_what_to_install(runs):
    code = "import sys; sys.modules['matplotlib'] = None; import nac.figures; nac.figures.run()"
    result = subprocess.run(
        [sys.executable, "-c", code, "--run=small"],
        cwd=runs,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    expected = 'nac.figures needs matplotlib: pip install "nac[report]"'
    assert error(result) == expected
