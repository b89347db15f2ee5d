"""Spectra of regolith that radiation goes through, from temperatures that are known.

`emitted` gives its thermal radiance in every band and direction, with what fewer streams and a coarser grid would have
given, `reflected` that of sunlight. `emission_tables` and `reflectance_table` are for facets of rough surfaces, each of
which is seen at an angle of its own: they have the directions of `tmx.physics.transfer.directions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.physics.materials import FloatArray
from tmx.physics.planck import band_radiances, weighted_band_radiances
from tmx.physics.transfer.directions import COSINES
from tmx.physics.transfer.emission import emission_weights
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.reflection import reflected_by_many, reflected_radiance
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand


@dataclass(frozen=True)
class Emission:
    """Thermal radiance of regolith, and of the same regolith solved less well [W m⁻² sr⁻¹].

    Attributes
    ----------
    radiance : ndarray, shape (bands, angles, t)
        Radiance of the bands.
    coarser : ndarray, shape (bands, angles, t)
        The same with every second node left out: the scheme is of second order, so that a third of the difference is
        the error of the grid.
    fewer : ndarray, shape (bands, angles, t), or None
        The same with half as many streams; none where there are no streams, or two.
    """

    radiance: FloatArray
    coarser: FloatArray
    fewer: FloatArray | None


def emitted(regolith: Regolith, depth: FloatArray, temperature: FloatArray, cos_emission: FloatArray) -> Emission:
    """Return the thermal radiance of regolith.

    Parameters
    ----------
    regolith : Regolith
        The medium; its thermal bands adjoin one another.
    depth : ndarray, shape (N,)
        Depths of the nodes, from 0 at the surface to that of the substrate [m]; where density grows with depth, those
        that would hold the same mass at the density of the top.
    temperature : ndarray, shape (N, t)
        Temperatures of the nodes [K].
    cos_emission : ndarray, shape (angles,)
        Cosines μ of the emission angle, above 0 [-].
    """
    weights, sky = _solved_in_ways(regolith, depth, cos_emission)
    bands, ways, angles = sky.shape
    above = band_radiances(regolith.thermal_edges, np.array([regolith.sky]))
    radiance = weighted_band_radiances(
        regolith.thermal_edges, temperature, weights.reshape(bands, ways * angles, depth.size)
    )
    each = np.moveaxis(radiance.reshape(bands, ways, angles, -1) + (sky * above[:, None])[..., None], 1, 0)
    return Emission(*np.ascontiguousarray(each), *[None] * (3 - ways))


def _solved_in_ways(regolith: Regolith, depth: FloatArray, cos_emission: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weights of nodes, shape (bands, ways, angles, N), and of the sky, shape (bands, ways, angles).

    The ways are as well as can be, with every second node left out, and, if there are streams, with half as many.
    """
    optics, extinction, reflectivity = _media(regolith.thermal)
    half = 2 * (regolith.streams // 4)
    modes = regolith.method.modes(optics, regolith.streams)
    every = np.arange(depth.size)
    ways = [(modes, every), (modes, _every_second(every))]
    if regolith.method.HAS_STREAMS and half > 0:
        ways.append((regolith.method.modes(optics, half), every))
    weights = np.zeros((len(optics), len(ways), cos_emission.size, depth.size))
    sky = np.empty(weights.shape[:3])
    for i, (way, nodes) in enumerate(ways):
        optical = extinction[:, None] * depth[nodes]
        weights[:, i][..., nodes], sky[:, i] = emission_weights(way, optical, reflectivity, cos_emission)
    return weights, sky


def _every_second(nodes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return every second of the inner nodes, with both ends."""
    return np.concatenate([nodes[:1], nodes[1:-1:2], nodes[-1:]])


def emission_tables(regolith: Regolith, depth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how the Planck radiance of the nodes contributes to thermal radiance in many directions.

    Parameters
    ----------
    regolith : Regolith
        The medium.
    depth : ndarray, shape (N,)
        Depths of the nodes, as in `emitted` [m].

    Returns
    -------
    weights : ndarray, shape (bands, ways, ANGLES, N)
        Radiance per unit of Planck radiance at a node [-]. The first way is as well as can be; the others are those of
        `Emission`: with every second node left out, and, if there are more than two streams, with half as many.
    reflectance : ndarray, shape (bands, ways, ANGLES)
        Radiance per unit of isotropic radiance from above [-].
    """
    return _solved_in_ways(regolith, depth, COSINES)


def reflectance_table(regolith: Regolith, thickness: float) -> FloatArray:
    """Return the radiance per unit of isotropic sunlight from above, shape (bands of sunlight, ANGLES) [-].

    Light may go either way: it is also the part of a beam from that direction that is reflected into all others.
    """
    optics, extinction, reflectivity = _media(regolith.solar)
    modes = regolith.method.modes(optics, regolith.streams)
    depth = extinction[:, None] * np.linspace(0.0, thickness, 3)
    return emission_weights(modes, depth, reflectivity, COSINES)[1]


def _media(bands: Sequence[ThermalBand | SolarBand]) -> tuple[list[Optics], FloatArray, FloatArray]:
    """Return optical properties, extinction coefficients [m⁻¹] and reflectivities of the substrate of bands."""
    optics = [band.optics for band in bands]
    extinction = np.array([medium.extinction for medium in optics])
    return optics, extinction, np.array([band.reflectivity for band in bands])


def reflected(regolith: Regolith, thickness: float, views: FloatArray, suns: FloatArray) -> FloatArray:
    """Return the radiance of reflected sunlight per unit of flux at normal incidence, in every band of sunlight.

    Parameters
    ----------
    regolith : Regolith
        The medium.
    thickness : float
        Depth of the substrate, as in `emitted` [m].
    views : ndarray, shape (angles, 3)
        Unit vectors to the observers, z up.
    suns : ndarray, shape (t, 3)
        Unit vectors to the sun.

    Returns
    -------
    ndarray, shape (bands, angles, t)
        Radiance [sr⁻¹], weighted with the share of sunlight in the band.
    """
    optics, extinction, reflectivity = _media(regolith.solar)
    depth = thickness * extinction
    seen = reflected_radiance(regolith.method, optics, regolith.streams, depth, reflectivity, views, suns)
    return np.asarray(_shares(regolith)[:, None, None] * seen)


def reflected_facets(regolith: Regolith, thickness: float, views: FloatArray, suns: FloatArray) -> FloatArray:
    """Return the same as `reflected` for facets, with directions of their own: see `reflected_by_many`.

    Views have the shape (facets, angles, 3) and suns (facets, t, 3), and the radiance (bands, facets, angles, t).
    """
    optics, extinction, reflectivity = _media(regolith.solar)
    depth = thickness * extinction
    seen = reflected_by_many(regolith.method, optics, regolith.streams, depth, reflectivity, views, suns)
    return np.asarray(_shares(regolith)[:, None, None, None] * seen)


def _shares(regolith: Regolith) -> FloatArray:
    return np.array([band.share for band in regolith.solar])
