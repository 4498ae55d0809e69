"""``--plugin``: modules that are imported before anything is checked."""

import pytest

from tests.experiments import run, small, training, write

RANKING = """
import nac
from nac.config.rankings import Ranking

nac.register_ranking("backwards", Ranking("weakest first", lambda entry: -entry["mean_square"]))
"""


@pytest.fixture
def folder(tmp_path):
    """Return a directory with the plugin mine.py and an experiment that needs it."""
    (tmp_path / "mine.py").write_text(RANKING)
    write(tmp_path / "e.yaml", small(envelopenet={"ranking": "backwards"}))
    return tmp_path


def test_names_that_it_registers_can_be_used(folder):
    result = run("restructure", "--config=e.yaml", "--plugin=mine", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")


def test_without_it_the_error_names_the_flag(folder):
    result = run("restructure", "--config=e.yaml", cwd=folder)
    assert result.returncode == 1
    assert result.stderr.startswith("error: e.yaml: envelopenet.ranking: expected one of mean_squ")
    assert result.stderr.endswith("received 'backwards'; --plugin=MODULE adds your own\n")


def test_a_name_in_a_flag_is_checked_after_the_import(folder):
    flags = ("--config=e.yaml", "--plugin=mine", "--ranking")
    assert run("restructure", *flags, "backwards", cwd=folder).returncode == 0
    result = run("restructure", *flags, "backward", cwd=folder)
    assert result.returncode == 1
    assert result.stderr.startswith("error: --ranking: expected one of mean_square, ")
    assert "backwards, received 'backward' (did you mean 'backwards'?)" in result.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "cannot be imported: ModuleNotFoundError: No module named 'broken'"),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(3)", "cannot be imported: SystemExit: 3"),
        (
            RANKING.replace("backwards", "mean"),
            "ranking 'mean' is registered already; choose another name",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_line(tmp_path, source, reason):
    if source:
        (tmp_path / "broken.py").write_text(source)
    result = run("restructure", "--plugin=broken", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, f"error: --plugin=broken: {reason}\n")


def test_a_job_whose_plugin_is_missing_names_its_file(tmp_path):
    write(tmp_path / "e.yaml", training(parameters={"dataset": "more_digits"}))
    result = run("train", "--config=e.yaml", "--output_dir=out", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: e.yaml: parameters.dataset: expected one of digits")
