"""CIFAR-10 and CIFAR-100 from local files: their binary form, which AMLA reads, or prepared.

The format is described at https://www.cs.toronto.edu/~kriz/cifar.html. A file is a sequence of
records, each with one or two bytes of labels, the last of which is the class, and 3072 bytes of
pixels by channel, row and column.
"""

import gzip
import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from nac.data.images import Images
from nac.data.prepared import default_directory, load_prepared, prepared_files
from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError, reason
from nac.utils.files import open_regular

PIXELS = 3 * 32 * 32

LARGEST = 2**28
"""Most bytes of a file or an unpacked archive, about half as many again as there are."""


@dataclass(frozen=True)
class Layout:
    """Names and format of one of the two data sets.

    Attributes:
        name: Name of the data set.
        folder: Folder that the archive unpacks to.
        archive: The archive that the authors publish.
        train: Files of the training images.
        test: File of the test images.
        label_bytes: Bytes before the pixels, the last of which is the class.
        classes: Number of classes.
        class_names: Their names, empty where the binary files have none.
    """

    name: str
    folder: str
    archive: str
    train: tuple[str, ...]
    test: str
    label_bytes: int
    classes: int
    class_names: tuple[str, ...] = ()


CIFAR10 = Layout(
    "cifar10",
    "cifar-10-batches-bin",
    "cifar-10-binary.tar.gz",
    tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test_batch.bin",
    1,
    10,
    (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
)
CIFAR100 = Layout(
    "cifar100", "cifar-100-binary", "cifar-100-binary.tar.gz", ("train.bin",), "test.bin", 2, 100
)


def load_cifar10(request: Request) -> Source:
    """Return CIFAR-10, 32x32 color images of ten classes (see :func:`load_cifar`)."""
    return load_cifar(CIFAR10, request)


def load_cifar100(request: Request) -> Source:
    """Return CIFAR-100 with its 100 fine classes (see :func:`load_cifar`)."""
    return load_cifar(CIFAR100, request)


def load_cifar(layout: Layout, request: Request) -> Source:
    """Read one of the two data sets.

    Args:
        layout: Which of them.
        request: Its directory has the binary files, their folder, the archive, or the set that
            tensorflow-datasets prepared. The first of these that exists is read.

    Raises:
        InputError: The data are not there, or a file has unexpected content.
    """
    path = _find(layout, request)
    if path is None:
        return load_prepared(layout.name, request, f"{layout.train[0]}, {layout.archive}")
    read = _read_files if path.is_dir() else _read_archive
    return _images(layout, str(path), read(layout, path))


def cifar10_facts(request: Request) -> ImageFacts:
    """Return the facts about CIFAR-10, if its files are there (see :func:`cifar_facts`)."""
    return cifar_facts(CIFAR10, request)


def cifar100_facts(request: Request) -> ImageFacts:
    """Return the facts about CIFAR-100, if its files are there (see :func:`cifar_facts`)."""
    return cifar_facts(CIFAR100, request)


def cifar_facts(layout: Layout, request: Request) -> ImageFacts:
    """Return the facts about one of the two data sets, if its files are there.

    Raises:
        InputError: They are not.
    """
    path = _find(layout, request)
    if path is None:
        files = prepared_files(layout.name, request, f"{layout.train[0]}, {layout.archive}")
    elif path.is_dir():
        files = tuple(path / name for name in (*layout.train, layout.test))
    else:
        files = (path,)
    return ImageFacts((32, 32, 3), layout.classes, 50000, files)


def _find(layout: Layout, request: Request) -> Path | None:
    """Return the directory of the binary files, or their archive; None if neither is there."""
    directory = Path(request.data_dir) if request.data_dir else default_directory()
    for folder in (directory, directory / layout.folder):
        if (folder / layout.train[0]).is_file():
            return folder
    archive = directory / layout.archive
    return archive if archive.is_file() else None


def _images(layout: Layout, path: str, contents: dict[str, bytes]) -> Images:
    def read(name: str) -> tuple[np.ndarray, np.ndarray]:
        return parse_records(contents[name], f"{path}/{name}", layout.label_bytes, layout.classes)

    parts = [read(name) for name in layout.train]
    train_images, train_labels = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Images(
        train_images,
        train_labels,
        *read(layout.test),
        classes=layout.classes,
        class_names=layout.class_names,
    )


def parse_records(
    data: bytes, path: str, label_bytes: int, classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, (examples, 32, 32, 3) uint8, and labels, int32, of a binary file.

    Args:
        data: Content of the file.
        path: Its path, for messages.
        label_bytes: Bytes before the pixels, the last of which is the class.
        classes: Number of classes.

    Raises:
        InputError: The length is not a multiple of a record's, or a label is not a class.
    """
    record = label_bytes + PIXELS
    if not data or len(data) % record:
        raise InputError(
            f"{path}: expected a whole number of records of {record} bytes,"
            f" received {len(data)} bytes"
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, record)
    labels = records[:, label_bytes - 1].astype(np.int32)
    if labels.max() >= classes:
        raise InputError(
            f"{path}: expected labels from 0 to {classes - 1}, received {labels.max()}"
        )
    pixels = records[:, label_bytes:].reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), labels


def _read_files(layout: Layout, folder: Path) -> dict[str, bytes]:
    return {name: _read_file(folder / name) for name in (*layout.train, layout.test)}


def _read_file(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return _content(file, os.fstat(file.fileno()).st_size, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None


def _read_archive(layout: Layout, archive: Path) -> dict[str, bytes]:
    """Read the files from the archive, without unpacking it on the disk."""
    wanted = (*layout.train, layout.test)
    try:
        with open_regular(archive) as file, gzip.open(file) as unpacked:
            content = unpacked.read(LARGEST + 1)  # a small archive may unpack to terabytes
        if len(content) > LARGEST:
            raise InputError(f"{archive}: expected at most {LARGEST:,} bytes, received more")
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            contents = _members(tar, wanted, archive)
    except InputError:
        raise
    except Exception as error:  # tarfile raises almost anything for a damaged archive
        raise InputError(f"{archive}: cannot be read: {error}") from None
    for name in wanted:
        if name not in contents:
            raise InputError(f"{archive}: expected {name} in it, received none")
    return contents


def _members(tar: tarfile.TarFile, wanted: tuple[str, ...], archive: Path) -> dict[str, bytes]:
    """Return the content of each wanted file that is in an archive."""
    contents = {}
    for member in tar:
        name = Path(member.name).name
        if name in wanted and name not in contents and member.isfile():
            contents[name] = _content(tar.extractfile(member), member.size, archive / name)
    return contents


def _content(file: IO[bytes], size: int, path: Path) -> bytes:
    if size > LARGEST:  # so may be a file with holes, which takes no room
        raise InputError(f"{path}: expected at most {LARGEST:,} bytes, received {size:,}")
    return file.read(size)
