"""Discrete ordinates: modes of N streams, with any phase function, azimuthally averaged.

The equations for sums and differences of the upward and downward radiance are made symmetric, so that one
Cholesky factor and one symmetric eigenproblem of half the number of streams give all modes, real and stable up to
conservative scattering.

References
----------
Stamnes, Tsay, Wiscombe & Jayaweera (1988), Appl. Opt. 27, 2502, doi:10.1364/AO.27.002502.
Nakajima & Tanaka (1986), J. Quant. Spectrosc. Radiat. Transfer 35, 13, doi:10.1016/0022-4073(86)90088-9: the symmetric
form.
Wiscombe (1977), J. Atmos. Sci. 34, 1408, doi:10.1175/1520-0469(1977)034<1408:TDMRYA>2.0.CO;2: delta-M.
"""

from functools import cache

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.transfer.modes import Modes
from tmx.physics.transfer.optics import Optics

HAS_STREAMS = True


def modes(optics: Optics, streams: int) -> Modes:
    """Return the modes of a medium with an even number of streams.

    Parameters
    ----------
    optics : Optics
        Optical properties.
    streams : int
        Number of streams N: N/2 Gauss nodes in each hemisphere ("double Gauss"). The part χ_N of the phase function is
        taken as unscattered (delta-M).
    """
    node, weight, legendre = _quadrature(streams)
    moments = optics.phase_moments(streams + 1)
    forward = moments[streams]
    scaling = 1.0 - forward * optics.albedo
    albedo = optics.albedo * (1.0 - forward) / scaling
    degree = np.arange(streams)
    strength = albedo * (2.0 * degree + 1.0) * (moments[:streams] - forward) / (1.0 - forward)
    even, odd = degree % 2 == 0, degree % 2 == 1
    shape = np.sqrt(weight / node) * legendre
    absorption = np.diag(1.0 / node) - (shape[even].T * strength[even]) @ shape[even]
    extinction = np.diag(1.0 / node) - (shape[odd].T * strength[odd]) @ shape[odd]
    lower = np.linalg.cholesky(extinction)
    squared, vectors = np.linalg.eigh(lower.T @ absorption @ lower)
    to_sum = lower @ vectors
    to_difference = np.linalg.solve(lower.T, vectors)
    hemisphere = np.sqrt(weight * node)
    source = strength[:, None] * shape / (2.0 * np.pi)
    return Modes(
        scaling=scaling,
        decay=np.sqrt(np.maximum(squared, 0.0)),
        planck=2.0 * to_difference.T @ hemisphere,
        edge=to_sum.T @ to_sum,
        surface=to_sum.T @ hemisphere,
        beam_odd=np.where(odd[:, None], -source @ to_difference, 0.0),
        beam_even=np.where(even[:, None], source @ to_sum, 0.0),
    )


@cache
def _quadrature(streams: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1), and the Legendre polynomials up to degree `streams` − 1 there."""
    node, weight = np.polynomial.legendre.leggauss(streams // 2)
    node, weight = 0.5 * (1.0 + node), 0.5 * weight
    return node, weight, np.asarray(np.polynomial.legendre.legvander(node, streams - 1).T, dtype=np.float64)
