"""The edges of bands from a config: from a file, by rule, or as an instrument needs them."""

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.instruments import Instrument, bands_for, resolution_bands, uniform_bands
from tmx.stages.responses import instrument_of
from tmx.stages.tables import PER_CM, read_columns
from tmx.storage.records import FloatArray


def band_edges(config: SimulationConfig, suffix: str) -> FloatArray:
    """Return the edges of the bands, ascending [m⁻¹].

    Parameters
    ----------
    config : SimulationConfig
        The config.
    suffix : str
        What the names of the fields end with: nothing for the temperatures, ``_out`` for the radiances.

    Raises
    ------
    ConfigError
        If the file of band edges cannot be read or does not ascend, or there is no such instrument.
    """
    path = getattr(config, f"wn_bounds{suffix}")
    if path is not None:
        return edges_of_file(f"wn_bounds{suffix}", path)
    rule = getattr(config, f"band_rule{suffix}")
    if rule == "instrument":
        instrument = output_instrument(config)
        if instrument is None:
            raise ConfigError("band_rule_out: instrument needs instrument_out or response_file_out")
        return bands_for(instrument)
    low, high = (PER_CM * getattr(config, f"{name}{suffix}") for name in ("wn_min", "wn_max"))
    if rule == "uniform":
        return uniform_bands(low, high, getattr(config, f"n_bands{suffix}"))
    return resolution_bands(low, high, getattr(config, f"resolution{suffix}"))


def output_instrument(config: SimulationConfig) -> Instrument | None:
    """Return the instrument that looks, if there is one.

    Raises
    ------
    ConfigError
        If it is not known, or its file cannot be read.
    """
    if config.instrument_out is not None:
        return instrument_of(config.instrument_out)
    return None if config.response_file_out is None else instrument_of(config.response_file_out)


def edges_of_file(field: str, path: str) -> FloatArray:
    """Return the band edges of a file, ascending [m⁻¹].

    Raises
    ------
    ConfigError
        If it cannot be read, or its numbers are not in order.
    """
    edges = read_columns(field, path, 1)[:, 0]
    edges = edges if edges[0] <= edges[-1] else edges[::-1]
    if len(edges) < 2 or edges[0] < 0.0 or (np.diff(edges) <= 0.0).any():
        raise ConfigError(f"{field}: {path}: at least two band edges in 1/cm, in order, are needed")
    return PER_CM * edges
