"""The radiance stage: the spectra of a surface from its saved temperatures."""

import math
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np

from tmx.config import SimulationConfig, require_available
from tmx.errors import ConfigError
from tmx.physics.compiled import one_compiles
from tmx.physics.features import christiansen_feature, reststrahlen_depth, transparency_depth
from tmx.physics.instruments import Instrument
from tmx.physics.planck import bolometric_brightness_temperature
from tmx.stages.bands import output_instrument
from tmx.stages.local_time import hours_apart, local_hours
from tmx.stages.optics import RADIANCES, load_mie_of
from tmx.stages.outcome import Number, Outcome
from tmx.stages.rough_spectra import phase_angles, rough_fields, rough_numbers
from tmx.stages.seen import Seen, see, views_of
from tmx.stages.seen_facets import see_facets
from tmx.stages.spectra import Layout
from tmx.stages.tables import PER_CM
from tmx.stages.thermal import as_stored
from tmx.storage.records import FloatArray, RadianceRecord, ThermalRecord

HALF_AN_OUTPUT = 0.5 + 1e-9
"""How far a local time may be from an output time, in the distance between two of them."""

NAME_LENGTH = 32
"""Longest name of a channel in a file."""


def run_radiance(
    config: SimulationConfig, thermal: ThermalRecord, time_indices: Sequence[int] | None = None
) -> Outcome[RadianceRecord]:
    """Compute the spectra of a surface.

    Parameters
    ----------
    config : SimulationConfig
        Says which bands, from where, and how the surface emits.
    thermal : ThermalRecord
        Its temperatures.
    time_indices : sequence of int, optional
        Which of the saved times are wanted, in this order; negative ones count from the end. By default those of
        `local_times_out`, or all.

    Raises
    ------
    ConfigError
        If the config asks for physics that is not available, its tables or bands do not go together, or a time is out
        of range.
    StorageError
        If the temperatures are not those of such a surface.
    """
    require_available(config, "radiance")
    times = _chosen(config, thermal, time_indices)
    instrument = instrument_that_looks(config)
    with one_compiles(kind_of_spectra(config)):
        seen = see(config, thermal, times)
        rough = see_facets(config, thermal, times, seen.streams) if sees_facets(config) else None
        layout = Layout(seen.edges, instrument, _reference(config, seen), config.storage_dtype)
        record = RadianceRecord(
            **_flat_fields(config, seen, layout),
            **rough_fields(config, seen, rough, layout),
            t_out=thermal.t_out[times],
            phase_angle=phase_angles(config, thermal, times),
        )
    return Outcome(record, {**_numbers(record, seen), **rough_numbers(record, rough)})


def sees_facets(config: SimulationConfig) -> bool:
    """Tell whether the radiances of a rough surface are asked for."""
    return config.crater and config.compute_crater_radiance


def kind_of_spectra(config: SimulationConfig) -> str:
    """Return in words what kernels the spectra of a config need: others of the same words need no more."""
    return f"spectra of {'regolith' if config.use_RTE else 'opaque surfaces'}"


def load_spectra_kernels(config: SimulationConfig) -> None:
    """Have what spectra of a config need compiled and in memory, once per process: it takes longer than most runs.

    Raises
    ------
    ConfigError
        If the grains cannot be had.
    """
    _load_kernels(config.use_RTE)
    load_mie_of(config, RADIANCES)


@cache
def _load_kernels(use_RTE: bool) -> None:
    run_radiance(SimulationConfig(use_RTE=use_RTE, output_radiance_mode="two_wave"), _some_temperatures())


def _some_temperatures() -> ThermalRecord:
    """Return a column of three cells at noon."""
    warm, edges = np.full(1, 300.0), 0.01 * np.arange(4.0)
    nothing: dict[str, Any] = {field.name: np.empty(0) for field in fields(ThermalRecord)}
    some = {
        "T_out": np.full((3, 1), 300.0),
        "T_surf_out": warm,
        "t_out": np.zeros(1),
        "mu_out": np.ones(1),
        "sun_azimuth_out": np.zeros(1),
        "T_base_out": warm,
        "x_grid": edges[:-1] + 0.005,
        "x_boundaries": edges,
        "layer_structure": np.zeros(3, dtype=np.int64),
    }
    return ThermalRecord(**{**nothing, **some})


def instrument_that_looks(config: SimulationConfig) -> Instrument | None:
    """Return the instrument that a config names; without bands nothing is resolved."""
    return output_instrument(config) if config.output_radiance_mode != "two_wave" else None


def _chosen(config: SimulationConfig, thermal: ThermalRecord, indices: Sequence[int] | None) -> list[int]:
    """Return time indices counted from the start, in the order asked for."""
    count = thermal.t_out.size
    if indices is None:
        wanted = config.local_times_out is not None and config.diurnal
        return _at_local_times(config, thermal) if wanted else list(range(count))
    for index in indices:
        if not -count <= index < count:
            raise ConfigError(f"time index {index} is out of range: the file has {count} times, 0 to {count - 1}")
    return [index % count for index in indices]


