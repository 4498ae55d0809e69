"""Export a trained network as SavedModel, TFLite or ONNX.

    nac export --run=runs/digits --format=tflite --precision=int8 --output=digits.tflite

writes the classifier of the run: pixels, uint8 from 0 to 255, go in and probabilities come out, and
the names of the classes are in the file. The file is loaded by its own runtime, compared with the
classifier on random pixels, and scored on test images. TFLite and ONNX take images of the size that
the network was trained on, SavedModel those of any size. Instead of --run, --model names a
classifier.keras, or a model.keras, whose export takes images as prepared in training and gives
logits. ONNX needs pip install "nac[export]", and TFLite is better with it.
"""

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from nac.cli.command import command, require_flags
from nac.exporting.formats import FLOAT32, FORMATS, INT8, PRECISIONS, Format
from nac.runs.layout import CLASSIFIER
from nac.utils.errors import InputError, NacError
from nac.utils.processes import quietly

if TYPE_CHECKING:
    from nac.data.source import Source
    from nac.models.classifier import PhotoClassifier

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "run", None, "Run directory, whose classifier.keras is exported.", flag_values=FLAGS
)
flags.DEFINE_string(
    "model",
    None,
    "In place of --run: a classifier.keras, or a network (model.keras).",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "format",
    None,
    f"Format to write: {', '.join(FORMATS)}; saved_model is a directory.",
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "precision",
    FLOAT32,
    PRECISIONS,
    "Type of the weights, for classifiers as TFLite or ONNX; int8 is calibrated on training images"
    " and computes convolutions in 8 bits, too.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "output", None, "The new file or directory, which must not exist yet.", flag_values=FLAGS
)
flags.DEFINE_float(
    "tolerance",
    None,
    "Largest difference allowed, as a share of the largest output; default: 1e-4, 0.02 for float16,"
    " and none for int8, which is judged by its accuracy.",
    lower_bound=0.0,
    flag_values=FLAGS,
)
flags.DEFINE_string("data_dir", None, "Directory of the data set.", flag_values=FLAGS)
flags.DEFINE_integer(
    "images",
    2000,
    "Test images, spread evenly, on which a classifier is scored before and after; 0: none.",
    lower_bound=0,
    flag_values=FLAGS,
)


def main() -> None:
    """Write the file."""
    require_flags(FLAGS, "format", "output")
    model, output = _model(), Path(FLAGS.output)
    FORMATS.check(FLAGS.format, "--format")
    form = FORMATS[FLAGS.format]
    _check_precision(form)
    _check_can_be_written(output)
    _check_packages(form)
    with quietly():
        lines = _export(model, form, output)
    print(f"{output}: {FLAGS.format}, {_bytes(output):,} bytes, {lines[0]}", *lines[1:], sep="\n")
    _advise(form)


def _model() -> Path:
    """Return the path of the network or classifier."""
    if bool(FLAGS.run) == bool(FLAGS.model):
        raise NacError("give either --run or --model (see --help)")
    if FLAGS.model:
        return Path(FLAGS.model)
    path = Path(FLAGS.run) / CLASSIFIER
    if not path.is_file():
        raise InputError(f"{path}: no such file; nac construct --train_final writes it")
    return path


def _check_precision(form: Format) -> None:
    if FLAGS.precision not in form.precisions:
        offers = "; ".join(f"{name}: {', '.join(FORMATS[name].precisions)}" for name in FORMATS)
        raise InputError(
            f"--precision: expected one that {FLAGS.format} offers ({offers}),"
            f" received {FLAGS.precision!r}"
        )


def _check_can_be_written(output: Path) -> None:
    if output.exists():
        raise InputError(f"--output: {output} exists; expected a new name, or remove it")
    if not output.absolute().parent.is_dir():
        raise InputError(f"--output: {output.parent}: no such directory")


def _check_packages(form: Format) -> None:
    missing = [name for name in form.packages if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise NacError(f'--format={FLAGS.format} needs {names}: pip install "nac[export]"')


def _advise(form: Format) -> None:
    """Name packages that would have been better to have."""
    for name in form.better_with:
        if importlib.util.find_spec(name) is None:
            print(
                f"note: {name} is not installed, so TensorFlow's own interpreter checked the file,"
                f' which TensorFlow is going to remove: pip install "nac[export]"',
                file=sys.stderr,
            )


def _export(path: Path, form: Format, output: Path) -> list[str]:
    """Write the file; return what to say about it, a line each."""
    # TensorFlow takes seconds: only after the checks
    from nac.models.classifier import PhotoClassifier
    from nac.models.loading import load_either

    model = load_either(path)
    if isinstance(model, PhotoClassifier):
        return _export_classifier(model, path, form, output)
    if FLAGS.precision != FLOAT32:
        raise InputError(
            f"--precision: expected {FLOAT32} for a network, received {FLAGS.precision!r};"
            f" a classifier ({CLASSIFIER}) may be smaller"
        )
    from nac.exporting.checked import export_checked

    tolerance = 1e-4 if FLAGS.tolerance is None else FLAGS.tolerance
    difference = export_checked(model, form, output, tolerance)
    return [f"largest difference to {path}: {difference:.1e}"]


def _export_classifier(
    classifier: "PhotoClassifier", path: Path, form: Format, output: Path
) -> list[str]:
    from nac.exporting.classifiers import export_classifier

    source, note = _source(classifier, path)
    exported = export_classifier(
        classifier, form, FLAGS.precision, output, FLAGS.tolerance, source, FLAGS.images
    )
    sides = ("any", "any", "1 to 4") if form.any_size else map(str, classifier.image_shape)
    lines = [
        FLAGS.precision,
        f"takes pixels: uint8 from 0 to 255, n x {' x '.join(sides)}",
        f"gives probabilities: float32, n x {len(classifier.class_names)}",
        f"names of the classes: {form.labels or 'not in this format'}",
        f"largest difference to {path}: {exported.difference:.1e}",
    ]
    if exported.images:
        lines.append(
            f"accuracy on {exported.images:,} {exported.split} images: {exported.before:.4f}"
            f" before, {exported.after:.4f} after"
        )
    return [*lines, *([note] if note else [])]


def _source(classifier: "PhotoClassifier", path: Path) -> "tuple[Source | None, str]":
    """Return the images that the classifier was trained on, and a note for the user if any."""
    if FLAGS.precision != INT8 and not FLAGS.images:
        return None, ""
    try:
        return _read_source(classifier, path)
    except InputError as error:
        if FLAGS.precision == INT8:
            raise
        return None, f"note: not scored: {error}"


def _read_source(classifier: "PhotoClassifier", path: Path) -> "tuple[Source, str]":
    from nac.data.fingerprint import fingerprint
    from nac.exporting.data import source_of

    source = source_of(path, classifier, FLAGS.data_dir)
    same = fingerprint(source) == classifier.provenance.data
    return source, "" if same else "note: these are not the images that it was trained on"


def _bytes(output: Path) -> int:
    files = [output, *output.rglob("*")] if output.is_dir() else [output]
    return sum(path.stat().st_size for path in files if path.is_file())


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
