"""Optical properties of the regolith from a config: of its grains by Mie theory, or from the tables that it names."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tmx.config import SimulationConfig
from tmx.config.reading import fields_in_use
from tmx.errors import ConfigError
from tmx.physics.grains.grains import Grains
from tmx.physics.grains.mie import check_bands
from tmx.physics.planck import band_radiances
from tmx.physics.transfer.optics import Optics
from tmx.physics.transfer.regolith import Regolith, SolarBand, ThermalBand
from tmx.stages.bands import band_edges, edges_of_file
from tmx.stages.grains import grains_of
from tmx.stages.scattering import cached_scattering_table, load_mie
from tmx.stages.tables import PER_CM, read_columns, substrate_emissivities
from tmx.storage.records import FloatArray

FIRST_STREAMS = 4
"""Streams to begin with where their number is free, for temperatures."""

FIRST_STREAMS_OUT = 16
"""The same for radiances."""

MEAN_EXTINCTION_TEMPERATURE = 250.0
"""Temperature of the Planck function that weights the bands in the mean extinction of `scale_Et` [K]."""

SOLAR_TEMPERATURE = 5772.0
"""Effective temperature of the sun [K] (IAU 2015 Resolution B3)."""

SQUARE_MICROMETRES = 1e-12
"""m² in a µm²."""


@dataclass(frozen=True)
class Wanted:
    """Which of the two sets of fields that describe bands is meant: that of the temperatures, or of the radiances.

    Attributes
    ----------
    suffix : str
        What the names of the fields end with.
    mode : str
        The field that says whether bands are grey or spectral.
    """

    suffix: str
    mode: str

    def field(self, name: str) -> str:
        """Return the full name of a field."""
        return name + self.suffix

    def of(self, config: SimulationConfig, name: str) -> Any:
        """Return the value of a field."""
        return getattr(config, self.field(name))

    def mode_of(self, config: SimulationConfig) -> str:
        """Return the value of the field that says whether bands are grey or spectral."""
        return str(getattr(config, self.mode))


TEMPERATURES = Wanted("", "thermal_evolution_mode")
RADIANCES = Wanted("_out", "output_radiance_mode")


@dataclass(frozen=True)
class _Bands:
    """Grains in bands: edges [m⁻¹], extinction coefficient at `fill_frac` [m⁻¹], albedo and asymmetry [-]."""

    edges: FloatArray
    extinction: FloatArray
    albedo: FloatArray
    asymmetry: FloatArray


def regolith_of(config: SimulationConfig, wanted: Wanted = TEMPERATURES) -> Regolith:
    """Return the uppermost layer of a config as a medium for radiation.

    Raises
    ------
    ConfigError
        If a table cannot be read, or does not fit the others, or the grains are none that Mie theory can do.
    """
    thermal = (_grey_band(config),) if wanted.mode_of(config) == "two_wave" else _spectral_bands(config, wanted)
    streams, first = wanted.of(config, "nstr"), FIRST_STREAMS if wanted is TEMPERATURES else FIRST_STREAMS_OUT
    return Regolith(
        thermal=thermal,
        solar=_solar_bands(config, wanted, thermal) if config.sun else (),
        solver=config.RTE_solver,
        streams=first if streams == "auto" else streams,
        sky=config.disort_space_temp,
    )


def require_optics(config: SimulationConfig, wanted: Wanted) -> None:
    """Make sure that the optics of a config can be had; nothing that takes long is computed.

    Raises
    ------
    ConfigError
        As `regolith_of` does.
    """
    if not config.use_RTE or wanted.mode_of(config) == "two_wave":
        return
    if wanted.of(config, "mie_file") is not None:
        regolith_of(config, wanted)
        return
    edges, _ = _bands_of_grains(config, wanted)
    _substrate(config, wanted, edges)


def load_mie_of(config: SimulationConfig, wanted: Wanted) -> None:
    """Have Mie theory compiled and in memory where the optics of a config have yet to be computed by it.

    Raises
    ------
    ConfigError
        As `regolith_of` does.
    """
    if config.use_RTE and wanted.mode_of(config) != "two_wave" and wanted.of(config, "mie_file") is None:
        load_mie(*_bands_of_grains(config, wanted))


def solar_shares(config: SimulationConfig, wanted: Wanted, edges: FloatArray) -> FloatArray:
    """Return the part of sunlight in every band: of a black body like the sun, or from a table of flux per band.

    Parameters
    ----------
    config : SimulationConfig
        Names the table, if there is one.
    wanted : Wanted
        Which bands these are.
    edges : ndarray, shape (bands + 1,)
        Edges of the bands [m⁻¹], of which the first and the last close the spectrum.

    Raises
    ------
    ConfigError
        If the table does not have one flux for each band but those two.
    """
    path = wanted.of(config, "solar_spectrum_file")
    if path is None:
        radiance = band_radiances(edges, np.array([SOLAR_TEMPERATURE]))[:, 0]
        return np.asarray(radiance / radiance.sum())
    field = wanted.field("solar_spectrum_file")
    table = read_columns(field, path, 2)
    wavenumber, flux = table[np.argsort(table[:, 0])].T
    place = np.searchsorted(edges, PER_CM * wavenumber) - 1
    if wavenumber.size != edges.size - 3 or (place != np.arange(1, edges.size - 2)).any():
        raise ConfigError(
            f"{field}: {path}: its {wavenumber.size} wavenumbers do not fall one each into the"
            f" {edges.size - 3} bands from {edges[1] / PER_CM:g} to {edges[-2] / PER_CM:g} 1/cm"
        )
    if (flux < 0.0).any() or flux.sum() <= 0.0:
        raise ConfigError(f"{field}: {path}: fluxes must not be negative, nor all zero")
    return np.concatenate([[0.0], flux / flux.sum(), [0.0]])


def _grey_band(config: SimulationConfig) -> ThermalBand:
    optics = Optics(config.Et, config.ssalb_therm, config.g_therm, config.phase_moments_therm or ())
    return ThermalBand(optics, reflectivity=config.R_base)


def _visible_optics(config: SimulationConfig, extinction: float) -> Optics:
    return Optics(extinction, config.ssalb_vis, config.g_vis, config.phase_moments_vis or ())


def _solar_bands(config: SimulationConfig, wanted: Wanted, thermal: tuple[ThermalBand, ...]) -> tuple[SolarBand, ...]:
    if wanted.mode_of(config) != "multi_wave":
        return (SolarBand(_visible_optics(config, config.eta * config.Et), 1.0, config.R_base),)
    shares = solar_shares(config, wanted, np.array([band.low for band in thermal] + [np.inf]))
    return tuple(
        SolarBand(band.optics, float(share), band.reflectivity)
        for band, share in zip(thermal, shares, strict=True)
        if share > 0.0 or wanted is RADIANCES
    )


def _spectral_bands(config: SimulationConfig, wanted: Wanted) -> tuple[ThermalBand, ...]:
    """Return the bands of grains, and at either end one that closes the spectrum with the same optics."""
    edges, optics = _scattering(config, wanted)
    if wanted.mode_of(config) == "hybrid":
        infrared = int(np.count_nonzero(~_visible(config, edges)))
        if infrared == 0:
            raise ConfigError(
                f"hybrid_wavelength_cutoff: there is no band beyond {config.hybrid_wavelength_cutoff:g} um: the bands"
                f" reach from {edges[0] / PER_CM:g} to {edges[-1] / PER_CM:g} 1/cm"
            )
        edges, optics = edges[: infrared + 1], optics[:infrared]
    reflectivity = _substrate(config, wanted, edges)
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


def _visible(config: SimulationConfig, edges: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell which bands are short of the wavelength that parts visible and infrared."""
    return np.asarray(0.5 * (edges[1:] + edges[:-1]) > 1e6 / config.hybrid_wavelength_cutoff)


