"""``python -m nac.export`` as a user runs it, for a network with every custom layer."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nac.data.datasets import load_dataset
from nac.data.fingerprint import fingerprint
from nac.models import build_model
from nac.models.classifier import make_classifier
from nac.models.classifier_file import write_classifier
from nac.utils.files import write_json
from tests.builders import WIDENER, layer
from tests.experiments import environment, run, training
from tests.exporting.extra import needs_extra
from tests.models.small_networks import classifier, random_images, small
from tests.models.test_saved_model import SHAPE, STEM

HEAD = {
    "Layer0": {"Branch0": {"block": "reduce_mean"}},
    "Layer1": {"Branch0": {"block": "dropout", "keep_prob": 0.8}},
    "Layer2": classifier(inputs=8)["Layer1"],
}
FORMATS = ["saved_model", "tflite", pytest.param("onnx", marks=needs_extra)]


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
    model = trained_network()
    model.save(folder / "net.keras")
    (folder / "run").mkdir()
    facts = {"data": fingerprint(load_dataset("digits")), "run": "run"}
    classifier = make_classifier(model, ("a", "b", "c"), provenance=facts)
    write_classifier(classifier, folder / "run" / "classifier.keras")
    write_json(folder / "run" / "job.json", training())
    return folder


def export(folder, output, *flags):
    return run("export", "--model=net.keras", f"--output={output}", *flags, cwd=folder)


def export_run(folder, *flags):
    return run("export", "--run=run", *flags, cwd=folder)


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
    assert result.returncode == 0, result.stderr
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
    result = run("export", "--model=net.keras", *flags, cwd=folder)
    assert "not written: expected the outputs" in error(result)
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


@pytest.mark.parametrize("given", [(), ("--format=tflite",)])
def test_flags_that_are_missing_are_named(tmp_path, given):
    missing = ("format", "output")[len(given)]
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


@pytest.mark.slow
def test_a_classifier_in_8_bits_is_scored_before_and_after(folder):
    result = export_run(folder, "--format=tflite", "--precision=int8", "--output=8.tflite")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"8\.tflite: tflite, [\d,]+ bytes, int8", lines[0])
    assert lines[1:3] == [
        "takes pixels: uint8 from 0 to 255, n x 8 x 8 x 1",
        "gives probabilities: float32, n x 3",
    ]
    scored = r"accuracy on 355 test images: 0\.\d{4} before, 0\.\d{4} after"
    assert re.fullmatch(scored, lines[-1])


@pytest.mark.slow
def test_other_data_than_those_of_the_training_are_told(folder, tmp_path):
    shutil.copytree(folder / "run", tmp_path / "run")
    write_json(tmp_path / "run" / "job.json", training(parameters={"validation_share": 0.1}))
    flags = ("--format=saved_model", "--output=out", "--images=9")
    result = export_run(tmp_path, *flags)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-2].startswith("accuracy on 9 test images")
    assert result.stdout.splitlines()[-1] == (
        "note: these are not the images that it was trained on"
    )


@pytest.mark.slow
def test_a_classifier_without_its_training_is_not_scored(folder, tmp_path):
    shutil.copy(folder / "run" / "classifier.keras", tmp_path)
    flags = ("--model=classifier.keras", "--format=saved_model", "--output=out")
    result = run("export", *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "note: not scored: .: no experiment.yaml or job.json there" in result.stdout


@pytest.mark.slow
def test_8_bits_need_the_training(folder, tmp_path):
    shutil.copy(folder / "run" / "classifier.keras", tmp_path)
    flags = ("--model=classifier.keras", "--format=tflite", "--precision=int8", "--output=out")
    text = run("export", *flags, cwd=tmp_path).stderr.splitlines()[-1]
    assert text.startswith("error: .: no experiment.yaml or job.json there")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_network_is_exported_in_float32_only(folder):
    result = export(folder, "out", "--format=tflite", "--precision=float16")
    text = result.stderr.splitlines()[-1]
    assert text.startswith("error: --precision: expected float32 for a network")


def test_a_precision_that_a_format_does_not_offer(folder):
    text = error(export_run(folder, "--format=saved_model", "--precision=int8", "--output=out"))
    assert text == (
        "--precision: expected one that saved_model offers (saved_model: float32;"
        " tflite: float32, float16, int8; onnx: float32, float16, int8), received 'int8'"
    )


def test_a_run_without_a_classifier(tmp_path):
    text = error(export_run(tmp_path, "--format=tflite", "--output=out"))
    assert text.startswith("run/classifier.keras: no such file")


@pytest.mark.parametrize("given", [(), ("--run=run", "--model=net.keras")])
def test_either_a_run_or_a_model(folder, given):
    text = error(run("export", *given, "--format=tflite", "--output=out", cwd=folder))
    assert text == "give either --run or --model (see --help)"