def _at_local_times(config: SimulationConfig, thermal: ThermalRecord) -> list[int]:
    """Return the last output time that is nearest to every local time."""
    hours = local_hours(thermal.t_out, config.P)
    spacing = 24.0 / config.freq_out
    chosen = []
    for wanted in config.local_times_out or ():
        apart = hours_apart(hours, wanted)
        nearest = int(np.flatnonzero(apart <= apart.min() + 1e-9)[-1])
        if not 0.0 <= wanted <= 24.0 or apart[nearest] > HALF_AN_OUTPUT * spacing:
            raise ConfigError(
                f"local_times_out: {wanted:g} h is no local time of the temperatures, which are from"
                f" {hours.min():g} to {hours.max():g} h"
            )
        chosen.append(nearest)
    return chosen


def _flat_fields(config: SimulationConfig, seen: Seen, layout: Layout) -> dict[str, Any]:
    """Return the fields of a record that describe the flat surface and the bands; there may be none of these."""
    edges = seen.edges / PER_CM
    with np.errstate(divide="ignore"):
        width_um = -np.diff(1e4 / edges)
    spectra = layout.spectra(seen, None if len(seen.reflected) else seen.brightness)
    first = {name: values[0] for name, values in spectra.named("").items()}
    others = {name: values[1:] for name, values in spectra.named("observer_").items()}
    instrument = layout.instrument
    return {
        "radiance_out": first.pop("radiance"),
        "radiance_per_um": as_stored(seen.radiance[:, 0] / width_um[:, None], config.storage_dtype),
        "reference_temperature": as_stored(layout.reference, config.storage_dtype),
        **first,
        "observer_radiance_out": others.pop("observer_radiance"),
        **others,
        "observer_vectors": views_of(config)[1:],
        "channel_name": _channel_names(instrument),
        "channel_wavelength": 1e6 / instrument.centres if instrument else np.empty(0),
        "wavenumber": 0.5 * (edges[1:] + edges[:-1]),
        "wavelength": 2e4 / (edges[1:] + edges[:-1]),
        "band_edges": edges,
    }


def _reference(config: SimulationConfig, seen: Seen) -> FloatArray:
    """Return the temperature that emissivity refers to at every time [K].

    Of an opaque surface it is its own; otherwise the highest brightness temperature of thermal radiance in the window
    that the config names, seen from the first direction.
    """
    if seen.surface is not None:
        return seen.surface
    if not len(seen.thermal):
        return bolometric_brightness_temperature(seen.all_thermal[0])
    centres = 0.5 * (seen.edges[1:] + seen.edges[:-1]) / PER_CM
    low = config.emissivity_wn_min or 0.0
    high = config.emissivity_wn_max or math.inf
    window = (centres >= low) & (centres <= high)
    if not window.any():
        raise ConfigError(
            f"emissivity_wn_min: no band has its centre from {low:g} to {high:g} 1/cm: the bands reach from"
            f" {seen.edges[0] / PER_CM:g} to {seen.edges[-1] / PER_CM:g} 1/cm"
        )
    return np.asarray(seen.brightness[window, 0].max(axis=0))


def _channel_names(instrument: Instrument | None) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    names = instrument.channel_names if instrument else ()
    return np.array([name.encode()[:NAME_LENGTH] for name in names], dtype=f"S{NAME_LENGTH}")


def _numbers(record: RadianceRecord, seen: Seen) -> dict[str, Number]:
    """Return the numbers of a record; the features of its spectrum are those of the hottest time."""
    bands, times = record.brightness_temperature.shape

    def extreme(pick: str, values: FloatArray) -> float | None:
        return float(getattr(values, pick)()) if values.size else None

    hottest = int(record.bolometric_brightness_temperature.argmax())
    spectrum = (PER_CM * record.wavenumber, record.emissivity[:, hottest])
    christiansen = christiansen_feature(*spectrum) if bands else math.nan
    return {
        "n_bands": bands,
        "n_times": times,
        "n_observers": 1 + len(record.observer_vectors),
        "n_channels": len(record.channel_radiance),
        "n_streams_out": seen.streams,
        "tb_error_streams": seen.error_streams,
        "tb_error_grid": seen.error_grid,
        "tb_max": extreme("max", record.brightness_temperature),
        "tb_min": extreme("min", record.brightness_temperature),
        "bolometric_tb_max": extreme("max", record.bolometric_brightness_temperature),
        "bolometric_tb_min": extreme("min", record.bolometric_brightness_temperature),
        "bolometric_reflected_max": extreme("max", record.bolometric_reflected_radiance),
        "emissivity_min": extreme("min", record.emissivity[:, hottest]),
        "emissivity_max": extreme("max", record.emissivity[:, hottest]),
        "reference_temperature": float(record.reference_temperature[hottest]),
        "christiansen_wavelength": _known(1e6 / christiansen),
        "transparency_depth": _known(transparency_depth(*spectrum)) if bands else None,
        "reststrahlen_depth": _known(reststrahlen_depth(*spectrum)) if bands else None,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
