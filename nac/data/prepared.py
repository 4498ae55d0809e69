"""Finding data sets that tensorflow-datasets prepared, from their directory alone.

The directory contains everything: features, splits and files. So no registry and no network is
needed, and a data set that the user's own builder prepared works like any other.
"""

import os
import re
from pathlib import Path

from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError
from nac.utils.files import read_json
from nac.utils.processes import quietly
from nac.utils.schema import nearest

INFO = "dataset_info.json"
FEATURES = "features.json"


def default_directory() -> Path:
    """Return the directory in which tensorflow-datasets keeps data sets by default."""
    return Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets")


def load_tfds(request: Request) -> Source:
    """Read ``tfds:NAME`` or ``tfds:NAME:CONFIG`` (see :func:`load_prepared`)."""
    return load_prepared(tfds_name(request.argument, f"{request.prefix}dataset"), request)


def tfds_name(argument: str, place: str = "parameters.dataset") -> str:
    """Return ``NAME`` or ``NAME:CONFIG`` as tensorflow-datasets writes it, ``NAME/CONFIG``.

    Args:
        argument: What follows ``tfds:`` in the name of the data set.
        place: The key or flag that says it, the beginning of the message.

    Raises:
        InputError: It cannot be the name of a data set.
    """
    if not re.fullmatch(r"[a-z0-9_]+(:[\w-][\w.-]*)?", argument):
        raise InputError(
            f"{place}: expected tfds:NAME or tfds:NAME:CONFIG, received {'tfds:' + argument!r}"
        )
    return argument.replace(":", "/")


def tfds_facts(request: Request) -> ImageFacts:
    """Return what the files about ``tfds:NAME`` say about its images.

    Raises:
        InputError: The data set is not there, it does not have one image and one label, or its
            images vary in size but no image_size is given.
    """
    path = need_prepared(tfds_name(request.argument, f"{request.prefix}dataset"), request)
    try:
        features = read_json(path / FEATURES)["featuresDict"]["features"].values()
        (image,) = (entry["image"] for entry in features if "image" in entry)
        (label,) = (entry["classLabel"] for entry in features if "classLabel" in entry)
        height, width, channels = map(int, image["shape"]["dimensions"])
        classes = int(label["numClasses"])
        if channels < 1:
            raise ValueError(channels)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError(
            f"{path / FEATURES}: expected images with one class each, of known size and channels"
        ) from None
    if min(height, width) < 1:
        height = width = request.required_image_size()
    return ImageFacts((height, width, channels), classes, files=_files(path))


def prepared_files(name: str, request: Request, alternatives: str = "") -> tuple[Path, ...]:
    """Return the files of a prepared data set (see :func:`load_prepared`).

    Raises:
        InputError: It is not there. The message has the command that prepares it.
    """
    return _files(need_prepared(name, request, alternatives))


def _files(directory: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in directory.rglob("*") if path.is_file()))


def load_prepared(name: str, request: Request, alternatives: str = "") -> Source:
    """Read a prepared data set into memory, or stream it if it is large.

    Args:
        name: The name of the data set as tensorflow-datasets writes it.
        request: Its directory, and the side of images that vary in size.
        alternatives: Files that would do as well, for the message that nothing was found.

    Raises:
        InputError: The data set is not there, or is not for image classification.
    """
    path = need_prepared(name, request, alternatives)
    from nac.data.prepared_images import load_images  # TensorFlow takes seconds to import

    return load_images(path, request)


def need_prepared(name: str, request: Request, alternatives: str = "") -> Path:
    """Return the directory of a prepared data set (see :func:`load_prepared`).

    Raises:
        InputError: It is not there. The message has the command that prepares it.
    """
    directory = Path(request.data_dir) if request.data_dir else default_directory()
    path = find_prepared(directory, name)
    if path is None:
        nor = f" (nor {alternatives})" if alternatives else ""
        raise InputError(
            f"{directory}: no {name} there{nor}; to prepare it: python -m nac.prepare_data"
            f" --dataset={request.name} --data_dir={directory}{_hint(request)}"
        )
    return path


def _hint(request: Request) -> str:
    """Return the nearest known name for one that tensorflow-datasets does not know."""
    if not request.name.startswith("tfds:"):
        return ""
    # The import takes seconds, but there is an error to report anyway.
    with quietly():
        import tensorflow_datasets as tfds

        name, known = request.argument.partition(":")[0], tfds.list_builders()
    if name in known:
        return ""
    return f"; tensorflow-datasets does not know {name!r}{nearest(name, known)}"


def find_prepared(directory: Path, name: str) -> Path | None:
    """Return ``directory/NAME[/CONFIG]/VERSION`` of the newest version, None if there is none.

    Raises:
        InputError: The name has no configuration, but several are there.
    """
    versions = sorted(_versions_in(directory / name), key=_version)
    if versions or "/" in name:
        return versions[-1] if versions else None
    folders = sorted(path for path in (directory / name).glob("*") if path.is_dir())
    configs = {path.name: versions for path in folders if (versions := _versions_in(path))}
    if len(configs) > 1:
        raise InputError(
            f"{directory / name}: expected a single configuration, received {', '.join(configs)};"
            f" choose one by the name tfds:{name}:CONFIG"
        )
    return max(next(iter(configs.values())), key=_version) if configs else None


def _versions_in(path: Path) -> list[Path]:
    return [info.parent for info in path.glob(f"[0-9]*.*/{INFO}")]


def _version(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]
