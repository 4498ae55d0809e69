"""Blocks of operations: shapes, channels and labels."""

import pytest

from nac.architecture.operations import Block, Operation

POOL = Operation("max_pool", size=2, stride=2)


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        (Operation("conv", 8, size=3), (5, 7, 8)),
        (Operation("conv", 8, size=3, stride=2), (3, 4, 8)),
        (Operation("depthwise", size=3, stride=2), (3, 4, 2)),
        (POOL, (3, 4, 2)),
        (Operation("norm"), (5, 7, 2)),
        (Operation("mean"), (1, 1, 2)),
    ],
)
def test_strides_divide_and_round_up_and_only_convolutions_change_channels(operation, shape):
    assert operation.output_shape((5, 7, 2)) == shape


def test_a_classifier_puts_out_a_value_per_class():
    block = Block((Operation("mean"), Operation("dense", 10)))
    assert block.output_shape((4, 4, 32)) == (1, 1, 10)


def test_the_shape_after_a_block_is_that_of_all_its_operations():
    block = Block((POOL, Operation("conv", 8, size=3)), after=(POOL,))
    assert block.output_shape((16, 16, 3)) == (4, 4, 8)


def test_the_channels_of_a_block_are_those_of_its_last_convolution():
    assert Block((Operation("conv", 8), Operation("conv", 5), Operation("norm"))).channels == 5


def test_a_label_names_what_has_weights_and_the_shortcut():
    main = (POOL, Operation("conv", 8, size=3), Operation("norm"), Operation("depthwise", size=5))
    assert Block(main).label == "3x3, 5x5 depthwise"
    assert Block(main, shortcut=()).label == "3x3, 5x5 depthwise + shortcut"
