"""Export a trained network as SavedModel, TFLite or ONNX.

    nac export --model=runs/digits/model.keras --format=tflite --output=digits.tflite

writes the network as it works outside training, loads the file and checks on random images that it
predicts what the Keras model predicts. ONNX needs ``pip install "nac[export]"``.
"""

import importlib.util
from pathlib import Path

from absl import flags

from nac.cli.command import command, quietly, require_flags
from nac.exporting.formats import FORMATS
from nac.utils.errors import InputError, NacError

FLAGS = flags.FlagValues()
flags.DEFINE_string("model", None, "Saved network: a .keras file.", flag_values=FLAGS)
flags.DEFINE_string(
    "format",
    None,
    f"Format to write: {', '.join(FORMATS)}; saved_model is a directory.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "output", None, "The new file or directory, which must not exist yet.", flag_values=FLAGS
)
flags.DEFINE_float(
    "tolerance",
    1e-4,
    "Largest difference allowed, as a share of the largest logit.",
    lower_bound=0.0,
    flag_values=FLAGS,
)


def main() -> None:
    """Write the file."""
    require_flags(FLAGS, "model", "format", "output")
    FORMATS.check(FLAGS.format, "--format")
    output = Path(FLAGS.output)
    _check_can_be_written(output)
    _check_packages()
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


def _check_packages() -> None:
    packages = FORMATS[FLAGS.format].packages
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise NacError(f'--format={FLAGS.format} needs {names}: pip install "nac[export]"')


def _export(output: Path) -> float:
    # TensorFlow takes seconds: only after the checks
    from nac.exporting.checked import export_checked
    from nac.models.loading import load_network

    return export_checked(load_network(FLAGS.model), FORMATS[FLAGS.format], output, FLAGS.tolerance)


def _bytes(output: Path) -> int:
    files = [output, *output.rglob("*")] if output.is_dir() else [output]
    return sum(path.stat().st_size for path in files if path.is_file())


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
