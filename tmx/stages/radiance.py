"""The radiance stage: the spectra of a surface from its saved temperatures."""

from collections.abc import Sequence

import numpy as np

from tmx.config import SimulationConfig, require_available
from tmx.errors import ConfigError
from tmx.physics.emission import Spectrum, emission_spectrum
from tmx.stages.outcome import Number, Outcome
from tmx.stages.tables import PER_CM, band_emissivities, emissivity_table, output_band_edges
from tmx.stages.thermal import as_stored
from tmx.storage.records import FloatArray, RadianceRecord, ThermalRecord


def run_radiance(
    config: SimulationConfig, thermal: ThermalRecord, time_indices: Sequence[int] | None = None
) -> Outcome[RadianceRecord]:
    """Compute the spectra of a surface.

    Parameters
    ----------
    config : SimulationConfig
        Says which bands, and how the surface emits.
    thermal : ThermalRecord
        Its temperatures.
    time_indices : sequence of int, optional
        Which of the saved times are wanted, in this order; negative ones count from the end. By default all.

    Raises
    ------
    ConfigError
        If the config asks for physics that is not available, or a time index is out of range.
    """
    require_available(config, "radiance")
    times = _chosen(thermal.t_out.size, time_indices)
    spectrum = _spectrum(config, thermal.T_surf_out[times])
    record = _record(config, thermal.t_out[times], spectrum)
    return Outcome(record, _numbers(record))


def _chosen(count: int, indices: Sequence[int] | None) -> list[int]:
    """Return time indices counted from the start, in the order asked for."""
    if indices is None:
        return list(range(count))
    for index in indices:
        if not -count <= index < count:
            raise ConfigError(f"time index {index} is out of range: the file has {count} times, 0 to {count - 1}")
    return [index % count for index in indices]


def _spectrum(config: SimulationConfig, temperature: FloatArray) -> Spectrum:
    if config.output_radiance_mode != "two_wave":
        edges = output_band_edges(config)
        return emission_spectrum(edges, band_emissivities(config, edges), temperature, config.disort_space_temp)
    wavenumber, emissivity = emissivity_table(config)
    edges = np.concatenate([wavenumber[:1], 0.5 * (wavenumber[1:] + wavenumber[:-1]), 2.0 * wavenumber[-1:]])
    return emission_spectrum(edges, emissivity, temperature, config.disort_space_temp)


def _record(config: SimulationConfig, times: FloatArray, spectrum: Spectrum) -> RadianceRecord:
    """Lay a spectrum out for its file; with `two_wave` output it has no bands."""
    bands = 0 if config.output_radiance_mode == "two_wave" else len(spectrum.edges) - 1
    edges = spectrum.edges[: bands + 1] / PER_CM if bands else np.empty(0)
    centres = 0.5 * (edges[1:] + edges[:-1])
    dtype = config.storage_dtype
    return RadianceRecord(
        radiance_out=as_stored(spectrum.radiance[:bands] / np.diff(edges)[:, None], dtype),
        brightness_temperature=as_stored(spectrum.brightness_temperature[:bands], dtype),
        emissivity=as_stored(spectrum.emissivity[:bands], dtype),
        bolometric_radiance=as_stored(spectrum.bolometric_radiance, dtype),
        bolometric_brightness_temperature=as_stored(spectrum.bolometric_brightness_temperature, dtype),
        t_out=times,
        wavenumber=centres,
        wavelength=1e4 / centres,
        band_edges=edges,
    )


def _numbers(record: RadianceRecord) -> dict[str, Number]:
    bands, times = record.brightness_temperature.shape

    def extreme(pick: str, values: FloatArray) -> float | None:
        return float(getattr(values, pick)()) if values.size else None

    return {
        "n_bands": bands,
        "n_times": times,
        "tb_max": extreme("max", record.brightness_temperature),
        "tb_min": extreme("min", record.brightness_temperature),
        "bolometric_tb_max": extreme("max", record.bolometric_brightness_temperature),
        "bolometric_tb_min": extreme("min", record.bolometric_brightness_temperature),
        "emissivity_min": extreme("min", record.emissivity),
        "emissivity_max": extreme("max", record.emissivity),
    }
