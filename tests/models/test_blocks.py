"""The table of convolution blocks."""

import numpy as np
import pytest

from nac.architecture.branch_types import BRANCH_TYPES
from nac.models.blocks import dense_convolution, make_block, separable_convolution
from tests.models.small_networks import random_images


def built(name, filters=4, channels=3):
    layer = make_block(name, filters, "float32")
    layer.build((None, 6, 6, channels))
    return layer


def test_the_branch_types_are_imported_when_they_are_used():
    assert dict(BRANCH_TYPES) == {"": dense_convolution, "sep": separable_convolution}


@pytest.mark.parametrize(("name", "size"), [("1x1", (1, 1)), ("7x7", (7, 7)), ("1x3", (1, 3))])
def test_a_dense_block_is_one_convolution_without_bias(name, size):
    shapes = [(v.name, v.shape) for v in built(name).variables]
    assert shapes == [("kernel", (*size, 3, 4))]


@pytest.mark.parametrize(("name", "size"), [("3x3sep", (3, 3)), ("5x1sep", (5, 1))])
def test_a_separable_block_is_depthwise_and_pointwise_without_bias(name, size):
    shapes = [(v.name, v.shape) for v in built(name).variables]
    assert shapes == [("depthwise_kernel", (*size, 3, 1)), ("pointwise_kernel", (1, 1, 3, 4))]


def test_a_separable_block_has_nothing_between_its_two_parts():
    layer = built("1x1sep")
    images = random_images(2, 6, 6, 3)
    depthwise, pointwise = (v.numpy()[0, 0] for v in layer.variables)
    expected = (images * depthwise[:, 0]) @ pointwise
    np.testing.assert_allclose(layer(images), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["5x5", "5x5sep", "1x3"])
def test_a_block_keeps_height_and_width(name):
    assert built(name)(random_images(1, 6, 6, 3)).shape == (1, 6, 6, 4)


@pytest.mark.parametrize("name", ["3x3foo", "3", "", "0x3"])
def test_an_unknown_block_is_an_error_that_names_it(name):
    with pytest.raises(ValueError, match=f"Received: {name!r}"):
        make_block(name, 4, "float32")
