"""Scattering by grains that lie close together: interference by the static structure factor of hard spheres.

The waves that neighbours scatter are not independent. Where grains are of one size, and fill much of space, their order
takes away forward scattering: less is scattered, and less of it forward.

References
----------
M. S. Wertheim, Phys. Rev. Lett. 10, 321 (1963), doi:10.1103/PhysRevLett.10.321.
M. I. Mishchenko, J. Quant. Spectrosc. Radiat. Transf. 52, 95 (1994), doi:10.1016/0022-4073(94)90142-2.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from tmx.physics.grains.material import ComplexArray, FloatArray

Amplitudes = Callable[[complex, float, FloatArray], tuple[ComplexArray, ComplexArray]]

LARGEST_PACKED_SIZE = 300.0
"""2πr/λ above which angles are too many to integrate over; interference then is within a degree of forward."""

SMALL_ARGUMENT = 2.0
"""Argument below which the structure factor is integrated, since its closed form cancels."""


def structure_factor(argument: FloatArray, packing: float) -> FloatArray:
    """Return the static structure factor of hard spheres in the approximation of Percus and Yevick.

    Parameters
    ----------
    argument : ndarray
        u = q d, of the wavenumber q = 4π sin(θ/2)/λ of the scattering and the diameter d of the spheres [-].
    packing : float
        Part of space that spheres fill, φ [-].

    Notes
    -----
    S = 1/(1 − ρc), −ρc = 24φ ∫₀¹ s² (α + βs + δs³) sin(us)/(us) ds with α = (1 + 2φ)²/(1 − φ)⁴,
    β = −6φ (1 + φ/2)²/(1 − φ)⁴ and δ = φα/2 (Wertheim 1963). At u = 0, S = (1 − φ)⁴/(1 + 2φ)².
    """
    u = np.asarray(argument, dtype=np.float64)
    alpha = (1.0 + 2.0 * packing) ** 2 / (1.0 - packing) ** 4
    beta = -6.0 * packing * (1.0 + 0.5 * packing) ** 2 / (1.0 - packing) ** 4
    coefficients = alpha, beta, 0.5 * packing * alpha
    small = u < SMALL_ARGUMENT
    correlation = np.empty_like(u)
    correlation[small] = _integrated(u[small], *coefficients)
    correlation[~small] = _closed(u[~small], *coefficients)
    return 1.0 / (1.0 + 24.0 * packing * correlation)


def _integrated(u: FloatArray, alpha: float, beta: float, delta: float) -> FloatArray:
    place, weight = np.polynomial.legendre.leggauss(12)
    s, weight = 0.5 * (place + 1.0), 0.5 * weight
    return np.asarray(np.sinc(np.outer(u, s) / np.pi) @ (weight * s**2 * (alpha + s * (beta + s**2 * delta))))


def _closed(u: FloatArray, alpha: float, beta: float, delta: float) -> FloatArray:
    sine, cosine = np.sin(u), np.cos(u)
    first = (sine - u * cosine) / u**3
    second = (2.0 * u * sine + (2.0 - u**2) * cosine - 2.0) / u**4
    third = (-(u**4) * cosine + 4.0 * ((3.0 * u**2 - 6.0) * cosine + (u**3 - 6.0 * u) * sine + 6.0)) / u**6
    return np.asarray(alpha * first + beta * second + delta * third)


def packed(index: complex, size: float, packing: float, amplitudes: Amplitudes) -> tuple[float, float]:
    """Return by what scattering by a sphere is multiplied among its like, and the asymmetry of what remains.

    Parameters
    ----------
    index : complex
        n + ik [-].
    size : float
        2πr/λ [-].
    packing : float
        Part of space that spheres fill [-].
    amplitudes : callable
        Gives S₁ and S₂ of Mie's theory of an index, a size and cosines of angles.

    Notes
    -----
    Gauss and Legendre's rule in the cosine, with as many nodes as make it exact for |S₁|² + |S₂|², a polynomial of
    twice the degree of the series.
    """
    terms = int(size + 4.05 * size ** (1.0 / 3.0) + 2.0)
    cosine, weight = _rule(2 * terms + 8)
    first, second = amplitudes(index, size, cosine)
    alone = weight * (np.abs(first) ** 2 + np.abs(second) ** 2)
    together = alone * structure_factor(4.0 * size * np.sqrt(0.5 * (1.0 - cosine)), packing)
    return float(together.sum() / alone.sum()), float((together @ cosine) / together.sum())


@cache
def _rule(nodes: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(nodes)
