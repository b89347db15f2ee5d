"""Where sunlight is absorbed in a column, as a function of the sun's height.

The direct beam has a particular solution that is free of resonances; what it leaves at the two ends is a sum of the two
solutions without a source. Nothing needs a linear system per sun angle.
"""

import math

import numpy as np

from tmx.physics.compiled import kernel
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.exchange import THIN, bottom_matrix, ends_inverse
from tmx.physics.transfer.modes import Modes


def absorbed_beam(
    modes: Modes, boundaries: FloatArray, reflectivity: float, cos_incidence: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return where a beam of sunlight is absorbed, and how much is not.

    Parameters
    ----------
    modes : Modes
        Modes of the medium in the band of the beam; n modes.
    boundaries : ndarray, shape (cells + 1,)
        Optical depth of the edges of the cells, from 0 to that of the bottom [-].
    reflectivity : float
        Lambert reflectivity of the bottom [-].
    cos_incidence : ndarray, shape (angles,)
        Cosines μ₀ of the incidence angle, above 0 [-].

    Returns
    -------
    absorbed : ndarray, shape (angles, cells + 1)
        Part of the flux at normal incidence that each cell, and last the bottom, absorbs per unit of μ₀ [-].
    albedo : ndarray, shape (angles,)
        Part of the incident flux that leaves the surface again (plane albedo) [-].
    """
    depth = modes.scaling * boundaries
    bottom = bottom_matrix(modes, reflectivity)
    legendre = np.polynomial.legendre.legvander(cos_incidence, len(modes.beam_odd) - 1)
    odd, even = legendre @ modes.beam_odd, legendre @ modes.beam_even
    ends = ends_inverse(modes, depth[-1], reflectivity)
    reflected = 2.0 * reflectivity / (1.0 + reflectivity) / np.pi * modes.surface
    absorbed = np.empty((cos_incidence.size, depth.size))
    for i, mu in enumerate(cos_incidence):
        _absorb(modes, ends, bottom, reflected, depth, odd[i], even[i], mu, absorbed[i])
    return absorbed / cos_incidence[:, None], 1.0 - absorbed.sum(axis=1) / cos_incidence


@kernel
def _absorb(modes, ends, bottom, reflected, depth, odd, even, mu, absorbed):
    """Set `absorbed` to the power absorbed by each cell and by the bottom, of a beam of unit flux."""
    count, last = modes.decay.size, depth.size - 1
    total = depth[last]
    inverse = 1.0 / mu
    amplitude, slope = np.empty(count), np.empty(count)
    rhs = np.empty(2 * count)
    transmitted = math.exp(-total * inverse)
    for j in range(count):
        k = modes.decay[j]
        amplitude[j] = (odd[j] * inverse - even[j]) / (inverse + k)
        slope[j] = (even[j] + k * odd[j]) / (inverse + k)
    for j in range(count):
        rhs[j] = slope[j]
        at_bottom = beam_response(modes.decay[j], inverse, total)
        rhs[count + j] = (
            reflected[j] * mu * transmitted + modes.decay[j] * amplitude[j] * at_bottom - slope[j] * transmitted
        )
        for i in range(count):
            rhs[count + j] -= bottom[j, i] * amplitude[i] * beam_response(modes.decay[i], inverse, total)
    above = 0.0
    for cell in range(last + 1):
        tau = depth[cell]
        downward = mu * math.exp(-tau * inverse)
        for j in range(count):
            k = modes.decay[j]
            b = slope[j] * math.exp(-tau * inverse) - k * amplitude[j] * beam_response(k, inverse, tau)
            from_top, from_bottom = 0.0, 0.0
            for i in range(2 * count):
                from_top += ends[j, i] * rhs[i]
                from_bottom += ends[count + j, i] * rhs[i]
            b += from_bottom * _end_slope(k, total, total - tau) - from_top * _end_slope(k, total, tau)
            downward -= math.pi * modes.planck[j] * b
        if cell > 0:
            absorbed[cell - 1] = above - downward
        above = downward
    absorbed[last] = above


@kernel
def beam_response(decay, inverse, tau):
    """Return (e^{−τ/μ₀} − e^{−kτ}) / (1/μ₀ − k), which is −τ e^{−kτ} at resonance; stable on either side of it."""
    apart = abs(inverse - decay)
    slower = math.exp(-min(inverse, decay) * tau)
    if apart * tau < 1e-12:
        return -tau * slower
    return slower * math.expm1(-apart * tau) / apart


@kernel
def _end_slope(decay, total, depth):
    """Return k cosh k(τ* − τ) / sinh kτ*, minus the slope of the solution that is 1 at depth 0 and 0 at τ*."""
    x = decay * total
    if x < THIN:
        return 1.0 / total
    fade = math.exp(-2.0 * decay * (total - depth))
    return -decay * math.exp(-decay * depth) * (1.0 + fade) / math.expm1(-2.0 * x)
