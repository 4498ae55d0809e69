"""TensorBoard itself, opened in a browser with the event files of a job."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from nac.config.reading import parse_experiment
from nac.models import build_model
from nac.models.description import describe
from nac.tensorboard.board import TensorBoard
from tests.browser import find_browser, open_page
from tests.experiments import training
from tests.tensorboard.test_board import RESULT

pytestmark = pytest.mark.slow

KNOWN = re.compile(r"deprecated|Three\.js|: \d+ ms\"")
"""What TensorBoard's own pages say to the console, whatever they show."""

RUNS = {
    f"{job}/{part}"
    for job in ("constructed/seed0", "random-0/seed1")
    for part in ("train", "test", "summary")
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Return the address of a TensorBoard that shows a comparison of two tiny jobs."""
    find_browser()
    logs = tmp_path_factory.mktemp("comparison")
    for seed, name in enumerate(("constructed", "random-0")):
        write_job(logs / name / f"seed{seed}", seed)
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={logs}", "--port=0"]
    process = subprocess.Popen(
        [*command, "--host=localhost", "--load_fast=false", "--reload_interval=1"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        address = address_in(process.stderr)
        wait_for_runs(address)
        yield address
    finally:
        process.kill()
        process.wait()


def write_job(directory, seed):
    experiment = parse_experiment(training(parameters={"seed": seed}), "e.yaml")
    network = experiment.architecture
    model = build_model(network, (8, 8, 1))
    board = TensorBoard(experiment, directory, "test")
    board.begin(model, describe(network, model))
    for step in (1, 2):
        board.curves.training(
            step, {"accuracy": 0.5}, RESULT.strengths("mean_square"), RESULT.gates
        )
    board.curves.evaluation(2, {"accuracy": 0.75})
    board.curves.flush()
    board.end(RESULT)


def address_in(stream):
    """Return the address that TensorBoard prints, and keep on emptying the stream."""
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in stream], daemon=True).start()
    while True:
        found = re.search(r"http://localhost:\d+", lines.get(timeout=120))
        if found:
            return found[0]


def wait_for_runs(address):
    deadline = time.monotonic() + 60
    while set(data(address, "runs")) != RUNS:
        assert time.monotonic() < deadline, data(address, "runs")
        time.sleep(0.5)


def data(address, path, question=None):
    """Return what TensorBoard answers to one of its pages."""
    body = json.dumps(question).encode() if question else None
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/data/{path}", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    return json.loads(text) if "json" in answer.headers["Content-Type"] else text


def opened(address, tab, folder):
    """Return the page of a tab, which must be without fault."""
    page = open_page(f"{address}/?darkMode=false#{tab}", folder)
    assert [line for line in page.console_errors if not KNOWN.search(line)] == []
    assert page.foreign_urls() == []
    return page


def asked_for(page, path):
    """Whether a page has asked TensorBoard for something; what it shows of it is not in its DOM."""
    return any(f"/data/{path}" in url for url in page.requested_urls)


def test_curves_are_grouped_by_stage(address, tmp_path):
    page = opened(address, "timeseries", tmp_path)
    for text in ("constructed/seed0", "random-0/seed1", "gates_stage1", "gates_stage2"):
        assert text in page.dom


def test_texts_are_shown_as_tables(address, tmp_path):
    page = opened(address, "text", tmp_path)
    path = "plugin/text/text?markdown=true&run=constructed%2Fseed0%2Fsummary&tag=network"
    assert asked_for(page, path)
    assert "<td>Branch1 1x1, Branch2 3x3</td>" in data(address, path)[0]["text"]


def test_the_graph_is_drawn(address, tmp_path):
    page = opened(address, "graphs&run=constructed%2Fseed0%2Fsummary", tmp_path)
    path = "plugin/graphs/graph?run=constructed%2Fseed0%2Fsummary&conceptual=false"
    assert asked_for(page, path)
    assert any("Parsing graph" in line for line in page.console_errors)
    assert 'name: "layer02/skip/gate_0"' in data(address, path)


def test_a_comparison_has_a_row_per_job_with_results_alone(address, tmp_path):
    page = opened(address, "hparams", tmp_path)
    assert asked_for(page, "plugin/hparams/session_groups")
    question = {"experimentName": "", "includeMetrics": True}
    experiment = data(address, "plugin/hparams/experiment", question)
    metrics = [metric["name"]["tag"] for metric in experiment["metricInfos"]]
    assert metrics == ["accuracy", "loss", "seconds"]
    differ = [column["name"] for column in experiment["hparamInfos"] if column["differs"]]
    assert differ == ["network", "seed"]
    question = {"experimentName": "", "allowedStatuses": ["STATUS_SUCCESS"], "sliceSize": 10}
    question["colParams"] = [{"metric": {"group": "", "tag": "accuracy"}}]
    rows = data(address, "plugin/hparams/session_groups", question)["sessionGroups"]
    found = {
        (r["hparams"]["network"], r["hparams"]["seed"], r["metricValues"][0]["value"]) for r in rows
    }
    assert found == {("constructed", 0.0, 0.75), ("random-0", 1.0, 0.75)}
