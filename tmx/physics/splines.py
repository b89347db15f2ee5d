"""Cubic splines through evenly spaced values, of which compiled kernels evaluate the pieces."""

from functools import lru_cache

import numpy as np

from tmx.physics.materials import FloatArray


def spline_slopes(values: FloatArray) -> FloatArray:
    """Return the slopes, per spacing, of the spline through values along the first axis.

    The third derivative is continuous at the last points but one ("not a knot"). There are four points or more.
    """
    return _slope_matrix(len(values)) @ values


def spline_pieces(values: FloatArray) -> FloatArray:
    """Return the spline through values at n + 1 points, shape (n + 1, m), as cubics in the fraction of each spacing.

    Returns
    -------
    ndarray, shape (n, 4, m)
        Coefficients, the constant one first.
    """
    slopes, rise = spline_slopes(values), np.diff(values, axis=0)
    start, end = slopes[:-1], slopes[1:]
    return np.stack([values[:-1], start, 3.0 * rise - 2.0 * start - end, start + end - 2.0 * rise], axis=1)


@lru_cache(maxsize=8)
def _slope_matrix(count: int) -> FloatArray:
    """Return the matrix that takes values to slopes."""
    of_slopes, of_values = np.zeros((count, count)), np.zeros((count, count))
    inner = np.arange(1, count - 1)
    of_slopes[inner, inner - 1], of_slopes[inner, inner], of_slopes[inner, inner + 1] = 1.0, 4.0, 1.0
    of_values[inner, inner - 1], of_values[inner, inner + 1] = -3.0, 3.0
    of_slopes[0, :2], of_slopes[-1, -2:] = [1.0, 2.0], [2.0, 1.0]
    of_values[0, :3], of_values[-1, -3:] = [-2.5, 2.0, 0.5], [-0.5, -2.0, 2.5]
    return np.asarray(np.linalg.solve(of_slopes, of_values))
