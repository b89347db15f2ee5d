"""The spectra of a rough surface, and of ground that is rough in part, as their file and the registry hold them."""

from typing import Any

import numpy as np

from tmx.config import SimulationConfig
from tmx.physics.insolation import sun_directions
from tmx.stages.outcome import Number
from tmx.stages.seen import Seen, Views, suns_of, views_of
from tmx.stages.seen_facets import RoughSeen
from tmx.stages.spectra import Layout
from tmx.stages.tables import PER_CM
from tmx.stages.thermal import as_stored, sun_of
from tmx.storage.records import FloatArray, RadianceRecord, ThermalRecord


def rough_fields(config: SimulationConfig, seen: Seen, rough: RoughSeen | None, layout: Layout) -> dict[str, Any]:
    """Return the fields of a record that describe a rough surface; without one they have no observers."""
    whole = mixed = seen.without_observers()
    vectors = np.empty((0, 3))
    if rough is not None:
        whole, vectors = rough.whole, rough.sight.directions
        mixed = seen.mixed_with(whole, config.rough_fraction)
    return {
        "crater_observer_vectors": vectors,
        **layout.spectra(whole).named("crater_"),
        **layout.spectra(mixed).named("mixed_"),
        **_facet_fields(config, seen, rough),
    }


def _facet_fields(config: SimulationConfig, seen: Seen, rough: RoughSeen | None) -> dict[str, Any]:
    """Return the fields of the facets themselves; none if they are not asked for."""
    facets: Views = seen.without_observers()
    fraction = cosine = np.empty(0)
    if rough is not None and config.facet_radiance_out:
        facets, fraction, cosine = rough.facets, rough.sight.fraction[0], rough.sight.cosine[0]
    width = np.diff(seen.edges / PER_CM)[:, None, None]
    spectral = np.moveaxis(facets.radiance / width, 1, 0)
    return {
        "facet_radiance": as_stored(np.ascontiguousarray(spectral), config.storage_dtype),
        "facet_bolometric_radiance": as_stored(facets.all_thermal, config.storage_dtype),
        "facet_bolometric_reflected_radiance": as_stored(facets.all_reflected, config.storage_dtype),
        "facet_visible_fraction": fraction,
        "facet_cos_emission": cosine,
    }


def phase_angles(config: SimulationConfig, thermal: ThermalRecord, times: list[int]) -> FloatArray:
    """Return the angles between the sun and the observers, by night as well, shape (views, t) [rad]."""
    views = views_of(config)
    if not config.sun:
        return np.empty((len(views), 0))
    suns = sun_directions(sun_of(config), thermal.t_out[times]) if config.diurnal else suns_of(thermal, times)
    return np.asarray(np.arccos(np.clip(views @ suns.T, -1.0, 1.0)))


def rough_numbers(record: RadianceRecord, rough: RoughSeen | None) -> dict[str, Number]:
    """Return the numbers of a rough surface towards the first observer; none where there is no such surface.

    The errors are the largest of all observers.
    """
    if rough is None:
        return {}
    brightness = record.crater_brightness_temperature[0]
    hottest = int(record.bolometric_radiance.argmax())
    flat = float(record.bolometric_radiance[hottest])
    return {
        "rough_tb_error_streams": rough.error_streams,
        "rough_tb_error_grid": rough.error_grid,
        "rough_tb_max": float(brightness.max()) if brightness.size else None,
        "rough_bolometric_tb_max": float(record.crater_bolometric_brightness_temperature[0].max()),
        "mixed_bolometric_tb_max": float(record.mixed_bolometric_brightness_temperature[0].max()),
        "beaming_ratio": float(record.crater_bolometric_radiance[0, hottest]) / flat if flat > 0.0 else None,
    }
