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
"""

from typing import NamedTuple

from tmx.physics.materials import FloatArray


class Modes(NamedTuple):
    """Modes of a medium; n modes, m moments.

    Attributes
    ----------
    scaling : float
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
        p = Σ P_l(μ₀) `beam_odd[l]` and r = Σ P_l(μ₀) `beam_even[l]` with Legendre polynomials P_l [sr⁻¹].
    """

    scaling: float
    decay: FloatArray
    planck: FloatArray
    edge: FloatArray
    surface: FloatArray
    beam_odd: FloatArray
    beam_even: FloatArray
