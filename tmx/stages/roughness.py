"""The shape of a rough surface, from a config."""

from functools import lru_cache

from tmx.config import SimulationConfig
from tmx.physics.roughness import Facets, spherical_cap


def facets_of(config: SimulationConfig) -> Facets:
    """Return the facets of the roughness element of a config."""
    return _cap(config.crater_depth_ratio, config.crater_facets)


@lru_cache(maxsize=4)
def _cap(depth_over_diameter: float, facets: int) -> Facets:
    return spherical_cap(depth_over_diameter, facets)