def _scattering(config: SimulationConfig, wanted: Wanted) -> tuple[FloatArray, list[Optics]]:
    """Return band edges, ascending [m⁻¹], and the optics of the bands."""
    bands = _table(config, wanted) if wanted.of(config, "mie_file") else _mie_theory(config, wanted)
    extinctions = bands.extinction
    if config.depth_dependent_properties:
        extinctions = extinctions * (config.rho_surface / config.rho_particle / config.fill_frac)
    if config.scale_Et:
        weight = band_radiances(bands.edges, np.array([MEAN_EXTINCTION_TEMPERATURE]))[:, 0]
        extinctions = extinctions * (config.Et / float(np.average(extinctions, weights=weight)))
    columns = zip(extinctions, bands.albedo, bands.asymmetry, strict=True)
    optics = [Optics(float(extinction), float(albedo), float(g)) for extinction, albedo, g in columns]
    if config.force_vis_disort:
        visible = _visible(config, bands.edges)
        optics = [
            _visible_optics(config, one.extinction) if seen else one for one, seen in zip(optics, visible, strict=True)
        ]
    return bands.edges, optics


def _bands_of_grains(config: SimulationConfig, wanted: Wanted) -> tuple[FloatArray, Grains]:
    """Return the edges of bands, ascending [m⁻¹], and grains that can be computed in them."""
    edges, grains = band_edges(config, wanted.suffix), grains_of(config)
    try:
        check_bands(edges, grains)
    except ValueError as error:
        raise ConfigError(f"{error}{_range_to_choose(config, wanted, edges, grains)}") from None
    return edges, grains


