"""What a channel makes of a spectrum in bands."""

import numpy as np

from tmx.physics.instruments.channels import Channel, Instrument
from tmx.physics.materials import FloatArray

OUTSIDE = 1e-4
"""Part of a response that may lie outside the bands."""


class CoverageError(ValueError):
    """A channel reaches beyond the bands of a spectrum."""


def channel_weights(instrument: Instrument, edges: FloatArray) -> FloatArray:
    """Return the weights with which the bands of a spectrum enter the channels of an instrument.

    Parameters
    ----------
    instrument : Instrument
    edges : ndarray, shape (bands + 1,)
        Edges of adjoining bands, ascending [m⁻¹].

    Returns
    -------
    ndarray, shape (channels, bands)
        Weights; those of a channel sum to 1.

    Raises
    ------
    CoverageError
        If more than 1e-4 of a response lies outside the bands.

    Notes
    -----
    The radiance of a channel per wavenumber is ∫ R I_ν dν / ∫ R dν, with R the signal per energy. A spectrum that is
    constant inside each band has it exactly as the sum of weights times spectral radiance (of a band: its radiance over
    its width), with the weights ∫_band R dν / ∫ R dν. Per wavelength the signal ∫ R I dν = ∫ R I_λ dλ is the same, and
    only the norm is another, ∫ R dλ: `Instrument.per_wavelength` is the ratio, and brightness temperatures know no
    difference.
    """
    return np.array([_weights(channel, edges) for channel in instrument.channels])


def _weights(channel: Channel, edges: FloatArray) -> FloatArray:
    integral = channel.up_to(edges)
    inside = integral[-1] - integral[0]
    if inside < (1.0 - OUTSIDE) * channel.width:
        raise CoverageError(_shortfall(channel, edges, 1.0 - inside / channel.width))
    return np.asarray(np.diff(integral) / inside)


def _shortfall(channel: Channel, edges: FloatArray, part: float) -> str:
    """Say how far a channel reaches beyond the bands, and where."""
    low, high = float(edges[0]), float(edges[-1])
    beyond = []
    if channel.low < low:
        beyond.append(_reach(channel.low, low))
    if channel.high > high:
        beyond.append(_reach(channel.high, high))
    return (
        f"channel {channel.name} reaches {' and '.join(beyond)} beyond the bands, which end at {low / 100.0:.6g} and"
        f" {high / 100.0:.6g} 1/cm; {100.0 * part:.3g} % of its response is there"
    )


def _reach(end: float, edge: float) -> str:
    distance = abs(end - edge) / 100.0
    if edge == 0.0:
        return f"{distance:.4g} 1/cm"
    return f"{distance:.4g} 1/cm ({abs(1e6 / end - 1e6 / edge):.4g} um) to {end / 100.0:.6g} 1/cm"
