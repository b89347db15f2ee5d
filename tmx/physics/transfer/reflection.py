"""Sunlight that regolith reflects into a direction.

What was scattered more than once comes from the modes, order by order in azimuth; what was scattered once has a closed
form with the whole phase function, forward peak included, which few streams could not resolve (Nakajima & Tanaka 1988,
the first of their two corrections; the second is about light that goes down). `reflected_radiance` is for one surface,
`reflected_by_many` for facets, each of which has the sun and the observers in directions of its own.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tmx.physics.compiled import kernel, part
from tmx.physics.materials import FloatArray
from tmx.physics.transfer.directions import COSINES, interpolation
from tmx.physics.transfer.exchange import ends_inverse
from tmx.physics.transfer.link import beam_integral, mode_integrals, response_integral
from tmx.physics.transfer.modes import Modes, beam_vectors, view_vectors
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.solvers import Solver
from tmx.physics.transfer.sunbeam import beam_response

NEGLIGIBLE = 1e-7
"""Part of the reflected radiance below which two orders in a row end the series over azimuth."""


def reflected_radiance(
    solver: Solver,
    optics: Sequence[Optics],
    streams: int,
    depth: FloatArray,
    reflectivity: FloatArray,
    views: FloatArray,
    suns: FloatArray,
) -> FloatArray:
    """Return the radiance that a medium under a beam of unit flux reflects into some directions.

    Parameters
    ----------
    solver : Solver
        Solver of radiative transfer.
    optics : sequence of Optics
        Optical properties of the medium in every band.
    streams : int
        Number of streams.
    depth : ndarray, shape (bands,)
        Optical thickness [-].
    reflectivity : ndarray, shape (bands,)
        Lambert reflectivity of what lies below [-].
    views : ndarray, shape (angles, 3)
        Unit vectors to the observers, z up.
    suns : ndarray, shape (t, 3)
        Unit vectors to the sun; nothing is reflected while it is not above the horizon.

    Returns
    -------
    ndarray, shape (bands, angles, t)
        Radiance per unit of flux at normal incidence [sr⁻¹].

    References
    ----------
    Nakajima & Tanaka (1988), J. Quant. Spectrosc. Radiat. Transfer 40, 51, doi:10.1016/0022-4073(88)90031-3.
    """
    radiance = np.zeros((len(optics), len(views), len(suns)))
    up = suns[:, 2] > 0.0
    if not up.any():
        return radiance
    suns = suns[up]
    azimuths = np.arccos(_cos_azimuth(views[:, None], suns))
    mu, mu_sun = views[:, 2], suns[:, 2]
    medium = _Medium(solver, optics, streams, depth, reflectivity)
    lit = _scattered_once(medium, mu[:, None], mu_sun, -views @ suns.T)
    for order, term in _orders(medium, mu, mu_sun, lit.max()):
        lit += term * np.cos(order * azimuths)
    radiance[:, :, up] = lit
    return radiance


def reflected_by_many(
    solver: Solver,
    optics: Sequence[Optics],
    streams: int,
    depth: FloatArray,
    reflectivity: FloatArray,
    views: FloatArray,
    suns: FloatArray,
) -> FloatArray:
    """Return the same as `reflected_radiance` for many surfaces of one medium, which have directions of their own.

    Parameters
    ----------
    solver, optics, streams, depth, reflectivity
        As in `reflected_radiance`.
    views : ndarray, shape (surfaces, angles, 3)
        Unit vectors from every surface to the observers, z along its normal and above 0.
    suns : ndarray, shape (surfaces, t, 3)
        Unit vectors to the sun, of the same kind.

    Returns
    -------
    ndarray, shape (bands, surfaces, angles, t)
        Radiance per unit of flux at normal incidence [sr⁻¹].

    Notes
    -----
    Each order is interpolated between the directions of `directions`, to 1e-5 of the largest radiance. The odd ones
    vanish at the zenith as the sine of the angle does, by which they are divided first.
    """
    medium = _Medium(solver, optics, streams, depth, reflectivity)
    mu, mu_sun = views[:, :, None, 2], suns[:, None, :, 2]
    radiance = _scattered_once(medium, mu, mu_sun, -views @ suns.transpose(0, 2, 1))
    azimuths = np.arccos(_cos_azimuth(views[:, :, None], suns[:, None]))
    sines = np.hypot(views[..., 0], views[..., 1])[:, :, None] * np.hypot(suns[..., 0], suns[..., 1])[:, None]
    seen, lit = interpolation(views[..., 2]), interpolation(suns[..., 2]).transpose(0, 2, 1)
    sine = np.sqrt(1.0 - COSINES**2)
    for order, term in _orders(medium, COSINES, COSINES, radiance.max(initial=0.0)):
        odd = order % 2 == 1
        around = np.cos(order * azimuths) * (sines if odd else 1.0)
        for band, table in enumerate(term / np.outer(sine, sine) if odd else term):
            radiance[band] += around * (seen @ table @ lit)
    return radiance


@dataclass(frozen=True)
class _Medium:
    """A medium under a beam: the first arguments of `reflected_radiance`."""

    solver: Solver
    optics: Sequence[Optics]
    streams: int
    depth: FloatArray
    reflectivity: FloatArray

    @cached_property
    def modes(self) -> Modes:
        """The modes of order 0."""
        return self.solver.modes(self.optics, self.streams)

    @property
    def scaling(self) -> FloatArray:
        """Scaled optical depth over optical depth, shape (bands,) [-]."""
        return np.asarray(self.modes.scaling)


def _orders(
    medium: _Medium, mu: FloatArray, mu_sun: FloatArray, largest_radiance: float
) -> Iterator[tuple[int, FloatArray]]:
    """Give the orders in azimuth of what was scattered more than once, until two in a row are negligible."""
    depth, bottom = medium.scaling * medium.depth, medium.reflectivity
    yield 0, (term := _several_times(medium.modes, 0, depth, bottom, mu, mu_sun))
    largest_radiance += float(term.max())
    last = np.inf
    for order in range(1, medium.streams if medium.solver.HAS_STREAMS else 1):
        modes = medium.solver.modes(medium.optics, medium.streams, order)
        yield order, (term := _several_times(modes, order, depth, np.zeros_like(depth), mu, mu_sun))
        largest = float(np.abs(term).max())
        if max(last, largest) <= NEGLIGIBLE * largest_radiance:
            return
        last = largest


def _cos_azimuth(views: FloatArray, suns: FloatArray) -> FloatArray:
    """Return the cosine of the azimuth between the way that sunlight travels and that to the observers."""
    across = np.hypot(views[..., 0], views[..., 1]) * np.hypot(suns[..., 0], suns[..., 1])
    along = -(views[..., :2] * suns[..., :2]).sum(axis=-1)
    return np.clip(np.divide(along, across, out=np.ones_like(along), where=across > 1e-12), -1.0, 1.0)


def _scattered_once(medium: _Medium, mu: FloatArray, mu_sun: FloatArray, cos_scattering: FloatArray) -> FloatArray:
    """Return the radiance of sunlight that was scattered once, with the whole phase function, shape (bands, ...)."""
    phase = np.array([optics.phase_function(np.clip(cos_scattering, -1.0, 1.0)) for optics in medium.optics])
    by_band = (-1, *(1,) * cos_scattering.ndim)
    albedo = (np.array([optics.albedo for optics in medium.optics]) / medium.scaling).reshape(by_band)
    depth, inverse = (medium.scaling * medium.depth).reshape(by_band), 1.0 / mu_sun
    path = -np.expm1(-depth * (inverse + 1.0 / mu)) / (1.0 + mu * inverse)
    return np.asarray(albedo / (4.0 * np.pi) * phase * path)


def _several_times(
    modes: Modes, order: int, depth: FloatArray, reflectivity: FloatArray, mu: FloatArray, mu_sun: FloatArray
) -> FloatArray:
    """Return one order of the radiance of sunlight that was scattered more than once, or reflected by the bottom."""
    mu, even, odd = map(np.ascontiguousarray, (mu, *view_vectors(modes, mu, order)))
    mu_sun, beam_odd, beam_even = map(np.ascontiguousarray, (mu_sun, *beam_vectors(modes, mu_sun, order)))
    ends = ends_inverse(modes, depth, reflectivity)
    radiance = np.empty((depth.size, mu.size, mu_sun.size))
    _reflect(modes, ends, depth, reflectivity, order == 0, mu, even, odd, mu_sun, beam_odd, beam_even, radiance)
    return radiance


@kernel
def _reflect(modes, ends, depth, reflectivity, diffuse, mu, even, odd, mu_sun, beam_odd, beam_even, radiance):
    """Set the radiance of all bands, angles and suns; only a `diffuse` order sees the bottom."""
    count = modes.decay.shape[1]
    amplitude, slope = np.empty(count), np.empty(count)
    rhs, free = np.empty(2 * count), np.empty(2 * count)
    near, far = np.empty((mu.size, count)), np.empty((mu.size, count))
    for band in range(depth.size):
        total = depth[band]
        decay, surface = modes.decay[band], modes.surface[band]
        mirror = 2.0 * reflectivity[band] / (1.0 + reflectivity[band])
        for angle in range(mu.size):
            y = total / mu[angle]
            for j in range(count):
                fade, eta, zeta = math.exp(-decay[j] * total), even[band, angle, j], odd[band, angle, j]
                near[angle, j], far[angle, j] = mode_integrals(decay[j], total, y, fade, math.exp(-y), eta, zeta)
        for sun in range(mu_sun.size):
            inverse = 1.0 / mu_sun[sun]
            for j in range(count):
                k, p, r = decay[j], beam_odd[band, sun, j], beam_even[band, sun, j]
                amplitude[j] = (p * inverse - r) / (inverse + k)
                slope[j] = (r + k * p) / (inverse + k)
            transmitted = math.exp(-total * inverse)
            sent = 0.5 * mirror * mu_sun[sun] * transmitted / math.pi if diffuse else 0.0
            _meet_ends(modes.edge[band], decay, surface, amplitude, slope, mirror, sent, inverse, total, rhs)
            for i in range(2 * count):
                free[i] = 0.0
                for j in range(2 * count):
                    free[i] += ends[band, i, j] * rhs[j]
            for angle in range(mu.size):
                cosine = mu[angle]
                clear = math.exp(-total / cosine)
                both = beam_integral(inverse, total, cosine)
                seen = clear * sent
                for j in range(count):
                    k, eta, zeta = decay[j], even[band, angle, j], odd[band, angle, j]
                    response = response_integral(k, inverse, total, cosine)
                    seen += free[j] * near[angle, j] + free[count + j] * far[angle, j]
                    seen += amplitude[j] * (eta - zeta * k) * response + zeta * slope[j] * both
                    at_bottom = free[count + j] + amplitude[j] * beam_response(k, inverse, total)
                    seen += clear * mirror * surface[j] * at_bottom
                radiance[band, angle, sun] = seen


@part
def _meet_ends(edge, decay, surface, amplitude, slope, mirror, sent, inverse, total, rhs):
    """Set what the beam leaves over at the two ends: the right-hand side of the system of `exchange.ends_inverse`."""
    count = decay.size
    transmitted = math.exp(-total * inverse)
    through = 0.0
    for j in range(count):
        through += surface[j] * amplitude[j] * beam_response(decay[j], inverse, total)
    for j in range(count):
        response = beam_response(decay[j], inverse, total)
        rhs[j] = slope[j]
        rhs[count + j] = 2.0 * surface[j] * (sent + mirror * through)
        rhs[count + j] += decay[j] * amplitude[j] * response - slope[j] * transmitted
        for i in range(count):
            rhs[count + j] -= edge[j, i] * amplitude[i] * beam_response(decay[i], inverse, total)
