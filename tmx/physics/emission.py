"""Spectra of a surface that emits as a grey or tabulated emissivity says, without radiative transfer below it."""

from dataclasses import dataclass

import numpy as np

from tmx.physics.materials import FloatArray
from tmx.physics.planck import band_brightness_temperatures, band_radiances, bolometric_brightness_temperature


@dataclass(frozen=True)
class Spectrum:
    """Thermal radiance of a surface in adjoining bands, and in all.

    Attributes
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands in wavenumber [m⁻¹].
    radiance : ndarray, shape (bands, t)
        Radiance of the bands [W m⁻² sr⁻¹].
    brightness_temperature : ndarray, shape (bands, t)
        Temperature of a black body with the radiance of the band [K].
    emissivity : ndarray, shape (bands, t)
        Radiance over that of a black body at the surface temperature [-].
    bolometric_radiance, bolometric_brightness_temperature : ndarray, shape (t,)
        Radiance over all wavenumbers, those outside the bands included [W m⁻² sr⁻¹], and its brightness temperature
        [K].
    """

    edges: FloatArray
    radiance: FloatArray
    brightness_temperature: FloatArray
    emissivity: FloatArray
    bolometric_radiance: FloatArray
    bolometric_brightness_temperature: FloatArray


def emission_spectrum(
    edges: FloatArray, emissivity: FloatArray, temperature: FloatArray, surroundings: float = 0.0
) -> Spectrum:
    """Return the spectrum of an opaque surface: what it emits, and what it reflects of black surroundings.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].
    emissivity : ndarray, shape (bands,)
        Emissivity of the bands; outside them, that of the nearest band holds [-].
    temperature : ndarray, shape (t,)
        Surface temperatures [K].
    surroundings : float
        Temperature of the surroundings [K].
    """
    closed, closing = closed_spectrum(edges, emissivity)
    black = band_radiances(closed, temperature)
    reflected = (1.0 - closing)[:, None] * band_radiances(closed, np.array([surroundings]))
    radiance = closing[:, None] * black + reflected
    total = radiance.sum(axis=0)
    inside = np.ascontiguousarray(radiance[1:-1])
    return Spectrum(
        edges=edges,
        radiance=inside,
        brightness_temperature=band_brightness_temperatures(edges, inside),
        emissivity=inside / np.maximum(black[1:-1], np.finfo(np.float64).tiny),
        bolometric_radiance=total,
        bolometric_brightness_temperature=bolometric_brightness_temperature(total),
    )


def closed_spectrum(edges: FloatArray, emissivity: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return edges and emissivities of bands with one more at either end, so that they cover all wavenumbers."""
    closed = np.concatenate([[0.0], edges, [np.inf]])
    return closed, np.concatenate([emissivity[:1], emissivity, emissivity[-1:]])


def band_means(edges: FloatArray, wavenumber: FloatArray, values: FloatArray) -> FloatArray:
    """Average a tabulated spectrum over bands.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].
    wavenumber : ndarray, shape (points,)
        Wavenumbers of the table, ascending [m⁻¹]; between them the spectrum is straight, outside it is constant.
    values : ndarray, shape (points,)
        Values of the table.

    Returns
    -------
    ndarray, shape (bands,)
        Means over wavenumber.
    """
    knots = np.union1d(edges, wavenumber[(wavenumber > edges[0]) & (wavenumber < edges[-1])])
    heights = np.interp(knots, wavenumber, values)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(knots) * (heights[1:] + heights[:-1]))])
    return np.diff(np.interp(edges, knots, integral)) / np.diff(edges)
