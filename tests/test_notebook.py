"""docs/own_images.ipynb runs from its first cell to its last one."""

import json
import os
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from tests.experiments import ROOT
from tests.short_runs import MINUTES, PLUGIN

pytestmark = pytest.mark.slow

SHORTEST = f"budget_minutes={MINUTES}, plugins=[{PLUGIN!r}]"


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Return the cells of the notebook as executed, in less time than it says."""
    place = tmp_path_factory.mktemp("notebook")
    text = (ROOT / "docs/own_images.ipynb").read_text(encoding="utf-8")
    assert text.count("budget_minutes=3") == 1
    notebook = nbformat.reads(text.replace("budget_minutes=3", SHORTEST), as_version=4)
    os.environ["PYTHONPATH"] = str(ROOT)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(place)}})
    yield client.execute().cells
    shutil.rmtree(place)


def shown(cells, beginning, kind="text/plain"):
    """Return what the cell that begins so shows."""
    (cell,) = (cell for cell in cells if cell.source.startswith(beginning))
    (result,) = (output for output in cell.outputs if output.output_type == "execute_result")
    return result.data[kind]


def printed(cells, beginning):
    """Return what the cell that begins so prints."""
    (cell,) = (cell for cell in cells if cell.source.startswith(beginning))
    return "".join(output.get("text", "") for output in cell.outputs)


def test_the_search_shows_the_drawing_of_the_network(cells):
    (cell,) = (cell for cell in cells if "constructor.search" in cell.source)
    html = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
    assert "<svg" in html


def test_images_that_were_never_seen_are_recognized(cells):
    scores = shown(cells, "constructor.evaluate()")
    assert scores.count("accuracy") == 2
    accuracies = [float(part.split(",")[0]) for part in scores.split("'accuracy': ")[1:]]
    assert min(accuracies) > 0.3  # by chance 0.1; on a busy machine, a few steps are all there are


def test_images_get_class_names(cells):
    lines = printed(cells, "for prediction").splitlines()
    assert [line.split(":")[0] for line in lines] == ["0", "1", "2", "3", "4"]
    assert all("%)" in line for line in lines)


def test_the_report_is_shown_in_a_frame(cells):
    html = shown(cells, "constructor.report()", "text/html")
    assert html.startswith('<iframe title="Report" srcdoc="&lt;!DOCTYPE html&gt;')


def test_the_notebook_is_kept_without_results():
    notebook = json.loads((ROOT / "docs/own_images.ipynb").read_text(encoding="utf-8"))
    assert not any(cell.get("outputs") for cell in notebook["cells"])
