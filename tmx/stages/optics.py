"""Optical properties of the regolith from a config and the tables it names."""

import math

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.planck import band_radiances
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from tmx.stages.tables import PER_CM, read_columns, substrate_emissivities
from tmx.storage.records import FloatArray

FIRST_STREAMS = 4
"""Streams to begin with where their number is free."""

MEAN_EXTINCTION_TEMPERATURE = 250.0
"""Temperature of the Planck function that weights the bands in the mean extinction of `scale_Et` [K]."""

SOLAR_TEMPERATURE = 5772.0
"""Effective temperature of the sun [K] (IAU 2015 Resolution B3)."""

SQUARE_MICROMETRES = 1e-12
"""m² in a µm²."""


def regolith_of(config: SimulationConfig) -> Regolith:
    """Return the uppermost layer of a config as a medium for radiation.

    Raises
    ------
    ConfigError
        If a table cannot be read, or does not fit the others.
    """
    grey = config.thermal_evolution_mode == "two_wave"
    thermal = (_grey_band(config),) if grey else _spectral_bands(config)
    return Regolith(
        thermal=thermal,
        solar=_solar_bands(config, thermal) if config.sun else (),
        solver=config.RTE_solver,
        streams=FIRST_STREAMS if config.nstr == "auto" else config.nstr,
        sky=config.disort_space_temp,
    )


def _grey_band(config: SimulationConfig) -> ThermalBand:
    optics = Optics(config.Et, config.ssalb_therm, config.g_therm, config.phase_moments_therm or ())
    return ThermalBand(optics, reflectivity=config.R_base)


def _visible_optics(config: SimulationConfig, extinction: float) -> Optics:
    return Optics(extinction, config.ssalb_vis, config.g_vis, config.phase_moments_vis or ())


def _solar_bands(config: SimulationConfig, thermal: tuple[ThermalBand, ...]) -> tuple[SolarBand, ...]:
    if config.thermal_evolution_mode != "multi_wave":
        return (SolarBand(_visible_optics(config, config.eta * config.Et), 1.0, config.R_base),)
    edges = np.array([band.low for band in thermal] + [np.inf])
    shares = _solar_shares(config, edges)
    return tuple(
        SolarBand(band.optics, float(share), band.reflectivity)
        for band, share in zip(thermal, shares, strict=True)
        if share > 0.0
    )


def _spectral_bands(config: SimulationConfig) -> tuple[ThermalBand, ...]:
    """Return the bands of the scattering table, and at either end one that closes the spectrum with the same optics."""
    edges, optics = _scattering_table(config)
    if config.thermal_evolution_mode == "hybrid":
        cutoff = 1e6 / config.hybrid_wavelength_cutoff
        infrared = int(np.count_nonzero(0.5 * (edges[1:] + edges[:-1]) <= cutoff))
        if infrared == 0:
            raise ConfigError(
                f"hybrid_wavelength_cutoff: {config.mie_file} has no band beyond {config.hybrid_wavelength_cutoff:g} um"
            )
        edges, optics = edges[: infrared + 1], optics[:infrared]
    reflectivity = _substrate(config, edges)
    closed = np.concatenate([[0.0], edges, [np.inf]])
    return tuple(
        ThermalBand(one, float(low), float(high), float(reflected))
        for one, low, high, reflected in zip(
            (optics[0], *optics, optics[-1]),
            closed[:-1],
            closed[1:],
            np.concatenate([reflectivity[:1], reflectivity, reflectivity[-1:]]),
            strict=True,
        )
    )


