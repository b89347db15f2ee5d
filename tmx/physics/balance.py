"""The steady balance of a column whose forcing does not change."""

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.site import Ground

LEAST_RATIO, LARGEST_RATIO = 0.5, 2.0
"""How far a temperature may move in one iteration, as a factor."""


def steady_state(ground: Ground, sunlight: FloatArray, guess: float) -> FloatArray:
    """Find the temperatures at which no node gains heat, by Newton's method.

    Parameters
    ----------
    ground : Ground
        The surface; emission grows as T⁴ and conduction as T + B T⁴/4, both convex, so that the iteration approaches
        the only solution from above.
    sunlight : ndarray
        Sunlight, in the form that the ground's `newton_change` takes [W m⁻²].
    guess : float
        Temperature to begin with [K].

    Returns
    -------
    ndarray
        State of the ground [K].
    """
    temperature = ground.even(guess)
    for _ in range(500):
        change = ground.newton_change(sunlight, temperature).change
        temperature = np.clip(temperature + change, LEAST_RATIO * temperature, LARGEST_RATIO * temperature)
        if np.abs(change).max() <= 1e-12 * temperature.max():
            break
    return temperature
