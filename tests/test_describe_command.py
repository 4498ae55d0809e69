"""python -m nac.describe: a network in numbers, as a table and as JSON."""

import json
import re

import pytest

from tests.builders import CLASSIFIER, WIDENER, assert_says, layer, network, stem
from tests.experiments import run
from tests.runs.block_times import kept_in

NET = network(
    layer("1x1", "3x3sep", inputs=[], outputs=8),
    WIDENER,
    layer("3x3", inputs=[1, 0], outputs=16),
    init_cell=stem(8),
    classification_cell=CLASSIFIER,
)
EXPERIMENT = {
    "parameters": {"dataset": "digits"},
    "envelopenet": {
        "stages": 1,
        "layers_per_stage": [1],
        "max_layers_per_stage": [3],
        "max_filter_prune": 6,
        "envelopecell": {"Branch1": "1x1", "Branch2": "3x3"},
    },
    "init_cell": stem(8),
    "classification_cell": CLASSIFIER,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with an architecture, an experiment, and the cache of the user."""
    (tmp_path / "net.json").write_text(json.dumps(NET))
    (tmp_path / "experiment.json").write_text(json.dumps(EXPERIMENT))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def described(folder, *flags):
    """Return what the command prints."""
    result = run("describe", *flags, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def without_tensorflow(folder, *flags):
    return run("describe", *flags, cwd=folder, blocked=("tensorflow", "keras"))


def error(folder, *flags):
    """Return the one line that a command ends with, where TensorFlow cannot be imported."""
    result = without_tensorflow(folder, *flags)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("error: ").rstrip()


@pytest.mark.slow
def test_an_architecture_is_described_as_json(folder):
    flags = ("--architecture=net.json", "--input_shape=8,8,1", "--json")
    result = run("describe", *flags, cwd=folder)
    assert result.returncode == 0, result.stderr
    description = json.loads(result.stdout)
    assert description["notation"] == "8/1-1/2"
    assert description["input_shape"] == [8, 8, 1]
    assert [entry["name"] for entry in description["layers"]] == [
        "stem",
        "layer01",
        "layer02",
        "layer03",
        "classifier",
    ]
    # A join of 16 channels with 8 + 8, a 3x3 convolution to 16, at 4x4 pixels.
    assert description["layers"][3]["multiply_adds"] == 16 * (32 * 16 + 9 * 16 * 16)
    assert description["memory"] is None  # as no batch size is known
    assert description["step_ms"] is None  # nor has this device been measured
    assert [entry["ms"] for entry in description["layers"]] == [None] * 5
    assert description["flops"] == 2 * sum(x["multiply_adds"] for x in description["layers"])


def test_a_network_made_by_hand_is_described_as_a_table(folder):
    network = {"type": "handmade", "network": "plain_cnn", "width": 0.125, "classes": 10}
    flags = (f"--architecture={json.dumps(network)}", "--input_shape=8,8,1")
    printed = described(folder, *flags)
    first, _, _, _, *rows = printed.splitlines()
    assert first == "plain_cnn x0.125, images 8x8x1, 10 classes"
    # 4 channels from one, then from 4; a scale and a center for each, twice.
    assert rows[0].split()[:3] == ["stem", "8x8x4", "3x3,"]
    assert rows[0].split()[-2:] == ["196", "11,520"]


def test_with_a_budget_the_prior_is_as_wide_as_that_allows(folder):
    scaled = {"child_training": {"batch_norm_scale": True}, "budget": {"parameters": 9000}}
    value = {**EXPERIMENT, "recipe": "amla", **scaled}
    value["child_training"]["lr"] = {"type": "exponential_decay"}
    (folder / "experiment.json").write_text(json.dumps(value))
    printed = described(folder, "--config=experiment.json", "--json")
    description = json.loads(printed)
    assert 8730 <= description["trainable_params"] <= 9000
    assert "bn_gamma" in description["params_by_kind"]


def test_the_prior_of_an_experiment_is_described_as_a_table(folder):
    printed = described(folder, "--config=experiment.json")
    first, empty, header, _, *rows = printed.splitlines()
    assert (first, empty) == ("8/1/2, images 8x8x1, 10 classes", "")
    assert header.split() == [
        "layer",
        "shape",
        "branches",
        "sources",
        "parameters",
        "multiply-adds",
    ]
    # 1x1 and 3x3 convolutions from 8 to 4 channels, and a beta for each channel.
    assert rows[1].split() == ["layer01", "8x8x8", "1x1", "3x3", "328", "20,480"]
    assert rows[-2].startswith("parameters     498 (conv_kernel 392,")
    assert rows[-1] == "multiply-adds  25,168 per image"


def test_the_memory_of_training_is_described_for_a_batch_size(folder):
    printed = described(folder, "--config=experiment.json", "--batch_size=64")
    line = printed.splitlines()[-1]
    assert re.fullmatch(
        r"memory         about \d\.\d MiB to train with batches of 64 \(activations and gradients"
        r" \d\.\d MiB, weights and optimizer 0\.0 MiB\)",
        line,
    )


def test_the_memory_of_training_is_described_with_the_flags_that_save_it(folder):
    flags = ["--config=experiment.json", "--batch_size=64", "--micro_batch=16"]
    assert " to train with batches of 64 and --micro_batch=16 (" in described(folder, *flags)


def test_a_batch_that_has_no_such_parts_is_refused(folder):
    flags = ["--config=experiment.json", "--batch_size=64", "--micro_batch=10"]
    result = run("describe", *flags, cwd=folder)
    assert result.returncode == 1
    assert "error: --micro_batch: expected a number by which 64," in result.stderr


def test_the_batch_size_is_by_default_that_of_the_experiment(folder):
    parameters = {"dataset": "digits", "batch_size": 3}
    (folder / "experiment.json").write_text(json.dumps({**EXPERIMENT, "parameters": parameters}))
    printed = described(folder, "--config=experiment.json", "--json")
    assert json.loads(printed)["memory"]["batch_size"] == 3


def test_the_time_of_a_step_is_described_where_this_device_was_measured(folder):
    kept_in(folder / "cache")
    printed = described(folder, "--config=experiment.json", "--batch_size=64")
    lines = printed.splitlines()
    assert lines[2].split()[-1] == "ms"
    # Two branches, their batch norm, and an update of kernel and center for each: a
    # millisecond per operation, and one per variable.
    assert lines[5].split()[-1] == "7.00"
    (step,) = [line for line in lines if line.startswith("step ")]
    # Stem, layer, classifier, and the step itself.
    assert step == ("step           15 ms for 64 images on a device (estimated; nac measure)")


class TestErrorsWithoutTensorFlow:
    def test_nothing_to_describe(self, folder):
        assert error(folder) == "give --config or --architecture (see --help)"

    @pytest.mark.parametrize("key", ["init_cell", "classification_cell"])
    def test_an_architecture_without_a_cell(self, folder, key):
        (folder / "net.json").write_text(json.dumps({k: v for k, v in NET.items() if k != key}))
        text = error(folder, "--architecture=net.json", "--input_shape=8,8,1")
        assert text == f"net.json: {key}: missing; a network needs it"

    @pytest.mark.parametrize("key", ["envelopenet", "init_cell", "classification_cell"])
    def test_an_experiment_without_a_section(self, folder, key):
        sections = {k: v for k, v in EXPERIMENT.items() if k != key}
        (folder / "experiment.json").write_text(json.dumps(sections))
        assert error(folder, "--config=experiment.json") == f"experiment.json: {key}: missing"

    def test_an_architecture_without_an_input_shape(self, folder):
        assert error(folder, "--architecture=net.json") == (
            "--input_shape=height,width,channels is needed: no known data set says it"
        )

    @pytest.mark.parametrize("dataset", [{}, {"dataset": "tfds:mnist"}])
    def test_an_experiment_of_no_known_data_set(self, folder, dataset):
        sections = {**EXPERIMENT, "parameters": dataset}
        (folder / "experiment.json").write_text(json.dumps(sections))
        assert_says(error(folder, "--config=experiment.json"), "--input_shape", "is needed")

    @pytest.mark.parametrize("shape", ["8,8", "8,8,1,1", "8,0,1", "8,-8,1", "8,x,1"])
    def test_an_input_shape_that_is_none(self, folder, shape):
        text = error(folder, "--architecture=net.json", f"--input_shape={shape}")
        assert text == f"--input_shape: expected height,width,channels, received {shape}"

    def test_a_file_that_is_not_there(self, folder):
        text = error(folder, "--architecture=absent.json", "--input_shape=8,8,1")
        assert_says(text, "absent.json", "No such file")

    def test_an_architecture_that_is_wrong(self, folder):
        (folder / "net.json").write_text(json.dumps({**NET, "network": []}))
        text = error(folder, "--architecture=net.json", "--input_shape=8,8,1")
        assert_says(text, "net.json: network", "at least one layer")


def test_a_description_needs_the_tensorflow_that_was_blocked(folder):
    result = without_tensorflow(folder, "--config=experiment.json")
    assert result.returncode == 1
    assert result.stderr.endswith("halted; None in sys.modules\n")
