"""The modes of a medium whose single-scattering albedo and phase function do not vary with depth.

Every solver of radiative transfer gives `Modes`; everything else is built on them. In such a medium the radiation
field is a sum of a few modes that do not know of one another inside it, and meet only at its two ends.

With τ the scaled optical depth (downward), B the Planck radiance and e^{−τ/μ₀} a beam of unit flux, the amplitudes a
and b of a mode of decay rate k follow

    a' = b − p e^{−τ/μ₀},    b' = k² (a − β B) − r e^{−τ/μ₀},

the net upward flux is π β·b, and the boundaries are

    top:     b = M a − 2 I↓ x,    bottom:    b = −(M − 4 R/(1+R) x xᵀ) a + 2 x ((1−R) B_g + R μ₀ e^{−τ/μ₀}/π)/(1+R),

with I↓ the isotropic radiance from above, R the Lambert reflectivity of what lies below and B_g its Planck radiance.
All is regular at k = 0, that is, without absorption.

In the direction μ upward, the source function of what was scattered more than once or emitted is
(1 − ω) B + η·a + ζ·b. Since light may go either way, η and ζ follow from the vectors of a beam from there:
(2 − δ_m0) η(μ) = π r(μ) and (2 − δ_m0) ζ(μ) = −π p(μ). Where radiation depends on azimuth, all this holds for each term
cos mΔφ of order m by itself; only order 0 has emission, isotropic radiance from above and a bottom that reflects.
"""

from typing import NamedTuple

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.transfer.legendre import associated_legendre


class Modes(NamedTuple):
    """Modes of a medium; n modes, m moments. Stacked, for many media, every array has one more dimension in front.

    Attributes
    ----------
    scaling : float, or ndarray, shape (media,)
        Scaled optical depth over optical depth, 1 − f ω with f the part of scattering that counts as not scattered [-].
    decay : ndarray, shape (n,)
        Decay rates k per unit of scaled optical depth [-].
    planck : ndarray, shape (n,)
        β: the amplitude of the modes in a medium at radiative equilibrium with B = 1 [-].
    edge : ndarray, shape (n, n)
        M of the boundary conditions [-].
    surface : ndarray, shape (n,)
        x of the boundary conditions; M β = 2 x, β·x = 1 [-].
    beam_odd, beam_even : ndarray, shape (m, n)
        p = Σ L_l(μ₀) `beam_odd[l]` and r = Σ L_l(μ₀) `beam_even[l]` with L_l of `associated_legendre` [sr⁻¹].
    """

    scaling: float | FloatArray
    decay: FloatArray
    planck: FloatArray
    edge: FloatArray
    surface: FloatArray
    beam_odd: FloatArray
    beam_even: FloatArray


def one_of(stacked: Modes, place: int) -> Modes:
    """Return the modes of one medium of many."""
    return Modes(*(np.asarray(part)[place] for part in stacked))


def beam_vectors(modes: Modes, cosine: FloatArray, order: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return p and r of beams.

    Parameters
    ----------
    modes : Modes
        Stacked modes.
    cosine : ndarray, shape (angles,)
        Cosines of the incidence angle [-].
    order : int
        Order of the modes.

    Returns
    -------
    odd, even : ndarray, shape (media, angles, n)
    """
    legendre = associated_legendre(cosine, modes.beam_odd.shape[-2], order)
    odd, even = (np.einsum("la,mln->man", legendre, vectors) for vectors in (modes.beam_odd, modes.beam_even))
    return odd, even


def view_vectors(modes: Modes, cosine: FloatArray, order: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return η and ζ of directions upward, as `beam_vectors` returns p and r."""
    odd, even = beam_vectors(modes, cosine, order)
    once = np.pi if order == 0 else 0.5 * np.pi
    return once * even, -once * odd
