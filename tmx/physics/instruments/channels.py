"""Channels and instruments: what part of a spectrum a detector answers to."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tmx.physics.materials import FloatArray


class ResponseError(ValueError):
    """A spectral response is not one: too few points, out of order, negative, or zero throughout."""


@dataclass(frozen=True, eq=False)
class Channel:
    """A spectral response: the signal per energy that arrives at a wavenumber, on any scale.

    Attributes
    ----------
    name : str
        Name within its instrument.
    wavenumber : ndarray, shape (points,)
        Ascending [m⁻¹].
    response : ndarray, shape (points,)
        Response, straight between the points and zero outside them [-]; two equal points make a boxcar.
    source : str
        Where the response comes from.
    stand_in : bool
        Whether it is a boxcar between published edges in place of a measured response.

    Raises
    ------
    ResponseError
        If it cannot be a response.
    """

    name: str
    wavenumber: FloatArray
    response: FloatArray
    source: str = ""
    stand_in: bool = False

    def __post_init__(self) -> None:
        if self.wavenumber.size < 2 or not self.wavenumber[0] > 0.0 or (np.diff(self.wavenumber) <= 0.0).any():
            raise ResponseError(f"channel {self.name}: at least two points, each at its own place, are needed")
        if (self.response < 0.0).any() or not self.response.any():
            raise ResponseError(f"channel {self.name}: responses must not be negative, nor all zero")

    @property
    def low(self) -> float:
        """Wavenumber at which the channel begins [m⁻¹]."""
        return float(self.wavenumber[max(np.flatnonzero(self.response)[0] - 1, 0)])

    @property
    def high(self) -> float:
        """Wavenumber at which the channel ends [m⁻¹]."""
        last = self.wavenumber.size - 1
        return float(self.wavenumber[min(np.flatnonzero(self.response)[-1] + 1, last)])

    @property
    def is_boxcar(self) -> bool:
        """Whether it answers alike to all that it answers to."""
        return bool((self.response == self.response[0]).all())

    def up_to(self, wavenumber: FloatArray) -> FloatArray:
        """Return the integral of the response from zero up to given wavenumbers [m⁻¹]."""
        place, height = self.wavenumber, self.response
        if self.is_boxcar:
            return np.asarray(height[0] * (np.clip(wavenumber, place[0], place[-1]) - place[0]))
        whole = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(place) * (height[1:] + height[:-1]))])
        inside = np.clip(wavenumber, place[0], place[-1])
        left = np.clip(np.searchsorted(place, inside, side="right") - 1, 0, place.size - 2)
        part = inside - place[left]
        slope = np.diff(height)[left] / np.diff(place)[left]
        return np.asarray(whole[left] + part * (height[left] + 0.5 * slope * part))

    @property
    def width(self) -> float:
        """Integral of the response over wavenumber [m⁻¹]."""
        return float(0.5 * np.diff(self.wavenumber) @ (self.response[1:] + self.response[:-1]))

    @property
    def width_in_wavelength(self) -> float:
        """Integral of the response over wavelength, ∫ R dν/ν² [m]."""
        place, height = self.wavenumber, self.response
        slope = np.diff(height) / np.diff(place)
        return float(
            ((height[:-1] - slope * place[:-1]) * -np.diff(1.0 / place) + slope * np.diff(np.log(place))).sum()
        )

    @property
    def centre(self) -> float:
        """Mean wavenumber, weighted with the response [m⁻¹]."""
        place, height = self.wavenumber, self.response
        moments = np.diff(place) * (
            height[:-1] * (2.0 * place[:-1] + place[1:]) + height[1:] * (place[:-1] + 2.0 * place[1:])
        )
        return float(moments.sum() / 6.0 / self.width)


@dataclass(frozen=True, eq=False)
class Instrument:
    """Channels of one instrument, in the order in which it numbers them.

    Attributes
    ----------
    name : str
        Name for people.
    channels : tuple of Channel
    source : str
        Where it is described.
    """

    name: str
    channels: tuple[Channel, ...]
    source: str = ""

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(channel.name for channel in self.channels)

    @property
    def centres(self) -> FloatArray:
        """Mean wavenumbers of the channels [m⁻¹]."""
        return np.array([channel.centre for channel in self.channels])

    @property
    def per_wavelength(self) -> FloatArray:
        """Factors that turn radiances of the channels per wavenumber [… (m⁻¹)⁻¹] into those per wavelength [… m⁻¹]."""
        return np.array([channel.width / channel.width_in_wavelength for channel in self.channels])

    @property
    def is_spectrometer(self) -> bool:
        """Whether the channels are boxcars, more than one, each of which begins where its neighbour ends."""
        if len(self.channels) < 2:
            return False
        ordered = sorted(self.channels, key=lambda channel: channel.low)
        return all(channel.is_boxcar for channel in ordered) and all(
            lower.high == upper.low for lower, upper in pairwise(ordered)
        )


def boxcar(name: str, low: float, high: float, source: str = "") -> Channel:
    """Return a channel that answers alike to all between two wavenumbers [m⁻¹], in place of one not published."""
    return Channel(name, np.array([low, high]), np.ones(2), source, stand_in=True)
