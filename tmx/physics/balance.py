"""The steady balance of a column whose forcing does not change."""

import numpy as np

from tmx.physics.energy import newton_change
from tmx.physics.materials import FloatArray
from tmx.physics.periodic import Site

LEAST_RATIO, LARGEST_RATIO = 0.5, 2.0
"""How far a temperature may move in one iteration, as a factor."""


def steady_state(site: Site, sunlight: FloatArray, guess: float) -> FloatArray:
    """Find the temperatures at which no node gains heat, by Newton's method.

    Parameters
    ----------
    site : Site
        The column, n nodes; emission grows as T⁴ and conduction as T + B T⁴/4, both convex, so that the iteration
        approaches the only solution from above.
    sunlight : ndarray, shape (n,)
        Sunlight that the nodes absorb [W m⁻²].
    guess : float
        Temperature to begin with [K].

    Returns
    -------
    ndarray, shape (n,)
        Temperatures [K].
    """
    temperature = np.full(site.column.depth.size, guess)
    for _ in range(500):
        change, _ = newton_change(site.column, site.radiation, sunlight, temperature)
        temperature = np.clip(temperature + change, LEAST_RATIO * temperature, LARGEST_RATIO * temperature)
        if np.abs(change).max() <= 1e-12 * temperature.max():
            break
    return temperature
