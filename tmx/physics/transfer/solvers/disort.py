"""Discrete ordinates: modes of N streams, with any phase function, for every order in azimuth.

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

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from tmx.physics.materials import FloatArray
from tmx.physics.transfer.legendre import associated_legendre
from tmx.physics.transfer.modes import Modes
from tmx.physics.transfer.optics import Optics

HAS_STREAMS = True


def modes(optics: Sequence[Optics], streams: int, order: int = 0) -> Modes:
    """Return the stacked modes of media with an even number of streams.

    Parameters
    ----------
    optics : sequence of Optics
        Optical properties of the media.
    streams : int
        Number of streams N: N/2 Gauss nodes in each hemisphere ("double Gauss"). The part χ_N of the phase function is
        taken as unscattered (delta-M).
    order : int
        Order of the term in azimuth, below the number of streams.
    """
    node, weight, legendre = _quadrature(streams, order)
    moments = np.array([medium.phase_moments(streams + 1) for medium in optics])
    albedo = np.array([medium.albedo for medium in optics])
    forward = moments[:, streams]
    scaling = 1.0 - forward * albedo
    degree = np.arange(streams)
    scattered = albedo[:, None] * (moments[:, :streams] - forward[:, None]) / scaling[:, None]
    strength = (2.0 * degree + 1.0) * scattered
    even = (degree + order) % 2 == 0
    shape = np.sqrt(weight / node) * legendre
    absorption = np.diag(1.0 / node) - _scattering(strength, shape, even)
    extinction = np.diag(1.0 / node) - _scattering(strength, shape, ~even)
    lower = np.linalg.cholesky(extinction)
    squared, vectors = np.linalg.eigh(np.swapaxes(lower, 1, 2) @ absorption @ lower)
    to_sum = lower @ vectors
    to_difference = np.linalg.solve(np.swapaxes(lower, 1, 2), vectors)
    hemisphere = np.sqrt(weight * node) if order == 0 else np.zeros_like(node)
    source = (1.0 if order == 0 else 2.0) / (2.0 * np.pi) * strength[:, :, None] * shape
    return Modes(
        scaling=scaling,
        decay=np.sqrt(np.maximum(squared, 0.0)),
        planck=2.0 * hemisphere @ to_difference,
        edge=np.swapaxes(to_sum, 1, 2) @ to_sum,
        surface=hemisphere @ to_sum,
        beam_odd=np.where(even[:, None], 0.0, -source @ to_difference),
        beam_even=np.where(even[:, None], source @ to_sum, 0.0),
    )


def _scattering(strength: FloatArray, shape: FloatArray, degrees: npt.NDArray[np.bool_]) -> FloatArray:
    """Return Σ strength_l shape_l shape_lᵀ over some degrees, for every medium."""
    part = shape[degrees]
    return np.swapaxes(strength[:, degrees, None] * part, 1, 2) @ part


@cache
def _quadrature(streams: int, order: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return nodes and weights on (0, 1), and the polynomials L_l^m up to degree `streams` − 1 there."""
    node, weight = np.polynomial.legendre.leggauss(streams // 2)
    node, weight = 0.5 * (1.0 + node), 0.5 * weight
    return node, weight, associated_legendre(node, streams, order)