def _scattering_table(config: SimulationConfig) -> tuple[FloatArray, list[Optics]]:
    """Return band edges, ascending [m⁻¹], and the optics of the bands."""
    path = str(config.mie_file)
    table = read_columns("mie_file", path, 5)
    table = table[np.argsort(-table[:, 0])]
    wavelength_um, asymmetry, extinction, _, albedo = table.T
    if (wavelength_um <= 0.0).any() or (extinction <= 0.0).any() or (np.abs(asymmetry) >= 1.0).any():
        raise ConfigError(f"mie_file: {path}: wavelengths and C_ext must be positive, and g between -1 and 1")
    if (albedo < 0.0).any() or (albedo > 1.0).any():
        raise ConfigError(f"mie_file: {path}: single-scattering albedos must be from 0 to 1")
    centres = 1e6 / wavelength_um
    edges = _edges_around(centres) if config.wn_bounds is None else _edges_of_file(config.wn_bounds, centres, path)
    extinctions = _particles_per_volume(config) * extinction * SQUARE_MICROMETRES
    if config.scale_Et:
        weight = band_radiances(edges, np.array([MEAN_EXTINCTION_TEMPERATURE]))[:, 0]
        extinctions = extinctions * (config.Et / float(np.average(extinctions, weights=weight)))
    optics = [Optics(float(e), float(w), float(g)) for e, w, g in zip(extinctions, albedo, asymmetry, strict=True)]
    if config.force_vis_disort:
        visible = centres > 1e6 / config.hybrid_wavelength_cutoff
        optics = [
            _visible_optics(config, one.extinction) if seen else one for one, seen in zip(optics, visible, strict=True)
        ]
    return edges, optics


def _particles_per_volume(config: SimulationConfig) -> float:
    """Return the number of particles per volume at the top of the layer [m⁻³]."""
    layered = config.depth_dependent_properties
    filled = config.rho_surface / config.rho_particle if layered else config.fill_frac
    return filled / (4.0 / 3.0 * math.pi * config.radius**3)


def _edges_around(centres: FloatArray) -> FloatArray:
    """Return edges midway between the centres of bands."""
    if centres.size == 1:
        return np.array([0.5, 1.5]) * float(centres[0])
    between = 0.5 * (centres[1:] + centres[:-1])
    first, last = 2.0 * centres[0] - between[0], 2.0 * centres[-1] - between[-1]
    return np.asarray(np.concatenate([[max(first, 0.5 * centres[0])], between, [last]]))


def _edges_of_file(path: str, centres: FloatArray, table: str) -> FloatArray:
    edges = PER_CM * np.sort(read_columns("wn_bounds", path, 1)[:, 0])
    if edges.size != centres.size + 1:
        raise ConfigError(
            f"wn_bounds: {path}: {edges.size} edges do not go with the {centres.size} bands of {table};"
            f" {centres.size + 1} are needed"
        )
    outside = np.maximum(edges[:-1] - centres, centres - edges[1:])
    worst = int(outside.argmax())
    if edges[0] < 0.0 or (np.diff(edges) <= 0.0).any() or outside[worst] > 0.0:
        raise ConfigError(
            f"wn_bounds: {path}: the band from {edges[worst] / PER_CM:g} to {edges[worst + 1] / PER_CM:g} 1/cm misses"
            f" {centres[worst] / PER_CM:g} 1/cm of {table} by {outside[worst] / PER_CM:g} 1/cm"
        )
    return edges


def _substrate(config: SimulationConfig, edges: FloatArray) -> FloatArray:
    """Return the reflectivity of the substrate in every band."""
    if not config.use_spec:
        return np.full(edges.size - 1, config.R_base)
    return 1.0 - substrate_emissivities("substrate_spectrum", str(config.substrate_spectrum), edges)


def _solar_shares(config: SimulationConfig, edges: FloatArray) -> FloatArray:
    """Return the part of sunlight in every band: of a black body like the sun, or from a table of flux per band."""
    if config.solar_spectrum_file is None:
        radiance = band_radiances(edges, np.array([SOLAR_TEMPERATURE]))[:, 0]
        return np.asarray(radiance / radiance.sum())
    path = config.solar_spectrum_file
    table = read_columns("solar_spectrum_file", path, 2)
    wavenumber, flux = table[np.argsort(table[:, 0])].T
    place = np.searchsorted(edges, PER_CM * wavenumber) - 1
    if wavenumber.size != edges.size - 3 or (place != np.arange(1, edges.size - 2)).any():
        raise ConfigError(
            f"solar_spectrum_file: {path}: its {wavenumber.size} wavenumbers do not fall one each into the"
            f" {edges.size - 3} bands of {config.mie_file}"
        )
    if (flux < 0.0).any() or flux.sum() <= 0.0:
        raise ConfigError(f"solar_spectrum_file: {path}: fluxes must not be negative, nor all zero")
    return np.concatenate([[0.0], flux / flux.sum(), [0.0]])
