"""Black bodies as channels see them, and the temperatures of black bodies with the radiance of a channel."""

from dataclasses import dataclass

import numpy as np

from tmx.physics.constants import PLANCK, SPEED_OF_LIGHT
from tmx.physics.instruments.channels import Channel, Instrument
from tmx.physics.instruments.weights import channel_weights
from tmx.physics.materials import FloatArray
from tmx.physics.planck import SECOND_RADIATION

STEP = 2e3
"""Longest interval of the quadrature [m⁻¹], the distance over which the Planck function of 30 K falls by 1/e."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)

ITERATIONS = 100

CLOSE = 1e-9
"""Relative change at which the iteration ends: being quadratic, it is then as close as rounding."""

FAINTEST = 1e-290
"""Radiance below which numbers begin to lose their digits [W m⁻² sr⁻¹ (m⁻¹)⁻¹]."""


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Means over channels as weighted sums over nodes.

    Attributes
    ----------
    wavenumber, weight : ndarray, shape (nodes,)
        Nodes of all channels, one channel after the other [m⁻¹], and their weights, which sum to 1 in every channel.
    channel : ndarray of int, shape (nodes,)
        Channel of the nodes.
    first : ndarray of int, shape (channels,)
        First node of the channels.
    """

    wavenumber: FloatArray
    weight: FloatArray
    channel: np.ndarray
    first: np.ndarray

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the means over channels of values at the nodes, shape (nodes, t)."""
        return np.asarray(np.add.reduceat(self.weight[:, None] * values, self.first, axis=0))


def channel_radiances(instrument: Instrument, temperature: FloatArray, edges: FloatArray | None = None) -> FloatArray:
    """Return the radiance of black bodies in the channels of an instrument.

    Parameters
    ----------
    instrument : Instrument
    temperature : ndarray, shape (t,)
        Temperatures [K].
    edges : ndarray, shape (bands + 1,), optional
        Edges of bands [m⁻¹]: the Planck function is averaged over each first, as spectra in bands are.

    Returns
    -------
    ndarray, shape (channels, t)
        Radiance, the mean over the response [W m⁻² sr⁻¹ (m⁻¹)⁻¹].
    """
    rule = quadrature(instrument, edges)
    return rule.mean(spectral_radiance(rule.wavenumber[:, None], np.asarray(temperature)[None, :]))


def channel_brightness_temperatures(
    instrument: Instrument, radiance: FloatArray, edges: FloatArray | None = None
) -> FloatArray:
    """Return the temperatures of black bodies that have given radiances in the channels of an instrument.

    Parameters
    ----------
    instrument : Instrument
    radiance : ndarray, shape (channels, t)
        Radiance of the channels [W m⁻² sr⁻¹ (m⁻¹)⁻¹].
    edges : ndarray, shape (bands + 1,), optional
        Edges of the bands that the radiance was summed over [m⁻¹], so that a black body has its own temperature to
        rounding; without them the Planck function is weighted with the response itself.

    Returns
    -------
    ndarray, shape (channels, t)
        Temperatures [K]; 0 where the radiance is not above 1e-290.

    Notes
    -----
    Newton's method for ln L against 1/T. Every ln B is convex in 1/T, hence also the logarithm of a weighted sum of
    Planck functions: from the hot side the iteration approaches its solution without passing it. The highest
    monochromatic brightness temperature of the channel is on that side, since a mean lies between its extremes.
    """
    rule = quadrature(instrument, edges)
    seen = radiance > FAINTEST
    target = np.where(seen, radiance, 1.0)
    inverse = 1.0 / _hottest(rule, target)
    for _ in range(ITERATIONS):
        planck, slope = _planck(rule.wavenumber[:, None], inverse[rule.channel])
        found = rule.mean(planck)
        change = np.log(target / found) * found / rule.mean(slope)
        inverse += change
        if (np.abs(change) < CLOSE * inverse).all():
            break
    return np.where(seen, 1.0 / inverse, 0.0)


def _hottest(rule: Quadrature, radiance: FloatArray) -> FloatArray:
    """Return the highest monochromatic brightness temperature of the channels [K]."""
    wavenumber = rule.wavenumber[:, None]
    ratio = 2.0 * PLANCK * SPEED_OF_LIGHT**2 * wavenumber**3 / radiance[rule.channel]
    return np.asarray(np.maximum.reduceat(SECOND_RADIATION * wavenumber / np.log1p(ratio), rule.first, axis=0))


def spectral_radiance(wavenumber: FloatArray, temperature: FloatArray) -> FloatArray:
    """Return the Planck function per wavenumber [W m⁻² sr⁻¹ (m⁻¹)⁻¹]."""
    return _planck(wavenumber, 1.0 / temperature)[0]


def _planck(wavenumber: FloatArray, inverse: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the Planck function and its derivative by 1/T at inverse temperatures [K⁻¹]."""
    scale = SECOND_RADIATION * wavenumber
    with np.errstate(over="ignore"):
        rest = 1.0 / np.expm1(scale * inverse)
    planck = 2.0 * PLANCK * SPEED_OF_LIGHT**2 * wavenumber**3 * rest
    return planck, -scale * planck * (1.0 + rest)


def quadrature(instrument: Instrument, edges: FloatArray | None = None) -> Quadrature:
    """Return the rule for means over the channels, of spectra as they are or averaged over bands first."""
    if edges is None:
        parts = [_over_response(channel) for channel in instrument.channels]
    else:
        parts = [_over_bands(weights, edges) for weights in channel_weights(instrument, edges)]
    sizes = np.array([wavenumber.size for wavenumber, _ in parts])
    return Quadrature(
        wavenumber=np.concatenate([wavenumber for wavenumber, _ in parts]),
        weight=np.concatenate([weight for _, weight in parts]),
        channel=np.repeat(np.arange(sizes.size), sizes),
        first=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
    )


def _over_response(channel: Channel) -> tuple[FloatArray, FloatArray]:
    wavenumber, weight = gauss(channel.wavenumber[:-1], channel.wavenumber[1:])
    weight = weight * np.interp(wavenumber, channel.wavenumber, channel.response)
    return wavenumber[weight > 0.0], weight[weight > 0.0] / weight.sum()


def _over_bands(weights: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    used = np.flatnonzero(weights)
    low, high = edges[used], edges[used + 1]
    wavenumber, weight = gauss(low, high)
    band = np.searchsorted(low, wavenumber) - 1
    return wavenumber, weight * (weights[used] / (high - low))[band]


def gauss(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of Gauss-Legendre quadrature over intervals, long ones in several parts [m⁻¹]."""
    parts = np.ceil((high - low) / STEP).astype(np.int64)
    width = np.repeat((high - low) / parts, parts)
    order = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    middle = np.repeat(low, parts) + (order + 0.5) * width
    wavenumber = middle[:, None] + 0.5 * width[:, None] * NODES
    return wavenumber.ravel(), (0.5 * width[:, None] * WEIGHTS).ravel()
