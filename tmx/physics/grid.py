"""Cells of a layered column: edges that grow geometrically from one end or both, and their bisection.

A geometric grid is a smooth map of an even one, so the finite-volume scheme keeps second order on it. `bisect` halves
every cell in the same map: solutions on a grid and on its bisection differ by a known multiple of the grid's error.
"""

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def geometric_edges(thickness: float, first: float, ratio: float) -> FloatArray:
    """Return the edges [m] of cells that start near a first thickness and grow by a constant ratio.

    Parameters
    ----------
    thickness : float
        Total thickness of the layer [m].
    first : float
        Largest thickness of the first cell [m].
    ratio : float
        Thickness of a cell over that of the cell above, at least 1 [-].

    Returns
    -------
    ndarray, shape (n + 1,)
        Edges from 0 to `thickness`.
    """
    if first >= thickness:
        return np.array([0.0, thickness])
    growth = ratio - 1.0
    if growth < 1e-12:
        return np.linspace(0.0, thickness, math.ceil(thickness / first - 1e-9) + 1)
    count = math.ceil(math.log1p(growth * thickness / first) / math.log(ratio) - 1e-9)
    powers = np.expm1(math.log(ratio) * np.arange(count + 1))
    return thickness * powers / powers[-1]


def two_sided_edges(thickness: float, first: float, last: float, ratio: float) -> FloatArray:
    """Return the edges [m] of cells that are thin at both ends and grow towards the middle by a constant ratio.

    Parameters
    ----------
    thickness : float
        Total thickness of the layer [m].
    first, last : float
        Largest thickness of the first and of the last cell [m].
    ratio : float
        Thickness of a cell over that of its neighbour towards the end, at least 1 [-].

    Returns
    -------
    ndarray, shape (n + 1,)
        Edges from 0 to `thickness`.
    """
    top, bottom = [first], [last]
    while sum(top) + sum(bottom) < thickness:
        thinner = top if top[-1] <= bottom[-1] else bottom
        thinner.append(ratio * thinner[-1])
    edges = np.concatenate([[0.0], np.cumsum([*top, *reversed(bottom)])])
    return edges * (thickness / edges[-1])


def bisect(edges: FloatArray) -> FloatArray:
    """Split every cell of one layer in two, along the geometric growth of its neighbours.

    Parameters
    ----------
    edges : ndarray, shape (n + 1,)
        Edges of the layer's cells [m], evenly spaced or growing geometrically.

    Returns
    -------
    ndarray, shape (2 n + 1,)
    """
    widths = np.diff(edges)
    growth = np.gradient(np.log(widths)) if len(widths) > 1 else np.zeros(1)
    fine = np.empty(2 * len(widths) + 1)
    fine[::2] = edges
    fine[1::2] = edges[:-1] + widths / (1.0 + np.exp(0.5 * growth))
    return fine
