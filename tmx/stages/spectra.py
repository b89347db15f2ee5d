"""Radiances as files hold them: per wavenumber, with brightness temperatures, emissivities and channels."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tmx.errors import ConfigError
from tmx.physics.instruments import CoverageError, Instrument, channel_brightness_temperatures, channel_weights
from tmx.physics.planck import band_radiances, bolometric_brightness_temperature
from tmx.stages.seen import Views, brightness_of
from tmx.stages.tables import PER_CM
from tmx.stages.thermal import as_stored
from tmx.storage.records import FloatArray


@dataclass(frozen=True)
class Spectra:
    """What a file holds of radiances towards several observers, under these names and a prefix.

    Attributes
    ----------
    radiance, reflected_radiance : ndarray, shape (views, bands, t)
        Spectral radiance, and the part of it that is sunlight [W m⁻² sr⁻¹ (cm⁻¹)⁻¹].
    brightness_temperature : ndarray, shape (views, bands, t)
        Of the spectral radiance [K].
    emissivity : ndarray, shape (views, bands, t)
        Thermal radiance over that of a black body at the reference temperature [-].
    bolometric_radiance, bolometric_reflected_radiance : ndarray, shape (views, t)
        Thermal radiance, and that of sunlight, at all wavenumbers [W m⁻² sr⁻¹].
    bolometric_brightness_temperature : ndarray, shape (views, t)
        Of the thermal radiance [K].
    channel_radiance : ndarray, shape (views, channels, t)
        Spectral radiance in channels [W m⁻² sr⁻¹ (cm⁻¹)⁻¹].
    channel_brightness_temperature : ndarray, shape (views, channels, t)
        Brightness temperature in channels [K].
    """

    radiance: FloatArray
    reflected_radiance: FloatArray
    brightness_temperature: FloatArray
    emissivity: FloatArray
    bolometric_radiance: FloatArray
    bolometric_reflected_radiance: FloatArray
    bolometric_brightness_temperature: FloatArray
    channel_radiance: FloatArray
    channel_brightness_temperature: FloatArray

    def named(self, prefix: str) -> dict[str, Any]:
        """Return the arrays by their names in a file."""
        return {prefix + field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Layout:
    """How radiances become spectra of a file.

    Attributes
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands [m⁻¹].
    instrument : Instrument or None
        The instrument that looks.
    reference : ndarray, shape (t,)
        Temperature that emissivities refer to [K].
    storage_dtype : str
        Precision of the file.
    """

    edges: FloatArray
    instrument: Instrument | None
    reference: FloatArray
    storage_dtype: str

    def spectra(self, views: Views, brightness: FloatArray | None = None) -> Spectra:
        """Return the spectra of radiances, whose brightness temperatures [K] may be known."""
        width = np.diff(self.edges / PER_CM)[:, None, None]
        radiance = views.radiance
        if brightness is None:
            brightness = brightness_of(self.edges, radiance)
        channels = np.einsum(
            "cb,bvt->cvt", weights_of_channels(self.instrument, self.edges), radiance / (PER_CM * width)
        )
        return Spectra(
            radiance=self._stored(radiance / width),
            reflected_radiance=self._stored(views.reflected / width[: len(views.reflected)]),
            brightness_temperature=self._stored(brightness),
            emissivity=self._stored(self._emissivity(views.thermal)),
            bolometric_radiance=self._stored(views.all_thermal),
            bolometric_reflected_radiance=self._stored(views.all_reflected),
            bolometric_brightness_temperature=self._stored(bolometric_brightness_temperature(views.all_thermal)),
            channel_radiance=self._stored(PER_CM * channels),
            channel_brightness_temperature=self._stored(self._channel_brightness(channels)),
        )

    def _stored(self, values: FloatArray) -> FloatArray:
        """Return values as they will be read from the file, the observers first."""
        return as_stored(np.ascontiguousarray(np.moveaxis(values, -2, 0)), self.storage_dtype)

    def _emissivity(self, thermal: FloatArray) -> FloatArray:
        if not len(thermal):
            return thermal
        black = band_radiances(self.edges, self.reference)
        return thermal / np.maximum(black, np.finfo(np.float64).tiny)[:, None, :]

    def _channel_brightness(self, radiance: FloatArray) -> FloatArray:
        if self.instrument is None:
            return radiance
        channels, views, times = radiance.shape
        flat = radiance.reshape(channels, views * times)
        return channel_brightness_temperatures(self.instrument, flat, self.edges).reshape(radiance.shape)


def weights_of_channels(instrument: Instrument | None, edges: FloatArray) -> FloatArray:
    """Return the weights of bands in the channels of an instrument, if there is one, shape (channels, bands).

    Raises
    ------
    ConfigError
        If a channel reaches beyond the bands.
    """
    if instrument is None:
        return np.empty((0, max(len(edges) - 1, 0)))
    try:
        return channel_weights(instrument, edges)
    except CoverageError as error:
        raise ConfigError(f"instrument_out: {error}") from None
