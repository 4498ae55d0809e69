"""``python -m nac.prepare_data``: download and prepare a data set, once.

    python -m nac.prepare_data --dataset=cifar10 --data_dir=/data

writes /data/cifar10/VERSION, from which trainings with ``--data_dir=/data`` read. It is the only
command of nac that downloads, through tensorflow-datasets. ImageNet's archives cannot be had
without an account; put them into DATA_DIR/downloads/manual first.
"""

from pathlib import Path

from absl import flags

from nac.cli.command_line import require_flags
from nac.cli.command_line import run as run_command
from nac.data.datasets import DATASETS, resolve
from nac.data.prepared import default_directory, find_prepared, tfds_name
from nac.utils.errors import NacError

flags.DEFINE_string("dataset", None, "cifar10, imagenet2012, tfds:NAME[:CONFIG], ...")
flags.DEFINE_string("data_dir", None, "Where it goes; default: tensorflow-datasets' own.")
FLAGS = flags.FLAGS


def main() -> None:
    """Prepare the data set, unless it is there."""
    require_flags("dataset")
    name = prepared_name(FLAGS.dataset)
    directory = Path(FLAGS.data_dir) if FLAGS.data_dir else default_directory()
    path = find_prepared(directory, name)
    if path is None:
        path = prepare(name, directory)
    print(f"{FLAGS.dataset}: ready in {path}; train with --data_dir={directory}")


def prepared_name(name: str) -> str:
    """Return what tensorflow-datasets calls a data set.

    Raises:
        NacError: an unknown name, or a data set that needs no preparation.
    """
    facts, argument = resolve(name)
    if facts is DATASETS["tfds:"]:
        return tfds_name(argument)
    if facts.prepared_from is None:
        raise NacError(f"--dataset={name}: nothing to prepare, it is read as it is")
    return facts.prepared_from


def prepare(name: str, directory: Path) -> Path:
    """Download and prepare a data set with tensorflow-datasets.

    Args:
        name: as tensorflow-datasets writes it.
        directory: where it goes.

    Returns:
        the directory of the prepared set.

    Raises:
        NacError: there is no such data set, or the download or preparation failed.
    """
    import tensorflow_datasets as tfds  # takes seconds: only after the checks

    try:
        builder = tfds.builder(name, data_dir=directory)
        builder.download_and_prepare(file_format="tfrecord")
    except Exception as error:  # TFDS raises many kinds; each means the same to the user
        first = str(error).strip().splitlines() or [""]
        raise NacError(f"{name}: cannot be prepared: {type(error).__name__}: {first[0]}") from error
    return Path(builder.data_dir)


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
