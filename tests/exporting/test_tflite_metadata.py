"""The tables of TFLite's metadata, read by field numbers of its schema."""

import flatbuffers
import numpy as np
from flatbuffers.table import Table

from nac.exporting.tflite_metadata import metadata
from nac.models.classifier import make_classifier
from tests.models.test_classifier import NAMES, network

UOFFSET = flatbuffers.number_types.UOffsetTFlags
INT8 = flatbuffers.number_types.Int8Flags


def root(content):
    buffer = bytearray(content)
    return Table(buffer, flatbuffers.encode.Get(UOFFSET.packer_type, buffer, 0))


def position(table, number):
    """Return where a field of a table is."""
    return table.Offset(4 + 2 * number)


def text(table, number):
    return table.String(position(table, number) + table.Pos).decode()


def byte(table, number):
    return table.Get(INT8, position(table, number) + table.Pos)


def child(table, number):
    return Table(table.Bytes, table.Indirect(position(table, number) + table.Pos))


def children(table, number):
    offset = position(table, number)
    start = table.Vector(offset)
    return [
        Table(table.Bytes, table.Indirect(start + 4 * index))
        for index in range(table.VectorLen(offset))
    ]


def described(channels):
    content = metadata(make_classifier(network(channels), NAMES))
    assert content[4:8] == b"M001"
    (graph,) = children(root(content), 3)
    return root(content), *children(graph, 2), *children(graph, 3)


def test_the_output_names_the_file_with_a_label_for_each_value():
    _, _, probabilities = described(1)
    assert text(probabilities, 0) == "probabilities"
    (file,) = children(probabilities, 6)
    assert (text(file, 0), byte(file, 2)) == ("labels.txt", 2)  # TENSOR_AXIS_LABELS


def test_the_input_is_an_image_in_gray_or_color():
    for channels, color in ((1, 2), (3, 1)):
        _, pixels, _ = described(channels)
        assert text(pixels, 0) == "pixels"
        content = child(pixels, 3)
        assert byte(content, 0) == 2  # ImageProperties
        assert byte(child(content, 1), 0) == color


def test_the_model_names_its_provenance():
    model, _, _ = described(1)
    (file,) = children(model, 6)
    assert (text(file, 0), byte(file, 2)) == ("provenance.json", 1)  # DESCRIPTIONS
    assert text(model, 7) == "1.0.0"


def test_the_metadata_are_the_same_each_time():
    first, second = (metadata(make_classifier(network(1), NAMES)) for _ in range(2))
    np.testing.assert_array_equal(bytearray(first), bytearray(second))
