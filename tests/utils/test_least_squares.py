"""Least squares with coefficients that are not negative."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nac.utils.least_squares import nonnegative_least_squares

numbers = st.floats(-10, 10).map(lambda value: round(value, 3))


def solved(matrix, values):
    return nonnegative_least_squares(np.array(matrix, float), np.array(values, float)).tolist()


def test_an_exact_solution_is_found():
    # 2 + 3 = 5 and 2 + 2 * 3 = 8
    assert solved([[1, 1], [1, 2]], [5, 8]) == pytest.approx([2, 3])


def test_a_coefficient_that_would_be_negative_is_zero():
    # The line through (1, 3) and (2, 1) falls; the best constant is their mean.
    assert solved([[1, 1], [1, 2]], [3, 1]) == pytest.approx([2, 0])


def test_a_coefficient_that_helped_at_first_can_leave_again():
    # The first column is nearest to the values, but the two others together are exact.
    assert solved([[1, 1, 0], [1, 0, 1], [0.9, 0, 0]], [1, 1, 0]) == pytest.approx([0, 1, 1])


def test_without_anything_to_explain_all_are_zero():
    assert solved([[1, 2], [3, 4]], [0, 0]) == [0, 0]


@given(arrays(float, (6, 4), elements=numbers), arrays(float, 6, elements=numbers))
def test_no_change_of_a_single_coefficient_helps(matrix, values):
    x = nonnegative_least_squares(matrix, values)
    assert (x >= 0).all()
    gradient = matrix.T @ (values - matrix @ x)
    tolerance = 1e-6 * (1 + np.abs(matrix).max() * np.abs(values).max())
    assert gradient.max() <= tolerance
    assert np.abs(gradient[x > 0]).max(initial=0) <= tolerance
