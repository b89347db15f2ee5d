"""Associated Legendre polynomials, normalised so that the phase function takes its simplest form.

With L_l^m = √((l−m)!/(l+m)!) P_l^m, the addition theorem reads P_l(cos Θ) = Σ_m (2 − δ_m0) L_l^m(μ) L_l^m(μ') cos mΔφ.
"""

import numpy as np

from tmx.physics.materials import FloatArray


def associated_legendre(cosine: FloatArray, count: int, order: int) -> FloatArray:
    """Return L_l^m at cosines for l = 0 to `count` − 1, zero where l < m.

    Parameters
    ----------
    cosine : ndarray, shape (points,)
        Cosines μ, −1 to 1 [-].
    count : int
        Number of degrees.
    order : int
        Order m.

    Returns
    -------
    ndarray, shape (count, points)

    Notes
    -----
    By √(l² − m²) L_l = (2l − 1) μ L_{l−1} − √((l−1)² − m²) L_{l−2}, which is stable towards higher degrees.
    The sign (−1)^m is left out: only products of two of one order are ever taken.
    """
    values = np.zeros((count, cosine.size))
    if order >= count:
        return values
    k = np.arange(1, order + 1)
    values[order] = np.sqrt(np.prod((2.0 * k - 1.0) / (2.0 * k))) * (1.0 - cosine**2) ** (0.5 * order)
    for degree in range(order + 1, count):
        before = np.sqrt((degree - 1.0) ** 2 - order**2) * values[degree - 2] if degree > order + 1 else 0.0
        values[degree] = ((2.0 * degree - 1.0) * cosine * values[degree - 1] - before) / np.sqrt(degree**2 - order**2)
    return values
