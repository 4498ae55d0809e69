"""Data sets as tensorflow-datasets prepared them, read from their directory alone.

The directory says all: features, splits and files. So no registry is asked, there is no network,
and a set that the user's own builder prepared is as good as any.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.data.request import Request
from nac.data.splits import Source
from nac.utils.errors import InputError
from nac.utils.schema import nearest

INFO = "dataset_info.json"
TEST_SPLITS = ("test", "validation")
"""Names of the split that evaluates, the first that is there."""


@dataclass(frozen=True)
class Prepared:
    """A prepared image-classification set, opened.

    Attributes:
        path: its directory.
        name: of the data set, for messages.
        features: what a record holds: the image and its label alone.
        image: name of the image.
        label: name of the label.
        splits: split name -> (its files, number of examples).
    """

    path: Path
    name: str
    features: Any
    image: str
    label: str
    splits: dict[str, tuple[list[str], int]]

    @property
    def shape(self) -> tuple[int | None, int | None, int]:
        """(height, width, channels) of images; None where they differ."""
        return self.features[self.image].shape

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.features[self.label].num_classes

    def test_split(self) -> str | None:
        """Return the name of the split that evaluates, None if there is none."""
        return next((name for name in TEST_SPLITS if name in self.splits), None)


def default_directory() -> Path:
    """Return where tensorflow-datasets keeps its sets unless told otherwise."""
    return Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets")


def load_tfds(request: Request) -> Source:
    """Read ``tfds:NAME`` or ``tfds:NAME:CONFIG`` (see :func:`load_prepared`)."""
    return load_prepared(tfds_name(request.argument), request)


def tfds_name(argument: str) -> str:
    """Return ``NAME`` or ``NAME:CONFIG`` as tensorflow-datasets writes it, ``NAME/CONFIG``.

    Raises:
        InputError: it cannot be the name of a data set.
    """
    if not re.fullmatch(r"[a-z0-9_]+(:[\w-][\w.-]*)?", argument):
        raise InputError(
            "parameters.dataset: expected tfds:NAME or tfds:NAME:CONFIG,"
            f" received {'tfds:' + argument!r}"
        )
    return argument.replace(":", "/")


def load_prepared(name: str, request: Request, also: str = "") -> Source:
    """Read a prepared data set into memory, or as a stream if it is large.

    Args:
        name: as tensorflow-datasets writes it.
        request: its directory, and the side of images that have no one size.
        also: names of files that would do as well, for the message that nothing is there.

    Raises:
        InputError: it is not there, or no set for image classification.
    """
    path = need_prepared(name, request, also)
    from nac.data.prepared_images import load_images  # TensorFlow takes seconds

    return load_images(open_prepared(path, name), request)


def need_prepared(name: str, request: Request, also: str = "") -> Path:
    """Return the directory of a prepared set, or raise InputError with what would prepare it."""
    directory = Path(request.data_dir) if request.data_dir else default_directory()
    path = find_prepared(directory, name)
    if path is None:
        raise InputError(
            f"{directory}: no {name} there{f' (nor {also})' if also else ''}; to prepare it: python"
            f" -m nac.prepare_data --dataset={request.name} --data_dir={directory}{_hint(request)}"
        )
    return path


def _hint(request: Request) -> str:
    """Return the nearest known name for one that tensorflow-datasets does not know."""
    if not request.name.startswith("tfds:"):
        return ""
    import tensorflow_datasets as tfds  # takes seconds; only where there is an error anyway

    name, known = request.argument.partition(":")[0], tfds.list_builders()
    if name in known:
        return ""
    return f"; tensorflow-datasets knows no {name!r}{nearest(name, known)}"


def find_prepared(directory: Path, name: str) -> Path | None:
    """Return ``directory/NAME[/CONFIG]/VERSION`` of the newest version, None if there is none.

    Raises:
        InputError: no configuration is named and several are there.
    """
    versions = sorted(_prepared_in(directory / name), key=_version)
    if versions or "/" in name:
        return versions[-1] if versions else None
    folders = sorted(path for path in (directory / name).glob("*") if path.is_dir())
    configs = {path.name: found for path in folders if (found := _prepared_in(path))}
    if len(configs) > 1:
        raise InputError(
            f"{directory / name}: expected one configuration or tfds:{name}:CONFIG in"
            f" parameters.dataset, received {', '.join(configs)}"
        )
    return max(next(iter(configs.values())), key=_version) if configs else None


def _prepared_in(path: Path) -> list[Path]:
    return [info.parent for info in path.glob(f"[0-9]*.*/{INFO}")]


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


def open_prepared(path: Path, name: str) -> Prepared:
    """Return what a prepared directory says.

    Raises:
        InputError: it cannot be read, or is no set of images with one class each.
    """
    import tensorflow_datasets as tfds  # takes seconds; only needed here

    try:
        info = tfds.builder_from_directory(path).info
        splits = {
            key: ([str(file) for file in split.filepaths], split.num_examples)
            for key, split in info.splits.items()
        }
    except Exception as error:  # TFDS raises many kinds; each means the same to the user
        raise InputError(f"{path}: cannot be read ({type(error).__name__}: {error})") from None
    if info.file_format.value != "tfrecord":
        raise InputError(f"{path}: expected tfrecord files, received {info.file_format.value}")
    image, label = _keys(info, f"{path}: expected images with one class each")
    wanted = tfds.decode.PartialDecoding({image: True, label: True})
    features = wanted.extract_features(info.features)
    return _checked(Prepared(path, name, features, image, label, splits))


def _keys(info: Any, expected: str) -> tuple[str, str]:
    """Return the names of image and label: the supervised ones, or the only ones."""
    import tensorflow_datasets as tfds

    kinds = {"image": tfds.features.Image, "label": tfds.features.ClassLabel}
    found = {
        kind: [key for key, feature in info.features.items() if type(feature) is cls]
        for kind, cls in kinds.items()
    }
    supervised = info.supervised_keys or ()
    pair = tuple(
        next((key for key in keys if key in supervised), keys[0] if len(keys) == 1 else None)
        for keys in found.values()
    )
    if None in pair:
        raise InputError(f"{expected}, received {', '.join(sorted(info.features))}")
    return pair


def _checked(prepared: Prepared) -> Prepared:
    if "train" not in prepared.splits:
        raise InputError(
            f"{prepared.path}: expected a split 'train', received"
            f" {', '.join(prepared.splits) or 'none'}"
        )
    for files, examples in prepared.splits.values():
        for file in files:
            if not Path(file).is_file():
                raise InputError(f"{file}: missing")
        if not sum(Path(file).stat().st_size for file in files):
            raise InputError(f"{prepared.path}: expected {examples} images, received empty files")
    return prepared
