"""What weights of a restructured network start from."""

import numpy as np
import pytest

from nac.training.inherited_arrays import (
    copying_filters,
    copying_kernel,
    inherited_filters,
    inherited_kernel,
    inherited_vector,
)


def fresh(*shape):
    """Return the initial value of a weight: nines."""
    return np.full(shape, 9.0, "float32")


@pytest.mark.parametrize(("size", "expected"), [(1, [1.0]), (2, [1.0, 2.0]), (3, [1.0, 2.0, 9.0])])
def test_values_of_output_channels_are_inherited_by_number(size, expected):
    assert inherited_vector(fresh(size), np.array([1.0, 2.0])).tolist() == expected


def test_a_gate_is_inherited():
    assert inherited_vector(fresh(), np.array(0.25)) == 0.25


def test_rows_follow_their_channels():
    old = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert inherited_kernel(fresh(2, 2), old, (1, 0)).tolist() == [[3.0, 4.0], [1.0, 2.0]]


def test_an_old_output_does_not_read_a_new_channel_but_a_new_output_reads_all():
    value = inherited_kernel(fresh(2, 3), np.array([[1.0, 2.0]]), (None, 0))
    assert value.tolist() == [[0.0, 0.0, 9.0], [1.0, 2.0, 9.0]]


def test_a_narrower_kernel_keeps_its_first_outputs():
    assert inherited_kernel(fresh(1, 1), np.array([[1.0, 2.0]]), (0,)).tolist() == [[1.0]]


def test_all_pixels_of_a_kernel_are_inherited():
    old = np.arange(12.0).reshape(3, 1, 2, 2)
    value = inherited_kernel(fresh(3, 1, 1, 2), old, (1,))
    assert value[:, 0, 0].tolist() == [[2.0, 3.0], [6.0, 7.0], [10.0, 11.0]]


def test_filters_of_new_channels_are_fresh():
    old = np.array([[[[1.0], [2.0]]]])
    assert inherited_filters(fresh(1, 1, 2, 1), old, (None, 0)).ravel().tolist() == [9.0, 1.0]


@pytest.mark.parametrize(("size", "center"), [(1, 0), (2, 0), (3, 1), (7, 3)])
def test_a_copying_kernel_is_one_in_its_center(size, center):
    value = copying_kernel(fresh(size, size, 2, 2), (1, None))
    assert value[..., 0].sum() == value[center, center, 1, 0] == 1.0
    assert (value[..., 1] == 9.0).all()


def test_filters_of_copied_channels_are_one_in_their_center():
    value = copying_filters(fresh(3, 3, 3, 1), (2, None, 0))
    assert [value[..., channel, 0].sum() for channel in range(3)] == [1.0, 81.0, 1.0]
    assert value[1, 1, 2, 0] == value[1, 1, 0, 0] == 1.0
