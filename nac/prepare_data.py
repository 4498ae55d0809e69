"""Download and prepare a data set, once.

    nac prepare-data --dataset=cifar10 --data_dir=/data

writes /data/cifar10/VERSION, which trainings with ``--data_dir=/data`` read. It is the only command
that downloads, by means of tensorflow-datasets. The archives of ImageNet need an account; put them
into DATA_DIR/downloads/manual first.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags, logging

from nac.cli.command import command, require_flags
from nac.data.datasets import DATASETS, resolve
from nac.data.prepared import default_directory, find_prepared, tfds_name
from nac.utils.errors import NacError
from nac.utils.network import unreachable
from nac.utils.processes import quietly

if TYPE_CHECKING:
    from tensorflow_datasets.core import DatasetBuilder

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "dataset",
    None,
    "Name as in parameters.dataset: cifar10, imagenet2012, tfds:NAME[:CONFIG], ...",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "data_dir",
    None,
    "Directory of prepared data sets; default: that of tensorflow-datasets.",
    flag_values=FLAGS,
)


def main() -> None:
    """Prepare the data set, unless it is there."""
    require_flags(FLAGS, "dataset")
    name = prepared_name(FLAGS.dataset)
    directory = Path(FLAGS.data_dir) if FLAGS.data_dir else default_directory()
    path = find_prepared(directory, name)
    if path is None:
        path = prepare(name, directory)
    print(f"{FLAGS.dataset}: ready in {path}; train with --data_dir={directory}")


def prepared_name(name: str) -> str:
    """Return what tensorflow-datasets calls a data set.

    Raises:
        NacError: The name is unknown, or the data set needs no preparation.
    """
    facts, argument = resolve(name, "--dataset")
    if facts is DATASETS["tfds:"]:
        return tfds_name(argument, "--dataset")
    if facts.prepared_from is None:
        raise NacError(f"--dataset={name}: nothing to prepare, this data set is read as it is")
    return facts.prepared_from


def prepare(name: str, directory: Path) -> Path:
    """Download and prepare a data set with tensorflow-datasets.

    Args:
        name: Its name in tensorflow-datasets.
        directory: Directory of prepared data sets.

    Returns:
        The directory of this one.

    Raises:
        NacError: There is no such data set, or the download or preparation failed.
    """
    with quietly():
        import tensorflow as tf
        import tensorflow_datasets as tfds  # takes seconds: only after the checks

        tf.config.list_logical_devices()  # what TensorFlow says when it starts
    # What it does it shows by bars, which people want to see.
    logging.set_verbosity(logging.ERROR)
    try:
        builder = tfds.builder(name, data_dir=directory)
        _check_network(builder, name, directory)
        builder.download_and_prepare(file_format="tfrecord")
    except NacError:
        raise
    except Exception as error:  # TFDS raises many kinds; each means the same to the user
        first = str(error).strip().splitlines() or [""]
        raise NacError(f"{name}: cannot be prepared: {type(error).__name__}: {first[0]}") from error
    return Path(builder.data_dir)


def _check_network(builder: "DatasetBuilder", name: str, directory: Path) -> None:
    """Raise NacError if a download cannot begin: tensorflow-datasets would try for minutes."""
    downloads = directory / "downloads"
    if builder.MANUAL_DOWNLOAD_INSTRUCTIONS or (downloads.is_dir() and any(downloads.iterdir())):
        return
    host = unreachable(builder.url_infos)
    if host:
        raise NacError(
            f"{name}: cannot be downloaded: {host} does not answer; expected a connection to the"
            f" internet, or its files in {downloads}"
        )


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
