"""Directions for which regolith is solved, so that what it does in any other follows by interpolation.

Every facet of a rough surface is seen, and lit, at an angle of its own. What regolith sends into a direction is smooth
in √μ, also where it grazes the surface; so it is known from the polynomial through the nodes of Gauss, whose weights
give its means over the hemisphere.
"""

import numpy as np

from tmx.physics.materials import FloatArray

ANGLES = 24
"""Directions of the table."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(ANGLES)

_BARYCENTRIC = np.sqrt((1.0 - _NODES**2) * _WEIGHTS) * (-1.0) ** np.arange(ANGLES)

COSINES = (0.5 * (1.0 + _NODES)) ** 2
"""Cosines μ of the directions, shape (ANGLES,)."""

HEMISPHERE = _WEIGHTS * (1.0 + _NODES) * COSINES
"""Weights with which values at `COSINES` make the mean over isotropic light, ∫ f 2μ dμ."""


def interpolation(cosine: FloatArray) -> FloatArray:
    """Return the weights with which values at `COSINES` make those at other directions.

    Parameters
    ----------
    cosine : ndarray, shape (...,)
        Cosines μ, from 0 to 1 [-].

    Returns
    -------
    ndarray, shape (..., ANGLES)

    References
    ----------
    Wang, Huybrechs & Vandewalle (2014), Math. Comp. 83, 2893, doi:10.1090/S0025-5718-2014-02821-4: the barycentric
    weights of the nodes of Gauss.
    """
    apart = 2.0 * np.sqrt(cosine)[..., None] - 1.0 - _NODES
    apart[apart == 0.0] = np.finfo(np.float64).tiny
    weights = _BARYCENTRIC / apart
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
