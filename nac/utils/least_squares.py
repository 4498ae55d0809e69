"""Least squares with coefficients that are not negative (Lawson and Hanson, 1974, chapter 23)."""

import numpy as np

TOLERANCE = 1e-10
"""Gradients below this share of the largest one at the start count as zero."""


def nonnegative_least_squares(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the x >= 0 for which ``matrix @ x`` is nearest to the values.

    Coefficients join one after the other, always that which helps most. One that becomes negative
    by that leaves again.

    Args:
        matrix: Numbers of shape (values, coefficients).
        values: Numbers of shape (values,).

    Example:
    >>> nonnegative_least_squares(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([2.0, -3.0]))
    array([2., 0.])
    """
    x = np.zeros(matrix.shape[1])
    positive = np.zeros(matrix.shape[1], bool)
    smallest = TOLERANCE * np.abs(matrix.T @ values).max(initial=0.0)
    for _ in range(3 * len(x)):  # enough by experience; each round comes nearer
        gradient = np.where(positive, 0.0, matrix.T @ (values - matrix @ x))
        if gradient.max(initial=0.0) <= smallest:
            break
        positive[np.argmax(gradient)] = True
        x = _without_negative_ones(matrix, values, x, positive)
    return x


def _without_negative_ones(
    matrix: np.ndarray, values: np.ndarray, x: np.ndarray, positive: np.ndarray
) -> np.ndarray:
    """Return the solution for the coefficients that are ``positive``, which may become fewer."""
    while True:
        solution = np.zeros_like(x)
        solution[positive] = np.linalg.lstsq(matrix[:, positive], values, rcond=None)[0]
        negative = positive & (solution <= 0.0)
        if not negative.any():
            return solution
        # Go towards the solution until the first coefficient is zero.
        share = (x[negative] / (x[negative] - solution[negative])).min()
        x = x + share * (solution - x)
        positive &= x > 0.0
        x[~positive] = 0.0
