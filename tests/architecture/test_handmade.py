"""Networks that people made by hand: their blocks, their JSON form, and as architectures."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.architecture.handmade import NETWORKS, Handmade, strides
from nac.architecture.json_form import (
    architecture_from_dict,
    architecture_to_json,
    experiment_architecture,
    parse_architecture,
)
from nac.architecture.network import Architecture
from tests.builders import CLASSIFIER, assert_says, input_error, stem

RESNET = {"type": "handmade", "network": "resnet", "width": 1.37, "classes": 10}


def convolutions(network, shape=(32, 32, 3)):
    """Return kind, kernel, channels and stride of the convolutions of each block."""
    return [
        [(x.kind, x.size, x.channels, x.stride) for x in block.main if x.kind in WITH_KERNEL]
        for block in network.blocks(shape)
    ]


WITH_KERNEL = ("conv", "depthwise", "max_pool")


def shapes(network, shape):
    """Return the shape after each block."""
    found = []
    for block in network.blocks(shape):
        shape = block.output_shape(shape)
        found.append(shape)
    return found


def sides(name, side):
    """Return the sides of the featuremaps of a network for square images, without repetition."""
    found = [height for height, _, _ in shapes(Handmade(name, 1.0, 10), (side, side, 3))[:-1]]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("side", "count", "expected"),
    [(32, 2, [2, 2]), (28, 3, [2, 2, 2]), (8, 3, [1, 1, 2]), (7, 2, [1, 2]), (6, 2, [1, 1])],
)
def test_late_strides_halve_as_long_as_four_pixels_remain(side, count, expected):
    assert strides(side, count) == expected


def test_a_plain_cnn_is_pairs_of_convolutions_with_pools_between():
    pool = ("max_pool", 2, 0, 2)
    pairs = [[("conv", 3, channels, 1)] * 2 for channels in (32, 64, 128)]
    expected = [pairs[0], [pool, *pairs[1]], [pool, *pairs[2]], []]
    assert convolutions(Handmade("plain_cnn", 1.0, 10)) == expected


def test_a_resnet_has_three_stages_of_three_blocks():
    found = convolutions(Handmade("resnet", 1.0, 10))
    assert found[0] == [("conv", 3, 16, 1)]
    assert found[3:5] == [
        [("conv", 3, 16, 1), ("conv", 3, 16, 1)],
        [("conv", 3, 32, 2), ("conv", 3, 32, 1)],
    ]
    assert [block[-1][2] for block in found[1:10]] == [16] * 3 + [32] * 3 + [64] * 3


def test_shortcuts_of_a_resnet_are_identities_except_where_the_size_changes():
    blocks = Handmade("resnet", 1.0, 10).blocks((32, 32, 3))
    projected = [n for n, block in enumerate(blocks) if block.shortcut]
    assert projected == [4, 7]
    assert [(x.kind, x.size, x.stride) for x in blocks[4].shortcut] == [
        ("conv", 1, 2),
        ("norm", 1, 1),
    ]
    assert [block.shortcut for block in blocks[1:4]] == [()] * 3


def test_mobilenet_v2_has_the_channels_of_the_paper():
    found = convolutions(Handmade("mobilenet_v2", 1.0, 10), (224, 224, 3))
    assert found[0] == [("conv", 3, 32, 2)]
    assert found[1] == [("depthwise", 3, 0, 1), ("conv", 1, 16, 1)]
    assert found[2] == [("conv", 1, 96, 1), ("depthwise", 3, 0, 2), ("conv", 1, 24, 1)]
    channels = [16] + [24] * 2 + [32] * 3 + [64] * 4 + [96] * 3 + [160] * 3 + [320, 1280]
    assert [block[-1][2] for block in found[1:-1]] == channels


def test_mobilenet_v2_has_a_shortcut_where_nothing_changes():
    blocks = Handmade("mobilenet_v2", 1.0, 10).blocks((224, 224, 3))
    with_shortcut = [number for number, block in enumerate(blocks) if block.shortcut == ()]
    # The first of 2, 3, 4, 3 and 3 blocks changes the channels.
    assert with_shortcut == [3, 5, 6, 8, 9, 10, 12, 13, 15, 16]


@pytest.mark.parametrize(
    ("name", "side", "expected"),
    [
        ("plain_cnn", 8, [8, 4]),
        ("plain_cnn", 28, [28, 14, 7]),
        ("plain_cnn", 224, [56, 28, 14]),
        ("resnet", 32, [32, 16, 8]),
        ("resnet", 96, [48, 24, 12]),
        ("mobilenet_v2", 32, [32, 16, 8, 4]),
        ("mobilenet_v2", 64, [64, 32, 16, 8, 4]),
        ("mobilenet_v2", 224, [112, 56, 28, 14, 7]),
    ],
)
def test_the_size_of_images_decides_where_featuremaps_are_halved(name, side, expected):
    assert sides(name, side) == expected


def test_the_shorter_side_of_an_image_decides():
    assert shapes(Handmade("resnet", 1.0, 10), (8, 100, 1))[-2] == (4, 50, 64)


@given(st.sampled_from(list(NETWORKS)), st.floats(0.001, 0.02), st.integers(1, 100))
def test_each_block_has_a_channel_and_the_last_one_a_value_per_class(name, width, classes):
    blocks = Handmade(name, width, classes).outline
    assert min(block.channels for block in blocks) >= 1
    assert blocks[-1].channels == classes


def test_channels_are_rounded_at_fractions_of_their_own():
    network = Handmade("resnet", 0.35, 10)  # 16 channels: 5.6
    assert [network.channels(16, up_from) for up_from in (0.2, 0.5, 0.6)] == [5, 6, 6]


def test_the_outline_does_not_depend_on_the_images():
    network = Handmade("mobilenet_v2", 0.5, 10)
    blocks = network.blocks((224, 224, 3))
    assert [block.label for block in network.outline] == [block.label for block in blocks]
    assert [block.channels for block in network.outline] == [block.channels for block in blocks]


def test_json_is_read_and_written():
    architecture = architecture_from_dict(RESNET)
    assert architecture == Architecture.of_handmade(Handmade("resnet", 1.37, 10))
    assert json.loads(architecture_to_json(architecture)) == RESNET


def test_cutout_is_read_and_written():
    architecture = architecture_from_dict({**RESNET, "cutout": 16})
    assert architecture.handmade.cutout == 16
    assert parse_architecture(architecture_to_json(architecture)) == architecture


def test_canonical_json_has_a_line_per_key():
    assert architecture_to_json(architecture_from_dict(RESNET)) == (
        '{\n  "type": "handmade",\n  "network": "resnet",\n  "width": 1.37,\n  "classes": 10\n}\n'
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": "resnett"}, "network: expected one of plain_cnn, resnet, mobilenet_v2,"),
        ({"width": 0}, "width: expected a number > 0"),
        ({"classes": 0}, "classes: expected an integer >= 1"),
        ({"cutout": 0}, "cutout: expected an integer >= 1"),
        ({"widht": 2}, "widht: unknown key (did you mean 'width'?)"),
    ],
)
def test_a_wrong_value_is_named(change, message):
    assert_says(input_error(architecture_from_dict, {**RESNET, **change}, "r.json"), message)


def test_cells_beside_it_in_an_experiment_file_are_for_other_networks():
    cells = {"init_cell": stem(8), "classification_cell": CLASSIFIER}
    assert experiment_architecture(RESNET, cells, "e.yaml") == architecture_from_dict(RESNET)


def test_as_an_architecture_it_is_complete_without_stem_and_classifier():
    architecture = architecture_from_dict(RESNET)
    architecture.need_cells()
    assert architecture.classes == 10
    assert architecture.with_cells((), ()) is architecture


def test_as_an_architecture_it_has_neither_stages_nor_branches():
    architecture = architecture_from_dict(RESNET)
    found = architecture.stages, architecture.branches(), architecture.skip_connections()
    assert found == ((), [], [])


def test_its_notation_is_name_and_width():
    assert str(architecture_from_dict(RESNET).notation) == "resnet x1.37"


def test_other_architectures_have_the_classes_of_their_classifier():
    cells = {"init_cell": stem(8), "classification_cell": CLASSIFIER}
    network = {"type": "macro", "network": [{"widener": {}}], **cells}
    assert architecture_from_dict(network).classes == 10
