"""No command lets a message of TensorFlow, CUDA or absl through to the terminal.

Each is a process of its own that imports TensorFlow, as what it prints then is what this is about.
"""

import pytest

from nac.config import parse_experiment
from nac.models import build_model
from tests.experiments import run_as_user, small, training, write

pytestmark = pytest.mark.slow

BLOCKS = """
import nac

def dilated(size, filters, dtype):
    import keras
    return keras.layers.Conv2D(filters, size, padding="same", dilation_rate=2, dtype=dtype)

nac.register_branch_type("dilated", dilated)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with an experiment and its network; training has a test of its own."""
    place = tmp_path_factory.mktemp("messages")
    experiment = write(place / "e.yaml", training())
    network = parse_experiment(training(), str(experiment)).architecture
    build_model(network, (8, 8, 1)).save(place / "net.keras")
    return place


def test_of_describe(place):
    flags = ("--config=e.yaml", "--batch_size=16")
    result = run_as_user("describe", *flags, cwd=place)
    assert (result.returncode, result.stderr) == (0, "")


def test_of_evaluate(place):
    flags = ("--model=net.keras", "--dataset=digits")
    result = run_as_user("evaluate", *flags, cwd=place)
    assert (result.returncode, result.stderr) == (0, "")


def test_of_export(place):
    flags = ("--model=net.keras", "--format=tflite", "--output=net.tflite")
    result = run_as_user("export", *flags, cwd=place)
    lines = [line for line in result.stderr.splitlines() if "ai_edge_litert" not in line]
    assert (result.returncode, lines) == (0, [])


def test_of_a_plugin_that_imports_keras_while_costs_are_counted(place):
    (place / "blocks.py").write_text(BLOCKS)
    experiment = small(envelopenet={"envelopecell": {"Branch1": "1x1", "Branch2": "3x3dilated"}})
    write(place / "limited.yaml", {**experiment, "budget": {"parameters": 10_000}})
    flags = ("--config=limited.yaml", "--plugin=blocks")
    result = run_as_user("restructure", *flags, cwd=place)
    assert (result.returncode, result.stderr) == (0, "")


def test_of_a_data_set_that_nobody_knows(place):
    write(place / "unknown.yaml", small(parameters={"dataset": "tfds:minst"}))
    limited = ("--config=unknown.yaml", "--max_parameters=10000")
    result = run_as_user("construct", *limited, f"--data_dir={place}", cwd=place)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
