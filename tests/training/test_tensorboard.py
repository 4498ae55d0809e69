"""TensorBoard itself, opened in a browser on what a job writes."""

import os
import queue
import re
import subprocess
import sys
import threading

import pytest

from nac.config.parsing import parse_experiment
from nac.models import build_model
from nac.models.description import describe
from nac.training.inspection import Inspection
from nac.training.summaries import Summaries
from tests.browser import find_browser, open_page
from tests.experiments import training
from tests.training.test_inspection import STATISTICS

pytestmark = pytest.mark.slow

KNOWN = ("deprecated", "Three.js")
"""What TensorBoard's own pages say to the console, whatever they show."""


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
        yield address_in(process.stderr)
    finally:
        process.kill()
        process.wait()


def write_job(directory, seed):
    experiment = parse_experiment(training(parameters={"seed": seed}), "e.yaml")
    network = experiment.architecture
    model = build_model(network, (8, 8, 1))
    inspection = Inspection(experiment, directory)
    inspection.start(model, describe(network, model))
    summaries = Summaries(directory, network)
    for step in (1, 2):
        summaries.training(step, {"accuracy": 0.5}, STATISTICS)
    summaries.evaluation(2, {"accuracy": 0.75})
    summaries.flush()
    inspection.end(STATISTICS)


def address_in(stream):
    """Return the address that TensorBoard prints, and keep on emptying the stream."""
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in stream], daemon=True).start()
    while True:
        found = re.search(r"http://localhost:\d+", lines.get(timeout=120))
        if found:
            return found[0]


@pytest.fixture
def page_of(address, tmp_path):
    """Return a function from the name of a tab to its page, which must be without fault."""

    def open_tab(tab):
        page = open_page(f"{address}/?darkMode=false#{tab}", tmp_path / "browser")
        errors = [line for line in page.console_errors if not any(map(line.__contains__, KNOWN))]
        assert errors == []
        assert page.requested_urls
        assert page.foreign_urls() == []
        return page.dom

    return open_tab


def test_curves_are_grouped_by_stage(page_of):
    dom = page_of("timeseries")
    for text in ("constructed/seed0/train", "random-0/seed1/test", "gates_stage1", "gates_stage2"):
        assert text in dom


def test_the_texts_are_shown(page_of):
    dom = page_of("text")
    assert "<td>Branch1 1x1, Branch2 3x3</td>" in dom
    assert "seed: 1" in dom


def test_the_graph_is_drawn_by_layers(page_of):
    dom = page_of("graphs&run=constructed%2Fseed0%2Fsummary")
    for scope in ("stem", "layer02", "classifier"):
        assert f'data-name="{scope}"' in dom


def test_a_comparison_has_a_row_per_job(page_of):
    dom = page_of("hparams")
    for text in ("constructed/seed0", "random-0/seed1", "parameters", "flops", "0.75"):
        assert text in dom
    assert "gates_stage1" not in dom
