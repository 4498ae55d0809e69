"""ImageNet (ILSVRC 2012), streamed: as AMLA's TFRecords, or prepared by tensorflow-datasets.

AMLA's files (Inception's script writes them) are train-* and validation-*, with labels from 1 to
1000 and 0 for background, and bounding boxes. The name ``imagenet`` keeps that numbering, 1001
classes; ``imagenet2012`` has 1000 from 0. Either name reads either form.
"""

import struct
from pathlib import Path

from nac.data.prepared import default_directory, need_prepared, open_prepared
from nac.data.request import Request
from nac.data.splits import Source
from nac.utils.errors import InputError

SIDE = 224
CLASSES = 1000
WITH_BACKGROUND = "imagenet"

WHOLE = (1024, 1281167)
"""Files and images of the whole training set, as Inception's script writes it."""


def load_imagenet(request: Request) -> Source:
    """Return ImageNet as a stream, images of 224 pixels unless image_size says another side.

    Args:
        request: its directory has AMLA's files, or the set as tensorflow-datasets prepared it.

    Raises:
        InputError: the data are not there, or a file is not what it should be.
    """
    directory = Path(request.data_dir) if request.data_dir else default_directory()
    if any(directory.glob("train-*-of-*")):
        return _from_records(directory, request)
    path = need_prepared("imagenet2012", request, "train-*-of-*")
    return _from_prepared(path, request)


def count_records(files: list[Path]) -> int:
    """Return the number of records in TFRecord files, without reading more than their lengths.

    The format: 8 bytes of length, 4 of checksum, the record, 4 of checksum.

    Raises:
        InputError: a file ends within a record.
    """
    total = 0
    for path in files:
        size, place = path.stat().st_size, 0
        with open(path, "rb") as file:
            while place < size:
                file.seek(place)
                header = file.read(8)
                place += 16 + (struct.unpack("<Q", header)[0] if len(header) == 8 else size)
                total += 1
        if place != size:
            raise InputError(f"{path}: expected whole TFRecords, received a file that is cut short")
    return total


def _from_records(directory: Path, request: Request) -> Source:
    from nac.data.amla_records import decode  # TensorFlow takes seconds
    from nac.data.stream import Records

    train, test = (sorted(directory.glob(f"{split}-*-of-*")) for split in ("train", "validation"))
    if not test:
        raise InputError(f"{directory}: expected files validation-*-of-*, received none")
    count = WHOLE[1] if len(train) == WHOLE[0] else count_records(train)
    if not count:
        raise InputError(f"{directory}: expected images in train-*-of-*, received none")
    records = [Records(tuple(map(str, files))) for files in (train, test)]
    offset = 0 if request.name == WITH_BACKGROUND else -1
    return _stream(request, count, *records, decode(offset))


def _from_prepared(path: Path, request: Request) -> Source:
    from nac.data.prepared_images import check_images, decoder, records

    prepared = open_prepared(path, "imagenet2012")
    check_images(prepared)
    if prepared.classes != CLASSES or prepared.test_split() is None:
        raise InputError(
            f"{path}: expected {CLASSES} classes and a split 'validation', received"
            f" {prepared.classes} and {', '.join(prepared.splits)}"
        )
    offset = 1 if request.name == WITH_BACKGROUND else 0
    train, test = (records(prepared, split) for split in ("train", prepared.test_split()))
    count = prepared.splits["train"][1]
    return _stream(request, count, train, test, decoder(prepared, offset))


def _stream(request: Request, count: int, train, test, decode) -> Source:
    from nac.data.inception import inception
    from nac.data.stream import Stream

    side = request.image_size or SIDE
    classes = CLASSES + (request.name == WITH_BACKGROUND)
    return Stream((side, side, 3), classes, count, train, test, decode, inception(side))
