"""``python -m nac.export``: a trained network as SavedModel, TFLite or ONNX.

    python -m nac.export --model=runs/digits/model.keras --format=tflite --output=digits.tflite

writes the network as it answers outside training, loads the file back and checks on random images
that it predicts what the Keras model predicts. ONNX needs ``pip install -e ".[export]"``.
"""

import importlib.util
from pathlib import Path

from absl import flags

from nac.cli.command_line import quietly, require_flags
from nac.cli.command_line import run as run_command
from nac.utils.errors import InputError, NacError

FORMAT_NAMES = ("saved_model", "tflite", "onnx")
ONNX_PACKAGES = ("onnx", "onnxruntime", "tf2onnx")

flags.DEFINE_string("model", None, "Saved network: a .keras file.")
flags.DEFINE_enum("format", None, FORMAT_NAMES, "What to write; saved_model is a folder.")
flags.DEFINE_string("output", None, "The new file or folder; nothing may be there yet.")
flags.DEFINE_float(
    "tolerance", 1e-4, "Largest difference, as a share of the largest logit.", lower_bound=0.0
)
FLAGS = flags.FLAGS


def main() -> None:
    """Write the file."""
    require_flags("model", "format", "output")
    output = Path(FLAGS.output)
    _check_can_be_written(output)
    if FLAGS.format == "onnx":
        _check_onnx()
    with quietly():
        difference = _export(output)
    print(
        f"{output}: {FLAGS.format}, {_bytes(output):,} bytes,"
        f" largest difference to {FLAGS.model}: {difference:.1e}"
    )


def _check_can_be_written(output: Path) -> None:
    if output.exists():
        raise InputError(f"--output: {output} exists; expected a new name, or remove it")
    if not output.absolute().parent.is_dir():
        raise InputError(f"--output: {output.parent}: no such directory")


def _check_onnx() -> None:
    missing = [name for name in ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise NacError(f'--format=onnx needs {", ".join(missing)}: pip install -e ".[export]"')


def _export(output: Path) -> float:
    # TensorFlow takes seconds: only after the checks
    from nac.exporting.checked import export_checked
    from nac.exporting.formats import FORMATS
    from nac.models.loading import load_network

    return export_checked(load_network(FLAGS.model), FORMATS[FLAGS.format], output, FLAGS.tolerance)


def _bytes(output: Path) -> int:
    files = [output, *output.rglob("*")] if output.is_dir() else [output]
    return sum(path.stat().st_size for path in files if path.is_file())


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
