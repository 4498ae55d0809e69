"""Notices that the images of a run change while it lasts: ``data_files.json``."""

from pathlib import Path

from nac.config import Experiment
from nac.data.datasets import looked_at
from nac.data.files_digest import FilesDigest, files_digest
from nac.runs.layout import DATA_FILES
from nac.utils.errors import NacError
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


class DataWatch:
    """Compares the files of a run's data set with those with which it began.

    They are read when the driver starts, and later only if a size or a date has changed.

    Args:
        experiment: The experiment of the run.
        directory: The run directory.
        data_dir: Directory of the data set, in place of the experiment's.
    """

    def __init__(self, experiment: Experiment, directory: Path, data_dir: str | None = None):
        self._experiment, self._data_dir = experiment, data_dir
        self._path = directory / DATA_FILES
        self._seen: list[tuple[Path, int, int]] = []

    def check(self, begin: bool = False) -> None:
        """Compare the files; of a data set that nac knows no files of, nothing is compared.

        Args:
            begin: Whether the run begins only now, so that the files of an earlier try do not
                matter.

        Raises:
            NacError: They are others, or cannot be read.
        """
        found = looked_at(self._experiment, self._data_dir)
        if found is None or not found.files:
            return
        seen = [(path, (s := path.stat()).st_size, s.st_mtime_ns) for path in found.files]
        if seen == self._seen:
            return
        now = files_digest(found.files)
        if begin or not self._path.exists():  # or the run is older than this file
            write_json(self._path, to_json(now))
        else:
            self._compare(from_json(FilesDigest, read_json(self._path), str(self._path)), now)
        self._seen = seen

    def _compare(self, before: FilesDigest, now: FilesDigest) -> None:
        if before == now:
            return
        name = self._experiment.parameters.dataset
        counts = (before.files, before.bytes) == (now.files, now.bytes)
        received = f"{now} with other names or contents" if counts else str(now)
        raise NacError(
            f"{self._path}: expected the images with which this run began, {before} of {name},"
            f" received {received}. Restore them, or begin another run with another --name"
        )
