"""ImageNet (ILSVRC 2012), streamed: as AMLA's TFRecords, or prepared by tensorflow-datasets.

AMLA's files, which Inception's script writes, are train-* and validation-*. Their labels go from 1
to 1000, with 0 for background, and they have bounding boxes. The name ``imagenet`` keeps that
numbering, with 1001 classes; ``imagenet2012`` has 1000 classes from 0. Both names read both forms.
"""

import struct
from pathlib import Path

from nac.data.prepared import default_directory, need_prepared, prepared_files
from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError

SIDE = 224
CLASSES = 1000
WITH_BACKGROUND = "imagenet"
RECORD_FILES = ("train-*-of-*", "validation-*-of-*")

FULL_TRAINING_SET = (1024, 1281167)
"""Files and images of the full training set, as Inception's script writes it."""


def load_imagenet(request: Request) -> Source:
    """Return ImageNet as a stream of images of 224 pixels, unless image_size is another side.

    Args:
        request: Its directory has AMLA's files, or the set that tensorflow-datasets prepared.

    Raises:
        InputError: The data are not there, or a file has unexpected content.
    """
    directory = _directory(request)
    if _has_records(directory):
        return _from_records(directory, request)
    path = need_prepared("imagenet2012", request, "train-*-of-*")
    return _from_prepared(path, request)


def imagenet_facts(request: Request) -> ImageFacts:
    """Return the facts about ImageNet, if its files are there.

    Raises:
        InputError: They are not.
    """
    directory, side = _directory(request), request.image_size or SIDE
    if _has_records(directory):
        files = tuple(path for split in RECORD_FILES for path in _files(directory, split))
    else:
        files = prepared_files("imagenet2012", request, "train-*-of-*")
    return ImageFacts((side, side, 3), CLASSES + (request.name == WITH_BACKGROUND), files=files)


def _directory(request: Request) -> Path:
    return Path(request.data_dir) if request.data_dir else default_directory()


def _files(directory: Path, pattern: str) -> list[Path]:
    """Return the files of a split in the order of their names.

    Raises:
        InputError: One of them is no file: reading a pipe, say, may never end.
    """
    paths = sorted(directory.glob(pattern))
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: expected a file, received a folder, a pipe or a broken link")
    return paths


def _has_records(directory: Path) -> bool:
    return any(directory.glob("train-*-of-*"))


def count_records(files: list[Path]) -> int:
    """Return the number of records in TFRecord files, reading nothing but their lengths.

    A record is 8 bytes of length, 4 of checksum, the content, and 4 of checksum.

    Raises:
        InputError: A file ends within a record.
    """
    total = 0
    for path in files:
        size, position = path.stat().st_size, 0
        with open(path, "rb") as file:
            while position < size:
                file.seek(position)
                header = file.read(8)
                position += 16 + (struct.unpack("<Q", header)[0] if len(header) == 8 else size)
                total += 1
        if position != size:
            raise InputError(f"{path}: expected whole TFRecords, received a truncated file")
    return total


def _from_records(directory: Path, request: Request) -> Source:
    from nac.data.imagenet_images import amla_decoder  # TensorFlow takes seconds to import
    from nac.data.stream import Records

    train, test = (_files(directory, pattern) for pattern in RECORD_FILES)
    if not test:
        raise InputError(f"{directory}: expected files validation-*-of-*, received none")
    full_files, full_count = FULL_TRAINING_SET
    # Counting the records of the full set would take minutes on a slow disk.
    count = full_count if len(train) == full_files else count_records(train)
    if not count:
        raise InputError(f"{directory}: expected images in train-*-of-*, received none")
    records = [Records(tuple(map(str, files))) for files in (train, test)]
    offset = 0 if request.name == WITH_BACKGROUND else -1
    return _stream(request, count, *records, amla_decoder(offset))


def _from_prepared(path: Path, request: Request) -> Source:
    from nac.data.prepared_images import open_prepared

    prepared = open_prepared(path)
    test = prepared.test_split()
    if prepared.classes != CLASSES or test is None:
        raise InputError(
            f"{path}: expected {CLASSES} classes and a split 'validation', received"
            f" {prepared.classes} classes and {', '.join(prepared.splits)}"
        )
    decode = prepared.decoder(1 if request.name == WITH_BACKGROUND else 0)
    records = prepared.records("train"), prepared.records(test)
    return _stream(request, prepared.splits["train"][1], *records, decode)


def _stream(request: Request, count: int, train, test, decode) -> Source:
    from nac.data.imagenet_images import inception
    from nac.data.stream import Stream, check_records

    side = request.image_size or SIDE
    classes = CLASSES + (request.name == WITH_BACKGROUND)
    for records in (train, test):
        check_records(records, decode, classes)
    return Stream((side, side, 3), classes, count, train, test, decode, inception(side))
