"""What is seen of the facets of a rough surface, opaque or not, and of the whole, from their saved temperatures."""

from dataclasses import dataclass

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import StorageError
from tmx.physics.roughness import Facets
from tmx.physics.roughness.sight import (
    Outlook,
    Sight,
    opaque_emission,
    opaque_sunlight,
    regolith_emission,
    regolith_sunlight,
    sight_of,
)
from tmx.stages.optics import RADIANCES, regolith_of
from tmx.stages.roughness import facets_of
from tmx.stages.seen import (
    Views,
    brightness_of,
    emissivity_in_bands,
    errors_seen,
    facet_nodes_of,
    sunlight_in_bands,
    suns_of,
    views_of,
)
from tmx.stages.thermal import sun_of
from tmx.storage.records import FloatArray, ThermalRecord


@dataclass(frozen=True)
class RoughSeen:
    """Radiances of a rough surface.

    Attributes
    ----------
    whole : Views
        Of the surface, towards all observers.
    facets : Views
        Of its facets, which stand in the place of the observers, towards the first observer.
    sight : Sight
        How the observers see the facets.
    error_grid, error_streams : float or None
        Estimated error of the brightness temperature of thermal radiance, the largest of all observers, from the grid
        and from the number of streams [K]; none of opaque facets, or where there are no streams.
    """

    whole: Views
    facets: Views
    sight: Sight
    error_grid: float | None = None
    error_streams: float | None = None


def see_facets(config: SimulationConfig, thermal: ThermalRecord, times: list[int], streams: int | None) -> RoughSeen:
    """Return what is seen of a rough surface at some of the times of its record.

    Parameters
    ----------
    config : SimulationConfig
        Says which bands, from where, and how facets emit.
    thermal : ThermalRecord
        Their temperatures.
    times : list of int
        Which of its times.
    streams : int or None
        Number of streams that the flat surface needs.

    Raises
    ------
    ConfigError
        If the optics cannot be had.
    StorageError
        If the record is not that of such a surface.
    """
    facets = _facets_of(config, thermal)
    sight = sight_of(facets, views_of(config))
    if config.use_RTE:
        edges, emission, sunlight = _regolith(config, thermal, times, (facets, sight), streams)
    else:
        edges, emission, sunlight = _opaque(config, thermal, times, (facets, sight))
    whole = _in_bands(config, edges, emission.whole, sunlight.whole)
    inside = _in_bands(config, edges, emission.facets, sunlight.facets)
    return RoughSeen(whole, inside, sight, *_errors(config, edges, emission))


def _errors(config: SimulationConfig, edges: FloatArray, emission: Outlook) -> tuple[float | None, float | None]:
    """Return the errors of brightness temperatures from the grid and from the streams [K], as far as there are some."""
    if emission.coarser is None:
        return None, None
    shown = slice(None) if config.output_radiance_mode == "two_wave" else slice(1, -1)
    fewer = None if emission.fewer is None else emission.fewer[shown]
    brightness = brightness_of(edges[shown], emission.whole[shown])
    return errors_seen(edges[shown], brightness, emission.whole[shown], emission.coarser[shown], fewer)


def _facets_of(config: SimulationConfig, thermal: ThermalRecord) -> Facets:
    """Return the facets that the temperatures are those of."""
    if thermal.crater_areas.size == 0:
        raise StorageError(
            "these temperatures are those of a flat surface (crater: false); compute_crater_radiance needs others"
        )
    facets = facets_of(config)
    areas = facets.areas / facets.area
    if areas.shape != thermal.crater_areas.shape or not np.allclose(areas, thermal.crater_areas, rtol=1e-6):
        raise StorageError(
            f"these temperatures are those of {thermal.crater_areas.size} facets of another rough surface than that"
            f" of the config, which has {areas.size}"
        )
    return facets


def _opaque(
    config: SimulationConfig, thermal: ThermalRecord, times: list[int], seen: tuple[Facets, Sight]
) -> tuple[FloatArray, Outlook, Outlook]:
    """Return edges that cover all wavenumbers, and what opaque facets emit and reflect between them."""
    edges, emissivity = emissivity_in_bands(config)
    temperature = thermal.T_surf_crater_out[:, times]
    emission = opaque_emission(*seen, edges, emissivity, temperature, config.disort_space_temp)
    light = opaque_sunlight(*seen, sun_of(config), suns_of(thermal, times))
    shares = sunlight_in_bands(config, edges)
    if shares.size:
        light = Outlook(shares[:, None, None] * light.whole, shares[:, None, None] * light.facets)
    return np.concatenate([[0.0], edges, [np.inf]]), emission, light


def _regolith(
    config: SimulationConfig,
    thermal: ThermalRecord,
    times: list[int],
    seen: tuple[Facets, Sight],
    streams: int | None,
) -> tuple[FloatArray, Outlook, Outlook]:
    """Return edges that cover all wavenumbers, and what facets of regolith emit and reflect between them."""
    regolith = regolith_of(config, RADIANCES)
    if streams is not None:
        regolith = regolith.with_streams(streams)
    depth, temperature = facet_nodes_of(config, thermal, times)
    emission = regolith_emission(*seen, regolith, depth, temperature)
    if regolith.solar:
        flux = config.S / config.R**2
        light = regolith_sunlight(*seen, regolith, float(depth[-1]), flux, suns_of(thermal, times))
    else:
        light = Outlook(np.zeros_like(emission.whole[:1]), np.zeros_like(emission.facets[:1]))
    return regolith.thermal_edges, emission, light


def _in_bands(config: SimulationConfig, edges: FloatArray, thermal: FloatArray, reflected: FloatArray) -> Views:
    """Return radiances of bands that cover all wavenumbers, of which the first and the last are not shown."""
    spectral = config.output_radiance_mode != "two_wave"
    inner = slice(1, -1) if spectral else slice(0, 0)
    return Views(
        edges=edges[inner],
        thermal=thermal[inner],
        reflected=reflected[inner] if config.output_radiance_mode == "multi_wave" else reflected[:0],
        all_thermal=thermal.sum(axis=0),
        all_reflected=reflected.sum(axis=0),
    )
