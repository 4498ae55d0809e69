"""Metadata of TFLite files: what goes in and comes out, and the names of the classes.

By TFLite's metadata schema (version 1.0.0, identifier M001) a model has an entry named
``TFLITE_METADATA``, whose buffer is a FlatBuffer of tables that describe its tensors, and the files
that these name are in a zip archive at the end of the file: ``unzip -p model.tflite labels.txt``.
Google's package for it, tflite-support, needs Python below 3.12, so the few tables are built here.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

import flatbuffers

from nac.utils.records import to_json

if TYPE_CHECKING:
    from nac.models.classifier import PhotoClassifier

NAME = "TFLITE_METADATA"
LABELS, PROVENANCE = "labels.txt", "provenance.json"
"""Files that are packed into the model."""

IMAGE_PROPERTIES = 2
"""Number of this kind of content in the schema's union ContentProperties."""

RGB, GRAY = 1, 2
"""The schema's ColorSpaceType."""

DESCRIPTIONS, AXIS_LABELS = 1, 2
"""The schema's AssociatedFileType."""


def add_metadata(path: Path, classifier: "PhotoClassifier") -> None:
    """Add metadata and labels of a classifier to its TFLite file."""
    path.write_bytes(_with_entry(path.read_bytes(), metadata(classifier)))
    facts = json.dumps(to_json(classifier.provenance), indent=2)
    with ZipFile(path, "a") as archive:
        archive.writestr(ZipInfo(LABELS), "\n".join(classifier.class_names) + "\n")
        archive.writestr(ZipInfo(PROVENANCE), facts + "\n")


def _with_entry(model: bytes, content: bytes) -> bytes:
    """Return a TFLite model with a buffer of metadata."""
    from tensorflow.lite.python import schema_py_generated as schema  # takes seconds

    tables = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(content)
    entry.name, entry.buffer = NAME, len(tables.buffers)
    tables.buffers.append(buffer)
    tables.metadata = [*(tables.metadata or []), entry]
    builder = flatbuffers.Builder()
    builder.Finish(tables.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def metadata(classifier: "PhotoClassifier") -> bytes:
    """Return the metadata of a classifier as a FlatBuffer."""
    tables = _Tables()
    height, width, channels = classifier.image_shape
    color = GRAY if channels == 1 else RGB
    properties = tables.table({0: ("byte", color)})
    pixels = tables.tensor(
        "pixels",
        f"Pixels of an image of {height} x {width}, {channels} channels, uint8 from 0 to 255.",
        content=tables.table({0: ("byte", IMAGE_PROPERTIES), 1: properties}),
    )
    probabilities = tables.tensor(
        "probabilities",
        "Probability of each class.",
        files=[tables.file(LABELS, "Name of each class, one per line.", AXIS_LABELS)],
    )
    graph = tables.table({2: tables.vector([pixels]), 3: tables.vector([probabilities])})
    provenance = tables.file(PROVENANCE, "Where the classifier is from.", DESCRIPTIONS)
    model = {
        0: tables.text("classifier"),
        1: tables.text("An image classifier that nac constructed."),
        2: tables.text(classifier.provenance.nac),
        3: tables.vector([graph]),
        6: tables.vector([provenance]),
        7: tables.text("1.0.0"),
    }
    return tables.finished(tables.table(model))


class _Tables:
    """Builds tables of a FlatBuffer from the inside to the outside.

    A table is a mapping from the number of a field in the schema to its value: an offset, which is
    what these functions return, or ``("byte", number)``.
    """

    def __init__(self):
        self._builder = flatbuffers.Builder()

    def text(self, value: str) -> int:
        return self._builder.CreateString(value)

    def vector(self, offsets: list[int]) -> int:
        self._builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self._builder.PrependUOffsetTRelative(offset)
        return self._builder.EndVector()

    def table(self, fields: dict[int, int | tuple[str, int]]) -> int:
        self._builder.StartObject(max(fields) + 1)
        for number, value in fields.items():
            if isinstance(value, tuple):
                self._builder.PrependInt8Slot(number, value[1], 0)
            else:
                self._builder.PrependUOffsetTRelativeSlot(number, value, 0)
        return self._builder.EndObject()

    def tensor(self, name: str, about: str, content: int | None = None, files=()) -> int:
        fields = {0: self.text(name), 1: self.text(about)}
        if content is not None:
            fields[3] = content
        if files:
            fields[6] = self.vector(files)
        return self.table(fields)

    def file(self, name: str, about: str, kind: int) -> int:
        return self.table({0: self.text(name), 1: self.text(about), 2: ("byte", kind)})

    def finished(self, root: int) -> bytes:
        self._builder.Finish(root, b"M001")
        return bytes(self._builder.Output())
