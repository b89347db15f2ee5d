"""What is seen of a surface, opaque or not, from its saved temperatures: radiances by band and direction."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tmx.config import SimulationConfig
from tmx.errors import StorageError
from tmx.physics.emission import emission_spectrum
from tmx.physics.insolation import reflected_at
from tmx.physics.planck import band_brightness_temperatures, brightness_changes
from tmx.physics.transfer.spectrum import emitted, reflected
from tmx.stages.bands import band_edges
from tmx.stages.optics import RADIANCES, regolith_of, solar_shares
from tmx.stages.tables import band_emissivities, emissivity_table
from tmx.stages.thermal import dust_of, sun_of
from tmx.storage.records import FloatArray, ThermalRecord

MOST_STREAMS = 64
"""Streams beyond which none are added where their number is free."""


@dataclass(frozen=True)
class Views:
    """Radiances in bands, and in all, towards some observers; the first of them is that of `observer_mu`.

    Attributes
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands in wavenumber [m⁻¹]; none where there are no bands.
    thermal : ndarray, shape (bands, views, t)
        Thermal radiance of the bands [W m⁻² sr⁻¹].
    reflected : ndarray, shape (bands, views, t), or (0, views, t)
        Radiance of reflected sunlight in the bands [W m⁻² sr⁻¹]; nothing where only infrared bands are computed.
    all_thermal, all_reflected : ndarray, shape (views, t)
        The same over all wavenumbers [W m⁻² sr⁻¹].
    """

    edges: FloatArray
    thermal: FloatArray
    reflected: FloatArray
    all_thermal: FloatArray
    all_reflected: FloatArray

    @property
    def radiance(self) -> FloatArray:
        """Radiance of the bands, thermal and reflected, shape (bands, views, t) [W m⁻² sr⁻¹]."""
        return self.thermal + self.reflected if len(self.reflected) else self.thermal

    def without_observers(self) -> "Views":
        """Return the same radiances towards nobody."""
        return Views(
            self.edges, self.thermal[:, :0], self.reflected[:, :0], self.all_thermal[:0], self.all_reflected[:0]
        )

    def mixed_with(self, other: "Views", fraction: float) -> "Views":
        """Return the radiances of a surface a part of which, `fraction`, is seen like another."""
        return Views(
            self.edges,
            *(
                (1.0 - fraction) * getattr(self, name) + fraction * getattr(other, name)
                for name in ("thermal", "reflected", "all_thermal", "all_reflected")
            ),
        )


@dataclass(frozen=True)
class Seen(Views):
    """Radiances of a flat surface.

    Attributes
    ----------
    brightness : ndarray, shape (bands, views, t)
        Brightness temperature of the thermal radiance [K].
    surface : ndarray, shape (t,), or None
        Temperature that emissivity refers to [K]; none where the spectra have to say it.
    error_streams, error_grid : float or None
        Estimated error of the brightness temperature of thermal radiance in the first direction, from the number of
        streams and from the grid [K].
    streams : int or None
        Number of streams.
    """

    brightness: FloatArray
    surface: FloatArray | None
    error_streams: float | None = None
    error_grid: float | None = None
    streams: int | None = None


def views_of(config: SimulationConfig) -> FloatArray:
    """Return the unit vectors to all observers, shape (views, 3): x south, y east, z up."""
    mu, azimuth = config.observer_mu, config.observer_azimuth
    across = np.sqrt(1.0 - mu * mu)
    first = (across * np.cos(azimuth), across * np.sin(azimuth), mu)
    vectors = np.array([first, *config.observer_vectors])
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1)[:, None])


def see(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> Seen:
    """Return what is seen of a surface at some of the times of its record.

    Raises
    ------
    ConfigError
        If the optics cannot be had.
    StorageError
        If the record is not that of such a surface.
    """
    if config.use_RTE:
        return _regolith(config, thermal, times)
    return _opaque(config, thermal, times)


def _opaque(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> Seen:
    """Return what is seen of an opaque surface, which looks the same from everywhere."""
    temperature = thermal.T_surf_out[times]
    edges, emissivity = emissivity_in_bands(config)
    spectrum = emission_spectrum(edges, emissivity, temperature, config.disort_space_temp)
    bands = 0 if config.output_radiance_mode == "two_wave" else edges.size - 1
    views = len(views_of(config))
    sun = sun_of(config)
    sunlit = np.array([reflected_at(sun, mu) for mu in thermal.mu_out[times]]) / np.pi
    shares = sunlight_in_bands(config, edges)[1:-1]
    return Seen(
        edges=edges if bands else edges[:0],
        thermal=_from_everywhere(spectrum.radiance[:bands], views),
        reflected=_from_everywhere(shares[:, None] * sunlit, views),
        all_thermal=np.repeat(spectrum.bolometric_radiance[None], views, axis=0),
        all_reflected=np.repeat(sunlit[None], views, axis=0),
        brightness=_from_everywhere(spectrum.brightness_temperature[:bands], views),
        surface=temperature,
    )


def emissivity_in_bands(config: SimulationConfig) -> tuple[FloatArray, FloatArray]:
    """Return edges of bands [m⁻¹], and the emissivity of an opaque surface in them.

    With `two_wave` output the bands are those of the table of emissivities.
    """
    if config.output_radiance_mode == "two_wave":
        wavenumber, emissivity = emissivity_table(config)
        between = 0.5 * (wavenumber[1:] + wavenumber[:-1])
        return np.concatenate([wavenumber[:1], between, 2.0 * wavenumber[-1:]]), emissivity
    edges = band_edges(config, RADIANCES.suffix)
    return edges, band_emissivities(config, edges)


def sunlight_in_bands(config: SimulationConfig, edges: FloatArray) -> FloatArray:
    """Return the part of sunlight in every band, and first and last in what lies beyond; none unless it is resolved."""
    if config.output_radiance_mode != "multi_wave":
        return np.empty(0)
    return solar_shares(config, RADIANCES, np.concatenate([[0.0], edges, [np.inf]]))


def _from_everywhere(radiance: FloatArray, views: int) -> FloatArray:
    return np.repeat(radiance[:, None, :], views, axis=1)


def _regolith(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> Seen:
    """Return what is seen of regolith that radiation goes through, with as many streams as are needed."""
    regolith = regolith_of(config, RADIANCES)
    depth, temperature = nodes_of(config, thermal, times)
    views = views_of(config)
    cosines, which = np.unique(views[:, 2], return_inverse=True)
    spectral = len(regolith.thermal) > 1
    shown = slice(1, -1) if spectral else slice(None)
    edges = regolith.thermal_edges[shown]
    while True:
        emission = emitted(regolith, depth, temperature, cosines)
        brightness = brightness_of(edges, emission.radiance[shown])
        first = which[:1]
        fewer = None if emission.fewer is None else emission.fewer[shown, first]
        error_grid, error_streams = errors_seen(
            edges, brightness[:, first], emission.radiance[shown, first], emission.coarser[shown, first], fewer
        )
        enough = (error_streams or 0.0) <= config.accuracy or regolith.streams >= MOST_STREAMS
        if config.nstr_out != "auto" or enough:
            break
        regolith = regolith.with_streams(2 * regolith.streams)
    sunlight = np.zeros((0, len(views), len(times)))
    if regolith.solar:
        suns = suns_of(thermal, times)
        sunlight = config.S / config.R**2 * reflected(regolith, float(depth[-1]), views, suns)
    inner = shown if spectral else slice(0, 0)
    return Seen(
        edges=edges if spectral else edges[:0],
        thermal=emission.radiance[inner][:, which],
        reflected=sunlight[inner] if config.output_radiance_mode == "multi_wave" else sunlight[:0],
        all_thermal=emission.radiance[:, which].sum(axis=0),
        all_reflected=sunlight.sum(axis=0),
        brightness=brightness[:, which] if spectral else brightness[:0, which],
        surface=None,
        error_streams=error_streams,
        error_grid=error_grid,
        streams=regolith.streams if regolith.method.HAS_STREAMS else None,
    )


def brightness_of(edges: FloatArray, radiance: FloatArray) -> FloatArray:
    """Return the brightness temperatures of radiances of bands, shape (bands, views, t) [K]."""
    bands, views, times = radiance.shape
    flat = np.ascontiguousarray(radiance.reshape(bands, views * times))
    return band_brightness_temperatures(edges, flat).reshape(radiance.shape)


def nodes_of(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> tuple[FloatArray, FloatArray]:
    """Return depths of the nodes, in mass at the density of the top [m], and their temperatures, shape (N, t) [K]."""
    column = (thermal.layer_structure, thermal.x_grid, thermal.x_boundaries)
    return _nodes(config, column, thermal.T_out, thermal.T_base_out, times)


def facet_nodes_of(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> tuple[FloatArray, FloatArray]:
    """Return the same of the facets of a rough surface: the temperatures have the shape (N, facets, t)."""
    column = (thermal.layer_structure_crater, thermal.x_grid_crater, thermal.x_boundaries_crater)
    return _nodes(config, column, thermal.T_crater_out, thermal.T_base_crater_out, times)


def _nodes(
    config: SimulationConfig,
    column: tuple[npt.NDArray[np.int64], FloatArray, FloatArray],
    inside: FloatArray,
    base: FloatArray,
    times: list[int],
) -> tuple[FloatArray, FloatArray]:
    """Return depths and temperatures of the nodes of a column, given the layers, centres and edges of its cells.

    Heat does not flow through the surface, which has the temperature of the cell below it.
    """
    if base.size == 0:
        raise StorageError(
            "these temperatures are those of an opaque surface (use_RTE: false); spectra with use_RTE: true need others"
        )
    layer, centres, edges = column
    cells = layer == 0
    depth = np.concatenate([[0.0], centres[cells], edges[[np.count_nonzero(cells)]]])
    inside = inside[cells][..., times]
    temperature = np.concatenate([inside[:1], inside, base[None, ..., times]])
    return dust_of(config).equivalent_depth(depth), np.ascontiguousarray(temperature)


def suns_of(thermal: ThermalRecord, times: list[int]) -> FloatArray:
    """Return the unit vectors to the sun, shape (t, 3); by night it is on the horizon."""
    mu, azimuth = thermal.mu_out[times], thermal.sun_azimuth_out[times]
    across = np.sqrt(1.0 - mu * mu)
    return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), mu], axis=1)


def errors_seen(
    edges: FloatArray, brightness: FloatArray, radiance: FloatArray, coarser: FloatArray, fewer: FloatArray | None
) -> tuple[float, float | None]:
    """Return the errors of brightness temperatures that come from the grid and from the streams [K], the largest.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands [m⁻¹].
    brightness : ndarray, shape (bands, views, t)
        Brightness temperatures of the thermal radiance [K].
    radiance, coarser, fewer : ndarray, shape (bands, views, t), the last of which may be missing
        That radiance, and what it is with every second node left out and with half as many streams [W m⁻² sr⁻¹].
    """
    bands = len(brightness)
    here = np.ascontiguousarray(brightness.reshape(bands, -1))

    def apart(other: FloatArray) -> float:
        change = np.ascontiguousarray((other - radiance).reshape(bands, -1))
        return float(np.abs(brightness_changes(edges, here, change)).max())

    return apart(coarser) / 3.0, None if fewer is None else apart(fewer)
