"""Effective refractive indices of grains that are mixtures on a scale far below the wavelength.

All rules are for the dielectric function ε = m², and are exact for what they describe only while inclusions are small
against the wavelength inside them.

References
----------
C. F. Bohren & D. R. Huffman, Absorption and Scattering of Light by Small Particles, Wiley (1983), sections 5.4 and 8.5,
doi:10.1002/9783527618156.
D. A. G. Bruggeman, Ann. Phys. 416, 636 (1935), doi:10.1002/andp.19354160705.
J. C. Maxwell Garnett, Phil. Trans. R. Soc. A 203, 385 (1904), doi:10.1098/rsta.1904.0024.
"""

import numpy as np

from tmx.physics.grains.material import ComplexArray, FloatArray

ITERATIONS = 2000
"""Iterations before Bruggeman's rule gives up; near percolation of strong contrasts some hundred are needed."""

TOLERANCE = 1e-12
"""Relative change of ε at which the iteration ends."""


def maxwell_garnett(matrix: ComplexArray, inclusions: ComplexArray, fractions: FloatArray) -> ComplexArray:
    """Return the index of spheres of several kinds embedded in a matrix.

    Parameters
    ----------
    matrix : ndarray, shape (w,)
        Index of the matrix [-].
    inclusions : ndarray, shape (kinds, w)
        Indices of the inclusions; axes of a crystal, in grains oriented at random, are kinds of their own [-].
    fractions : ndarray, shape (kinds,)
        Their parts of the volume; the matrix is the rest [-].

    Notes
    -----
    ε = ε_m (1 + 2S)/(1 − S) with S = Σ f (ε_i − ε_m)/(ε_i + 2ε_m): Bohren & Huffman (1983), eq. 8.50, for several
    kinds of inclusions.
    """
    around, inside = matrix**2, inclusions**2
    filled = np.einsum("k,kw->w", fractions, (inside - around) / (inside + 2.0 * around))
    return _index(around * (1.0 + 2.0 * filled) / (1.0 - filled))


def coated(core: ComplexArray, shell: ComplexArray, shell_fraction: float) -> ComplexArray:
    """Return the index of a homogeneous sphere that is polarised as one of a core in a shell is.

    Parameters
    ----------
    core, shell : ndarray, shape (w,)
        Indices [-].
    shell_fraction : float
        Part of the grain's volume that is shell [-].

    Notes
    -----
    Exact where the whole grain is small against the wavelength (Bohren & Huffman 1983, eq. 5.36), where it is Maxwell
    Garnett's rule with one inclusion. For larger grains it lets the wave see the mean of both, not a surface layer.
    """
    return maxwell_garnett(shell, core[None, :], np.array([1.0 - shell_fraction]))


def bruggeman(kinds: ComplexArray, fractions: FloatArray) -> ComplexArray:
    """Return the index of an aggregate of kinds of which none is the matrix.

    Parameters
    ----------
    kinds : ndarray, shape (kinds, w)
        Indices; axes of a crystal are kinds of their own, as in a polycrystal [-].
    fractions : ndarray, shape (kinds,)
        Their parts of the volume, which add up to 1 [-].

    Raises
    ------
    ArithmeticError
        If the iteration does not end, which no passive kinds are known to do.

    Notes
    -----
    Σ f (ε_i − ε)/(ε_i + 2ε) = 0 (Bohren & Huffman 1983, eq. 8.51). The fixed-point iteration
    ε ← Σ f ε_i/(ε_i + 2ε) / Σ f/(ε_i + 2ε) starts from the volume mean and, with passive kinds, stays in the half
    plane of passive media, so it cannot end on the unphysical root that a polynomial solver would have to be kept from.
    """
    inside = kinds**2
    mixed = np.einsum("k,kw->w", fractions, inside)
    for _ in range(ITERATIONS):
        weight = fractions[:, None] / (inside + 2.0 * mixed)
        following = (weight * inside).sum(axis=0) / weight.sum(axis=0)
        change = np.max(np.abs(following - mixed) / np.abs(following))
        mixed = following
        if change < TOLERANCE:
            return _index(mixed)
    raise ArithmeticError(f"Bruggeman's rule: still {change:.1e} off after {ITERATIONS} iterations")


def _index(dielectric: ComplexArray) -> ComplexArray:
    return np.asarray(np.sqrt(dielectric.real + 1j * np.maximum(dielectric.imag, 0.0)))
