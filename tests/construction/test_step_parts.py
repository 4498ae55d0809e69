"""The parts of a step of single blocks, by hand."""

import pytest

from nac.architecture.network import BranchLayer
from nac.construction.step_parts import (
    KINDS,
    Part,
    branches,
    convolution,
    depthwise,
    fully_connected,
    groups,
    mean,
    of_layer,
    pooling,
)


def layer(*blocks, outputs):
    return BranchLayer(tuple((f"B{n}", block) for n, block in enumerate(blocks)), outputs)


def parts(*blocks, outputs, merged=True):
    """Return the parts of branches for one image of 1x2 pixels with 8 channels."""
    return list(branches(layer(*blocks, outputs=outputs), (1, 2, 8), 1, merged))


def test_channels_are_rounded_up_to_eights():
    # 10 pixels, 9 -> 16 and 3 -> 8 channels
    part = convolution("dense", 10, inputs=9, outputs=3, size=(3, 5))
    assert part == Part("dense", values=10 * (16 + 8), multiply_adds=10 * 15 * 16 * 8)


def test_a_depthwise_convolution_multiplies_each_channel_by_its_kernel():
    assert depthwise(10, 8, (5, 5)) == Part("depthwise", values=160, multiply_adds=10 * 8 * 25)


def test_a_max_pool_reads_all_and_writes_a_quarter_rounded_up():
    assert pooling((3, 4, 2), batch=5) == Part("pooling", values=5 * (24 + 2 * 2 * 2))


def test_a_mean_reads_all():
    assert mean((3, 4, 2), batch=5) == Part("mean", values=120)


def test_a_fully_connected_layer_is_updated_with_its_bias():
    assert fully_connected(6, 10, batch=5) == [
        Part("fully connected", values=5 * 16, multiply_adds=5 * 60),
        Part("update", operations=2, values=70),
    ]


def test_parts_are_made_those_of_a_layer():
    assert list(of_layer("layer07", [Part("step")])) == [Part("step", layer="layer07")]


def test_a_dense_branch():
    assert parts("3x3", outputs=16) == [
        Part("dense", values=2 * (8 + 16), multiply_adds=2 * 9 * 8 * 16),
        Part("normalization", values=2 * 16),
        Part("update", operations=2, values=9 * 8 * 16 + 16),
    ]


def test_a_pointwise_branch_is_of_a_kind_of_its_own():
    assert parts("1x1", outputs=8)[0] == Part("1x1", values=32, multiply_adds=128)


def test_a_separable_branch_is_a_depthwise_and_a_pointwise_convolution():
    assert parts("3x3sep", outputs=8) == [
        Part("depthwise", values=32, multiply_adds=2 * 8 * 9),
        Part("1x1", values=32, multiply_adds=128),
        Part("normalization", values=16),
        Part("update", operations=3, values=8 * (9 + 8) + 8),
    ]


def test_all_branches_of_a_layer_are_normalized_together():
    assert [part.kind for part in parts("1x1", "1x1", outputs=16)] == [
        "1x1",
        "1x1",
        "normalization",
        "update",
        "update",
    ]


@pytest.mark.parametrize(
    ("merged", "kinds"),
    [(True, ["dense"]), (False, ["dense", "depthwise", "1x1"])],
)
def test_narrow_convolutions_of_a_size_are_merged_where_the_device_is_a_cpu(merged, kinds):
    found = parts("3x3", "3x3sep", outputs=8, merged=merged)
    assert [part.kind for part in found if part.kind in kinds] == kinds
    assert len(found) == len(kinds) + 3


def test_a_merged_convolution_has_the_filters_of_all():
    (merged, *_) = parts("3x3", "3x3sep", outputs=8)
    assert merged == Part("dense", values=2 * (8 + 8), multiply_adds=2 * 9 * 8 * 8)


@pytest.mark.parametrize(
    ("blocks", "filters", "sizes"),
    [
        ([(3, 3, ""), (3, 3, "sep")], 4, [2]),
        ([(3, 3, ""), (3, 3, "sep")], 5, [1, 1]),  # too wide
        ([(3, 3, "sep"), (3, 3, "sep")], 2, [1, 1]),  # none is dense
        ([(3, 3, ""), (5, 5, "sep"), (3, 3, "sep")], 2, [1, 1, 1]),  # no neighbors
        ([(1, 1, ""), (1, 1, "")], 2, [1, 1]),  # pointwise
        ([(2, 2, ""), (2, 2, "")], 2, [1, 1]),  # even sides
        ([(3, 3, ""), (3, 3, "other")], 2, [1, 1]),  # of a plugin
    ],
)
def test_which_blocks_are_merged(blocks, filters, sizes):
    assert [len(group) for group in groups(blocks, filters)] == sizes


def test_each_part_is_of_a_known_kind():
    found = parts("1x1", "3x3", "5x5sep", outputs=24)
    assert {part.kind for part in found} <= set(KINDS)