def _range_to_choose(config: SimulationConfig, wanted: Wanted, edges: FloatArray, grains: Grains) -> str:
    """Say how far bands may reach, where they reach beyond what is known of the grains and fields say how far."""
    least, most = (1.0 / wavelength for wavelength in reversed(grains.wavelengths))
    low, high = wanted.field("wn_min"), wanted.field("wn_max")
    known = least <= edges[0] and edges[-1] <= most
    if known or least >= most or low not in fields_in_use(vars(config)):
        return ""
    rounding = 1e-9
    first, last = math.ceil(least / PER_CM * (1.0 - rounding)), math.floor(most / PER_CM * (1.0 + rounding))
    return f"; {low} and {high} may be from {first} to {last} 1/cm"


def _mie_theory(config: SimulationConfig, wanted: Wanted) -> _Bands:
    table = cached_scattering_table(*_bands_of_grains(config, wanted))
    return _Bands(table.edges, config.fill_frac / table.volume * table.extinction, table.albedo, table.asymmetry)


def _table(config: SimulationConfig, wanted: Wanted) -> _Bands:
    path, field = str(wanted.of(config, "mie_file")), wanted.field("mie_file")
    table = read_columns(field, path, 5)
    table = table[np.argsort(-table[:, 0])]
    wavelength_um, asymmetry, extinction, _, albedo = table.T
    if (wavelength_um <= 0.0).any() or (extinction <= 0.0).any() or (np.abs(asymmetry) >= 1.0).any():
        raise ConfigError(f"{field}: {path}: wavelengths and C_ext must be positive, and g between -1 and 1")
    if (albedo < 0.0).any() or (albedo > 1.0).any():
        raise ConfigError(f"{field}: {path}: single-scattering albedos must be from 0 to 1")
    particles = config.fill_frac / (4.0 / 3.0 * math.pi * config.radius**3)
    edges = _edges_of_table(config, wanted, 1e6 / wavelength_um)
    return _Bands(edges, particles * extinction * SQUARE_MICROMETRES, albedo, asymmetry)


def _edges_of_table(config: SimulationConfig, wanted: Wanted, centres: FloatArray) -> FloatArray:
    """Return the band edges that go with the rows of a scattering table at `centres`, ascending [m⁻¹]."""
    field, path, table = wanted.field("wn_bounds"), wanted.of(config, "wn_bounds"), wanted.of(config, "mie_file")
    if path is None:
        return _edges_around(centres)
    edges = edges_of_file(field, path)
    if edges.size != centres.size + 1:
        raise ConfigError(
            f"{field}: {path}: {edges.size} edges do not go with the {centres.size} bands of {table};"
            f" {centres.size + 1} are needed"
        )
    outside = np.maximum(edges[:-1] - centres, centres - edges[1:])
    worst = int(outside.argmax())
    if outside[worst] > 0.0:
        raise ConfigError(
            f"{field}: {path}: the band from {edges[worst] / PER_CM:g} to {edges[worst + 1] / PER_CM:g} 1/cm misses"
            f" {centres[worst] / PER_CM:g} 1/cm of {table} by {outside[worst] / PER_CM:g} 1/cm"
        )
    return edges


def _edges_around(centres: FloatArray) -> FloatArray:
    """Return edges midway between the centres of bands."""
    if centres.size == 1:
        return np.array([0.5, 1.5]) * float(centres[0])
    between = 0.5 * (centres[1:] + centres[:-1])
    first, last = 2.0 * centres[0] - between[0], 2.0 * centres[-1] - between[-1]
    return np.asarray(np.concatenate([[max(first, 0.5 * centres[0])], between, [last]]))


def _substrate(config: SimulationConfig, wanted: Wanted, edges: FloatArray) -> FloatArray:
    """Return the reflectivity of the substrate in every band."""
    if not config.use_spec:
        return np.full(edges.size - 1, config.R_base)
    field = wanted.field("substrate_spectrum")
    return 1.0 - substrate_emissivities(field, str(wanted.of(config, "substrate_spectrum")), edges)
