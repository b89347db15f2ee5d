"""Grids of bands by rule: even in wavenumber, of one resolving power, or such as resolve an instrument."""

import numpy as np

from tmx.physics.instruments.brightness import FAINTEST, gauss, spectral_radiance
from tmx.physics.instruments.channels import Channel, Instrument
from tmx.physics.materials import FloatArray

TEMPERATURES = np.array([50.0, 70.0, 100.0, 140.0, 200.0, 280.0, 400.0, 5772.0])
"""Temperatures at which bands must resolve a channel: of surfaces, and of the sunlight that they reflect [K]."""

CONTRAST, WITHIN, PART = 0.1, 5e3, 0.05
"""Change of emissivity that bands must resolve [-], within 50 cm⁻¹ [m⁻¹] or that part of the wavenumber, if more."""

CLOSE = 1e-9
"""Relative distance at which two edges are one."""


def uniform_bands(low: float, high: float, count: int) -> FloatArray:
    """Return the edges of bands of equal width in wavenumber.

    Parameters
    ----------
    low, high : float
        Ends of the grid [m⁻¹].
    count : int
        Number of bands.

    Returns
    -------
    ndarray, shape (count + 1,)
        Edges [m⁻¹].
    """
    return np.linspace(low, high, count + 1)


def resolution_bands(low: float, high: float, resolution: float) -> FloatArray:
    """Return the edges of bands whose widths are in proportion to their wavenumbers.

    Parameters
    ----------
    low, high : float
        Ends of the grid, above zero [m⁻¹].
    resolution : float
        Wavenumber over width of a band, at least this [-].

    Returns
    -------
    ndarray, shape (bands + 1,)
        Edges [m⁻¹].
    """
    ratio = (resolution + 0.5) / (resolution - 0.5)
    count = max(int(np.ceil(np.log(high / low) / np.log(ratio) - CLOSE)), 1)
    return np.geomspace(low, high, count + 1)


def bands_for(instrument: Instrument, per_channel: int | None = None, tolerance: float = 1e-4) -> FloatArray:
    """Return the edges of bands that resolve every channel of an instrument.

    Parameters
    ----------
    instrument : Instrument
    per_channel : int, optional
        Number of equally wide bands in a channel. By default a spectrometer has its own channels as bands, and other
        channels as many as the tolerance asks for.
    tolerance : float
        Largest relative error of the radiance of a channel, for surfaces of 50 to 400 K, and for sunlight that they
        reflect, where emissivity changes by a tenth within 50 cm⁻¹ or a twentieth of the wavenumber [-].

    Returns
    -------
    ndarray, shape (bands + 1,)
        Edges, ascending [m⁻¹]. Between channels that do not touch, one band fills the gap.
    """
    if per_channel is None and instrument.is_spectrometer:
        per_channel = 1
    if per_channel is None:
        parts = [_resolving(channel, tolerance) for channel in instrument.channels]
    else:
        parts = [np.linspace(channel.low, channel.high, per_channel + 1) for channel in instrument.channels]
    edges = np.unique(np.concatenate(parts))
    return np.asarray(edges[np.concatenate([[True], np.diff(edges) > CLOSE * edges[1:]])])


def _resolving(channel: Channel, tolerance: float) -> FloatArray:
    """Return edges between which a channel and a Planck function go together, by halving the worst bands."""
    edges = np.array([channel.low, channel.high])
    while True:
        error = _errors(channel, edges)
        if error.sum(axis=0).max() <= tolerance:
            return edges
        worst = np.flatnonzero(error.max(axis=1) > 0.5 * tolerance / len(error))
        edges = np.sort(np.concatenate([edges, 0.5 * (edges[worst] + edges[worst + 1])]))


def _errors(channel: Channel, edges: FloatArray) -> FloatArray:
    """Return what each band adds to the relative error at every temperature at which anything is seen."""
    knots = np.union1d(edges, channel.wavenumber[(channel.wavenumber > edges[0]) & (channel.wavenumber < edges[-1])])
    wavenumber, weight = gauss(knots[:-1], knots[1:])
    band = np.searchsorted(edges, wavenumber) - 1
    first = np.searchsorted(band, np.arange(edges.size - 1))
    middle, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    planck = weight[:, None] * spectral_radiance(wavenumber[:, None], TEMPERATURES)
    seen = planck * np.interp(wavenumber, channel.wavenumber, channel.response)[:, None]
    response = np.diff(channel.up_to(edges))[:, None]
    true = np.add.reduceat(seen, first, axis=0)
    banded = response * np.add.reduceat(planck, first, axis=0) / width[:, None]
    slope = CONTRAST / np.maximum(WITHIN, PART * middle)[:, None]
    tilted = slope * np.add.reduceat(seen * (wavenumber - middle[band])[:, None], first, axis=0)
    total = true.sum(axis=0)
    seen_at_all = total > FAINTEST
    return np.asarray((np.abs(banded - true) + np.abs(tilted))[:, seen_at_all] / total[seen_at_all])
