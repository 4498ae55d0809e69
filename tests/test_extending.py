"""The examples of docs/extending.md, used end to end as one module passed to ``--plugin``."""

import json
import re

import pytest
import yaml

from tests.experiments import ROOT, run, small, write

DOCUMENT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
PLUGIN = "--plugin=my_extensions"


def extended():
    """Return an experiment that uses everything that the examples register."""
    experiment = small(
        parameters={"dataset": "stripes", "iterations": 1},
        envelopenet={
            "envelopecell": {"Branch1": "1x1", "Branch2": "3x3", "Branch3": "3x3dilated"},
            "policy": "below_average",
        },
    )
    experiment["classification_cell"]["Layer2"]["Branch0"]["outputs"] = 2
    return experiment


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run of that experiment, constructed with the plugin."""
    directory = tmp_path_factory.mktemp("extending")
    (directory / "my_extensions.py").write_text("\n\n".join(EXAMPLES))
    write(directory / "e.yaml", extended())
    flags = ("--config=e.yaml", PLUGIN, "--ranking=taylor_per_weight", "--train_final")
    result = run("construct", *flags, cwd=directory)
    assert result.returncode == 0, result.stderr
    return directory, result


def test_there_is_an_example_for_each_registry():
    registered = {re.search(r"nac\.register_(\w+)\(", code)[1] for code in EXAMPLES}
    expected = {"branch_type", "dataset", "ranking", "policy", "figure", "export_format"}
    assert registered == expected


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_is_at_most_30_lines(code):
    assert len(code.strip().splitlines()) <= 30


@pytest.mark.slow
def test_a_run_with_all_of_them_is_trained_to_its_end(finished):
    directory, result = finished
    assert (directory / "runs/small/model.keras").is_file()
    assert result.stdout.splitlines()[-1] == "report: runs/small/report.html"


@pytest.fixture(scope="module")
def job(finished):
    """The job of the iteration."""
    directory, _ = finished
    return json.loads((directory / "runs/small/000/job.json").read_text())


@pytest.mark.slow
def test_the_data_set_is_that_of_the_job(job):
    assert job["parameters"]["dataset"] == "stripes"


@pytest.mark.slow
def test_the_branch_type_is_in_the_network(job):
    assert job["arch"]["network"][0]["filters"]["Branch3"] == "3x3dilated"


@pytest.mark.slow
def test_the_run_remembers_its_plugin_and_its_ranking(finished):
    directory, _ = finished
    assert PLUGIN in (directory / "runs/small/flags.txt").read_text().splitlines()
    recorded = yaml.safe_load((directory / "runs/small/experiment.yaml").read_text())
    assert recorded["envelopenet"]["ranking"] == "taylor_per_weight"
    assert recorded["envelopenet"]["policy"] == "below_average"


@pytest.mark.slow
def test_the_report_shows_the_ranking(finished):
    directory, _ = finished
    page = (directory / "runs/small/report.html").read_text()
    assert "first-order Taylor term of the branch, per trainable parameter" in page


@pytest.mark.slow
def test_without_the_plugin_the_run_is_refused_in_one_line(finished):
    directory, _ = finished
    result = run("figures", "--run=runs/small", cwd=directory)
    assert result.returncode == 1
    assert result.stderr.startswith("error: runs/small/experiment.yaml: ")
    assert result.stderr.count("\n") == 1
    assert "--plugin=MODULE" in result.stderr


@pytest.mark.slow
def test_the_figure_is_written(finished):
    directory, _ = finished
    result = run("figures", "--run=runs/small", "--figure=gates", PLUGIN, cwd=directory)
    assert result.returncode == 0, result.stderr
    table = (directory / "runs/small/figures/gates.csv").read_text()
    assert table.startswith("gate\n0.")


@pytest.mark.slow
def test_a_module_that_cannot_be_imported_is_one_line(finished):
    directory, _ = finished
    result = run("figures", "--run=runs/small", "--plugin=my_extension", cwd=directory)
    assert result.returncode == 1
    assert "--plugin=my_extension" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_model_is_exported_in_the_format_of_the_example(finished):
    directory, _ = finished
    model = "--model=runs/small/model.keras"
    result = run("export", model, "--format=archive", "--output=a.keras", PLUGIN, cwd=directory)
    assert result.returncode == 0, result.stderr
    assert "largest difference to" in result.stdout
