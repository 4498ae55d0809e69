"""Decoded images that one job of a run leaves for the next ones, which then map them into memory.

A directory holds arrays in files of their own names, and for each request one JSON file that names
its arrays. The JSON file is written last and whole. So a job that is killed leaves nothing that
counts, and of two jobs that write at the same time the last one wins, without a mixture.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from nac.data.images import Images
from nac.data.rows import Rows, mapped
from nac.data.source import Request, Source
from nac.utils.errors import InputError, SystemRefusal, reason
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


@dataclass(frozen=True)
class Decoded:
    """What was decoded, and where it is.

    Attributes:
        name: Name of the data set.
        argument: What follows the colon in the name.
        data_dir: Directory of its files, None for its own default.
        image_size: ``parameters.image_size``, None if it is not given.
        classes: See :class:`Images`; so are the next two.
        padded_side: As there.
        notes: As there.
        files: Attribute of :class:`Images` -> name of the file with that array.
        class_names: See :class:`Images`.
        examples: Attribute of :class:`Images` -> length of that array.
    """

    VERSION = 2

    name: str
    argument: str
    data_dir: str | None
    image_size: int | None
    classes: int
    padded_side: int | None
    notes: tuple[str, ...]
    files: dict[str, str]
    class_names: tuple[str, ...]
    examples: dict[str, int]

    def answers(self, request: Request) -> bool:
        """Whether this is what a request asks for."""
        mine = (self.name, self.argument, self.data_dir, self.image_size)
        return mine == _asked(request)


def decoded_once(request: Request, load: Callable[[Request], Source], directory: Path) -> Source:
    """Return a data set from a directory of decoded images; decode it if it is not there.

    Images that are in a file of that directory already, because they do not fit into memory, stay
    there. What is streamed or decoded for each batch is not kept.

    Args:
        request: What is asked for.
        load: Reads and decodes the data set.
        directory: Where decoded images are kept. What is damaged there is written anew.

    Raises:
        InputError: The data set cannot be read.
    """
    kept = _read(request, directory)
    if kept is not None:
        return kept
    source = load(request)
    if not _can_be_kept(source):
        return source
    try:
        _write(request, source, directory)
    except (OSError, SystemRefusal) as error:  # a full disk, say; this job has its images
        why = reason(error) if isinstance(error, OSError) else str(error)
        note = f"{directory}: decoded images cannot be kept: {why}"
        return replace(source, notes=(*source.notes, note))
    return source


def _asked(request: Request) -> tuple[str, str, str | None, int | None]:
    """Return all that the images depend on; messages begin with the rest of a request."""
    return request.name, request.argument, request.data_dir, request.image_size


def _index(request: Request, directory: Path) -> Path:
    digest = hashlib.sha256(json.dumps(_asked(request)).encode()).hexdigest()
    return directory / f"{digest[:16]}.json"


def _read(request: Request, directory: Path) -> Images | None:
    """Return the images for a request, None if they are not there or are damaged."""
    path = _index(request, directory)
    try:
        kept = from_json(Decoded, read_json(path), str(path))
        source = _opened(kept, directory)
        whole = all(len(images) == len(labels) for images, labels in _pairs(source))
    except (InputError, OSError, EOFError, KeyError, ValueError, TypeError):
        return None
    return source if whole and kept.answers(request) else None


def _opened(kept: Decoded, directory: Path) -> Images:
    arrays = {name: np.asarray(mapped(directory / file)) for name, file in kept.files.items()}
    for name, count in kept.examples.items():
        if len(arrays[name]) > count:  # the file has room for images that could not be read
            arrays[name] = arrays[name][:count]
    return Images(
        **arrays,
        classes=kept.classes,
        padded_side=kept.padded_side,
        notes=kept.notes,
        class_names=kept.class_names,
    )


def _write(request: Request, source: Images, directory: Path) -> None:
    arrays = _arrays(source)
    facts = source.classes, source.padded_side, source.notes, _save(arrays, directory)
    examples = {name: len(array) for name, array in arrays.items()}
    kept = Decoded(*_asked(request), *facts, source.class_names, examples)
    write_json(_index(request, directory), to_json(kept))


def _can_be_kept(source: Source) -> bool:
    """Whether a data set consists of arrays."""
    return type(source) is Images and all(
        isinstance(images, np.ndarray) for images, _ in _pairs(source)
    )


def _pairs(source: Images) -> list[tuple[Rows, np.ndarray]]:
    """Return the (images, labels) that a data set has."""
    pairs = [(source.train_images, source.train_labels), (source.test_images, source.test_labels)]
    if source.validation_images is not None and source.validation_labels is not None:
        pairs.append((source.validation_images, source.validation_labels))
    return pairs


def _arrays(source: Images) -> dict[str, np.ndarray]:
    values = {field.name: getattr(source, field.name) for field in fields(source)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def _is_in(array: np.ndarray, directory: Path) -> bool:
    """Whether an array is mapped from a file of a directory."""
    return isinstance(array, np.memmap) and Path(str(array.filename)).parent == directory.absolute()


def _save(arrays: Mapping[str, np.ndarray], directory: Path) -> dict[str, str]:
    """Write arrays to files that no other job writes; return their names."""
    directory.mkdir(parents=True, exist_ok=True)
    own = uuid.uuid4().hex
    files = {name: f"{own}.{name}.npy" for name in arrays}
    try:
        for name, array in arrays.items():
            if _is_in(array, directory):
                array.flush()
                os.replace(array.filename, directory / files[name])
                continue
            with open(directory / files[name], "xb") as file:
                np.save(file, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        for name in files.values():
            (directory / name).unlink(missing_ok=True)
        raise
    return files
