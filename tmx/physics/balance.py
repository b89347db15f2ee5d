"""The steady balance of a column whose forcing does not change."""

import numpy as np

from tmx.physics.column import Column
from tmx.physics.conduction import heat_rates, negative_jacobian
from tmx.physics.constants import STEFAN_BOLTZMANN
from tmx.physics.materials import FloatArray
from tmx.physics.tridiagonal import factorise, substitute


def steady_state(column: Column, sunlight: float) -> FloatArray:
    """Find the temperatures at which no node gains heat, by Newton's method.

    Parameters
    ----------
    column : Column
        The column, n nodes; emission grows as T⁴ and conduction as T + B T⁴/4, both convex, so that the iteration
        approaches the only solution from above.
    sunlight : float
        Sunlight that the surface absorbs [W m⁻²].

    Returns
    -------
    ndarray, shape (n,)
        Temperatures [K].
    """
    source = sunlight + column.downwelling + column.bottom_flux
    radiating = (source / (column.emissivity * STEFAN_BOLTZMANN)) ** 0.25
    temperature = np.full(column.depth.size, max(radiating, column.bottom_temperature))
    lower, diagonal, upper, change = (np.zeros_like(temperature) for _ in range(4))
    for _ in range(200):
        heat_rates(column, sunlight, temperature, change)
        negative_jacobian(column, temperature, lower, diagonal, upper)
        factorise(lower, diagonal, upper)
        substitute(lower, diagonal, upper, change)
        temperature += change
        if np.abs(change).max() <= 1e-12 * temperature.max():
            break
    return temperature
