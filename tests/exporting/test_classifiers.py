"""Classifiers in other formats: raw pixels in their own runtimes, and the names of classes."""

import json
from zipfile import ZipFile

import numpy as np
import pytest

from nac.data.datasets import load_dataset
from nac.exporting.classifiers import accuracy, export_classifier
from nac.exporting.formats import FLOAT16, FLOAT32, FORMATS, INT8, Format
from nac.models import build_model
from nac.models.classifier import make_classifier
from nac.utils.errors import NacError
from tests.builders import WIDENER, layer
from tests.exporting.extra import needs_extra
from tests.models.small_networks import small
from tests.models.test_classifier import network, pixels
from tests.models.trained import shaken, trained_on_digits

NAMES = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
DIFFERENCE = {FLOAT32: 1e-4, FLOAT16: 0.02, INT8: 0.25}
"""Precision -> how much a probability may differ on real images."""

ALL = [
    ("saved_model", FLOAT32),
    *(("tflite", precision) for precision in (FLOAT32, FLOAT16, INT8)),
    *(pytest.param("onnx", precision, marks=needs_extra) for precision in (FLOAT32, FLOAT16, INT8)),
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def classifier():
    """A classifier of digits that was trained for seconds."""
    return make_classifier(trained_on_digits(), NAMES, provenance={"run": "mine"})


@pytest.fixture(scope="module")
def exported(classifier, digits, tmp_path_factory):
    """Return a function that exports the classifier once in each way; its result is the path."""
    folder, done = tmp_path_factory.mktemp("exported"), {}

    def export(name, precision):
        key = f"{name}.{precision}"
        if key not in done:
            done[key] = folder / key
            source = digits if precision == INT8 else None
            export_classifier(
                classifier, FORMATS[name], precision, done[key], source=source, most_images=0
            )
        return done[key]

    return export


@pytest.mark.parametrize(("name", "precision"), ALL)
def test_raw_pixels_give_the_right_classes_in_its_own_runtime(
    exported, classifier, digits, name, precision
):
    received = FORMATS[name].load(exported(name, precision))(digits.test_images)
    expected = classifier.predict(digits.test_images, verbose=0)
    assert received.dtype == np.float32
    np.testing.assert_allclose(received, expected, atol=DIFFERENCE[precision])
    assert np.mean(received.argmax(axis=1) == digits.test_labels) > 0.9


@needs_extra
def test_tflite_and_onnx_answer_the_same(exported, digits):
    tflite, onnx = (
        FORMATS[name].load(exported(name, FLOAT32))(digits.test_images)
        for name in ("tflite", "onnx")
    )
    np.testing.assert_allclose(tflite, onnx, atol=1e-5)


def test_a_saved_model_takes_images_of_any_size_in_color(exported, classifier):
    images = pixels(2, 30, 20, 3)
    received = FORMATS["saved_model"].load(exported("saved_model", FLOAT32))(images)
    np.testing.assert_allclose(received, classifier.predict(images, verbose=0), atol=1e-6)


def test_smaller_types_make_smaller_files(exported):
    sizes = [exported("tflite", precision).stat().st_size for precision in (FLOAT32, INT8)]
    assert sizes[1] < sizes[0]


def test_a_saved_model_has_its_labels_as_an_asset(exported):
    assets = exported("saved_model", FLOAT32) / "assets"
    assert (assets / "labels.txt").read_text(encoding="utf-8").split() == list(NAMES)
    assert json.loads((assets / "provenance.json").read_text())["run"] == "mine"


@pytest.mark.parametrize("precision", [FLOAT32, INT8])
def test_a_tflite_file_has_its_labels_packed_into_it(exported, precision):
    with ZipFile(exported("tflite", precision)) as archive:
        assert archive.read("labels.txt").decode().split() == list(NAMES)
        assert json.loads(archive.read("provenance.json"))["run"] == "mine"


@needs_extra
@pytest.mark.parametrize("precision", [FLOAT32, FLOAT16, INT8])
def test_an_onnx_file_has_its_labels_in_its_properties(exported, precision):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(exported("onnx", precision)))
    properties = session.get_modelmeta().custom_metadata_map
    assert json.loads(properties["class_names"]) == list(NAMES)
    assert json.loads(properties["provenance"])["run"] == "mine"
    (pixels_in,) = session.get_inputs()
    assert (pixels_in.name, pixels_in.shape) == ("pixels", ["batch", 8, 8, 1])


def test_a_color_network_is_exported_too(tmp_path):
    layers = (layer("1x1", "3x3sep"), WIDENER, layer("3x3"))
    model = shaken(build_model(small(*layers), (8, 8, 3)))
    classifier = make_classifier(model, NAMES[:3], standardize=False)
    export_classifier(classifier, FORMATS["tflite"], FLOAT32, tmp_path / "out.tflite")
    images = pixels(3, 8, 8, 3)
    received = FORMATS["tflite"].load(tmp_path / "out.tflite")(images)
    np.testing.assert_allclose(received, classifier.predict(images, verbose=0), atol=1e-5)


def in_memory(change=lambda outputs: outputs):
    """Return a format that writes nothing but its name, and computes with the model itself."""
    models = {}

    def write(model, path):
        models["last"] = model
        path.write_text("content")

    return Format(
        "file", write, lambda path: lambda images: change(np.asarray(models["last"](images)))
    )


def test_a_format_without_a_place_for_names_gets_the_model(classifier, tmp_path):
    written = export_classifier(classifier, in_memory(), FLOAT32, tmp_path / "out")
    assert (written.difference, written.images, written.before) == (0.0, 0, None)


def test_both_are_scored_on_the_test_images(classifier, digits, tmp_path):
    # The file always answers the first class, and the check is switched off.
    form = in_memory(lambda outputs: np.eye(10, dtype=np.float32)[np.zeros(len(outputs), int)])
    options = {"tolerance": float("inf"), "source": digits, "most_images": 100}
    written = export_classifier(classifier, form, FLOAT32, tmp_path / "out", **options)
    assert (written.split, written.images) == ("test", 100)
    chosen = np.linspace(0, len(digits.test_labels) - 1, 100).round().astype(int)
    images, labels = digits.test_images[chosen], digits.test_labels[chosen]
    expected = classifier.predict(images, verbose=0).argmax(axis=1)
    assert written.before == pytest.approx(np.mean(expected == labels))
    assert written.after == pytest.approx(np.mean(labels == 0))


def test_a_file_with_other_answers_is_not_written(classifier, tmp_path):
    form = in_memory(lambda outputs: 1.0 - outputs)
    with pytest.raises(NacError, match="not written: expected the outputs"):
        export_classifier(classifier, form, FLOAT32, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_accuracy_counts_right_answers_batch_by_batch():
    images = np.zeros((250, 1), np.float32)
    images[:25] = 1.0
    predict = lambda batch: np.concatenate([batch, 1.0 - batch], axis=1)  # noqa: E731
    assert accuracy(predict, images, np.ones(250, int)) == pytest.approx(0.9)


def test_validation_images_score_a_run_that_must_not_see_the_test_images(classifier, tmp_path):
    source = load_dataset("digits", validation_share=0.1)
    model = make_classifier(network(1), NAMES[:3], provenance={"split": "validation"})
    written = export_classifier(model, in_memory(), FLOAT32, tmp_path / "out", source=source)
    assert (written.split, written.images) == ("validation", len(source.validation_labels))
