"""Meshes of grids of heights: measured ones, and random surfaces of a given slope."""

import math

import numpy as np

from tmx.physics.roughness.mesh import FloatArray, IntArray, Mesh

CORRELATION = 1.0 / 6.0
"""Distance at which heights of a random surface correlate by 1/e, over the length of its cell [-]."""

HIGHEST_WAVE = 8
"""Waves per cell along either axis, at most: faster ones have 1e-4 of the amplitude of the slowest."""

STEEPEST = 1.2
"""Root mean square slope above which almost all of a random surface is walls [rad]."""


def height_mesh(heights: FloatArray, spacing: tuple[float, float] = (1.0, 1.0)) -> Mesh:
    """Make a mesh of heights on a rectangular grid: two triangles per cell, whose diagonals alternate.

    Parameters
    ----------
    heights : ndarray, shape (rows, columns)
        Heights; rows go from north to south, columns from west to east.
    spacing : tuple of float
        Distances between rows and between columns, in the unit of the heights.

    Raises
    ------
    ValueError
        If there are fewer than two rows or columns, a height is not finite, or a spacing not positive.
    """
    heights = np.asarray(heights, dtype=np.float64)
    if heights.ndim != 2 or min(heights.shape) < 2:
        raise ValueError(f"heights of shape {heights.shape}: at least 2 rows and 2 columns are needed")
    if not np.isfinite(heights).all():
        row, column = np.argwhere(~np.isfinite(heights))[0]
        raise ValueError(f"row {row}, column {column}: the height is {heights[row, column]}, and must be finite")
    if not all(0.0 < step < math.inf for step in spacing):
        raise ValueError(f"spacing {spacing}: must be positive")
    rows, columns = heights.shape
    x, y = np.meshgrid(spacing[0] * np.arange(rows), spacing[1] * np.arange(columns), indexing="ij")
    return Mesh(np.stack([x, y, heights], axis=2).reshape(-1, 3), _grid_faces(rows, columns))


def _grid_faces(rows: int, columns: int) -> IntArray:
    row, column = (index.ravel() for index in np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij"))
    corner = row * columns + column
    north_west, south_west, south_east, north_east = corner, corner + columns, corner + columns + 1, corner + 1
    one = np.stack([north_west, south_west, south_east, north_west, south_east, north_east], axis=1)
    other = np.stack([north_west, south_west, north_east, south_west, south_east, north_east], axis=1)
    return np.where(((row + column) % 2 == 0)[:, None], one, other).reshape(-1, 3)


def gaussian_mesh(rms_slope: float, facets: int, seed: int) -> Mesh:
    """Make a random surface with Gaussian heights and correlation, in a cell of 1 by 1 that repeats.

    Parameters
    ----------
    rms_slope : float
        Root mean square slope of its facets, by projected area (`Mesh.rms_slope`) [rad].
    facets : int
        Wanted number of facets; the nearest 2 n² with n of 4 or more is made.
    seed : int
        Which surface, not negative. The same seed gives the same surface with more facets, but for the last percents
        of its amplitude, which give the facets the slope.

    Raises
    ------
    ValueError
        If the slope or the seed is out of range.
    """
    if not 0.0 < rms_slope <= STEEPEST:
        raise ValueError(f"RMS slope {rms_slope} rad: must be above 0 and at most {STEEPEST}")
    if seed < 0:
        raise ValueError(f"seed {seed}: must not be negative")
    from scipy.optimize import brentq  # slow to load, and most surfaces do without

    side = _grid_side(facets)
    shape = _random_heights(side, seed)

    def scaled(amplitude: float) -> Mesh:
        return height_mesh(amplitude * shape, (1.0 / side, 1.0 / side))

    steepest = 10.0 * math.tan(rms_slope) / math.tan(scaled(1.0).rms_slope)
    return scaled(brentq(lambda amplitude: scaled(amplitude).rms_slope - rms_slope, 0.0, steepest, xtol=1e-14))


def nearest_grid_facets(facets: int) -> int:
    """Return the number of facets that a random surface can have, 2 n², nearest to a wanted one."""
    return 2 * _grid_side(facets) ** 2


def _grid_side(facets: int) -> int:
    return max(4, round(math.sqrt(facets / 2.0)))


def _random_heights(side: int, seed: int) -> FloatArray:
    """Return heights at side + 1 by side + 1 points of a cell, as a sum of waves that does not depend on the points."""
    wave = np.arange(-HIGHEST_WAVE, HIGHEST_WAVE + 1)
    square = wave[:, None] ** 2 + wave[None, :] ** 2
    amplitude = np.exp(-0.125 * (2.0 * math.pi * CORRELATION) ** 2 * square)
    real, imaginary = np.random.default_rng([seed, 0]).standard_normal((2, *square.shape))
    phase = np.exp(2j * math.pi * np.outer(np.arange(side + 1) / side, wave))
    heights: FloatArray = (phase @ (amplitude * (real + 1j * imaginary)) @ phase.T).real
    heights[-1], heights[:, -1] = heights[0], heights[:, 0]
    return heights - heights.mean()
