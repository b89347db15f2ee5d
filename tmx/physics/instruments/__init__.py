"""Instruments: their spectral responses, and what they make of spectra.

Begin with `channels` for what an instrument is; `library` holds those that come with tmx, `weights` takes spectra to
their channels, `brightness` channels to temperatures, and `bands` makes grids that resolve them.
"""

from tmx.physics.instruments.bands import bands_for, resolution_bands, uniform_bands
from tmx.physics.instruments.brightness import channel_brightness_temperatures, channel_radiances
from tmx.physics.instruments.channels import Channel, Instrument, ResponseError, boxcar
from tmx.physics.instruments.library import instrument_named, instrument_names
from tmx.physics.instruments.tables import ResponseLineError, parse_instrument
from tmx.physics.instruments.weights import CoverageError, channel_weights

__all__ = [
    "Channel",
    "CoverageError",
    "Instrument",
    "ResponseError",
    "ResponseLineError",
    "bands_for",
    "boxcar",
    "channel_brightness_temperatures",
    "channel_radiances",
    "channel_weights",
    "instrument_named",
    "instrument_names",
    "parse_instrument",
    "resolution_bands",
    "uniform_bands",
]
