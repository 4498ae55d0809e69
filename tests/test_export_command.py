"""``python -m nac.export`` as a user runs it, for a network with every custom layer."""

import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest

from nac.models import build_model
from tests.builders import WIDENER, layer
from tests.experiments import environment, run, run_as_user
from tests.models.small_networks import classifier, random_images, small
from tests.models.test_saved_model import SHAPE, STEM

HEAD = {
    "Layer0": {"Branch0": {"block": "reduce_mean"}},
    "Layer1": {"Branch0": {"block": "dropout", "keep_prob": 0.8}},
    "Layer2": classifier(inputs=8)["Layer1"],
}
WITHOUT_EXTRA = any(
    importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime", "tf2onnx")
)
FORMATS = [
    "saved_model",
    "tflite",
    pytest.param(
        "onnx", marks=pytest.mark.skipif(WITHOUT_EXTRA, reason='needs pip install "nac[export]"')
    ),
]


def trained_network():
    """Return a network that counted images: gates, LRN, cutout, dropout, batch norms, metrics."""
    layers = (layer("1x1", "3x3sep", inputs=[]), WIDENER, layer("3x3", "1x7", inputs=[1, 0]))
    model = build_model(small(*layers, init_cell=STEM, classification_cell=HEAD), SHAPE)
    for seed in range(3):
        model(random_images(4, *SHAPE, seed=seed), training=True)
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    trained_network().save(folder / "net.keras")
    return folder


def export(folder, output, *flags):
    return run("export", "--model=net.keras", f"--output={output}", *flags, cwd=folder)


def error(result):
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("error: ").rstrip()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_the_file_predicts_what_the_network_predicts(folder, name):
    import keras

    from nac.exporting.formats import FORMATS as TABLE

    result = export(folder, f"net.{name}", f"--format={name}")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(
        rf"net\.{name}: {name}, [\d,]+ bytes, largest difference to net\.keras: \S+\n",
        result.stdout,
    )
    images = random_images(3, *SHAPE, seed=7)
    expected = keras.models.load_model(folder / "net.keras").predict(images, verbose=0)
    received = TABLE[name].load(folder / f"net.{name}")(images)
    np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_a_file_that_predicts_something_else_is_not_written(folder, tmp_path):
    flags = ("--format=tflite", "--tolerance=1e-12", f"--output={tmp_path / 'out'}")
    result = run_as_user("export", "--model=net.keras", *flags, cwd=folder)
    assert "not written: expected the logits" in error(result)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_model_that_is_not_there(tmp_path):
    result = export(tmp_path, "out", "--format=tflite")
    assert error(result).startswith("net.keras: no such file")


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "out").write_text("precious")
    text = error(export(tmp_path, "out", "--format=tflite"))
    assert text == "--output: out exists; expected a new name, or remove it"
    assert (tmp_path / "out").read_text() == "precious"


def test_a_directory_that_is_not_there(tmp_path):
    text = error(export(tmp_path, "absent/out", "--format=tflite"))
    assert text == "--output: absent: no such directory"


@pytest.mark.parametrize("given", [(), ("--model=m",), ("--model=m", "--format=tflite")])
def test_flags_that_are_missing_are_named(tmp_path, given):
    missing = ("model", "format", "output")[len(given)]
    assert error(run("export", *given, cwd=tmp_path)) == f"--{missing} is required (see --help)"


def test_onnx_without_its_extra_says_what_to_install(tmp_path):
    code = "import sys; sys.modules['tf2onnx'] = None; import nac.export; nac.export.run()"
    flags = ("--model=net.keras", "--format=onnx", "--output=out")
    result = subprocess.run(
        [sys.executable, "-c", code, *flags],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    text = error(result)
    assert "tf2onnx" in text
    assert text.endswith('pip install "nac[export]"')
