"""The rough surface that a config asks for; what is expensive of it is kept on disk."""

import logging
from pathlib import Path

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.roughness import Facets, Mesh, gaussian_mesh, mesh_facets, repeating_cell, spherical_cap, view_factors
from tmx.stages.cache import cache_home, content_sha256, read_numbers, write_numbers
from tmx.stages.meshes import read_mesh
from tmx.storage.records import FloatArray

LOG = logging.getLogger(__name__)

MOST_FACETS = 10_000
"""Facets that a surface may have whose facets see one another each in its own way: 0.8 GB of view factors."""

VERSION = 1
"""Version of what `view_factors` computes: another one whenever its numbers change."""


def facets_of(config: SimulationConfig) -> Facets:
    """Return the rough surface of a config: a crater, a random surface, or the mesh of a file.

    Raises
    ------
    ConfigError
        If there is no such surface; the message names the field.
    """
    mesh = _mesh_of(config)
    if mesh is None:
        return spherical_cap(config.crater_depth_ratio, config.crater_facets)
    return cached_facets(mesh, _named(config))


def require_facets(config: SimulationConfig) -> None:
    """Make sure that the rough surface of a config can be had, if it asks for one, without computing what it sees.

    Raises
    ------
    ConfigError
        If not; the message names the field.
    """
    mesh = _mesh_of(config) if config.crater else None
    if mesh is not None:
        _require_few(mesh, _named(config))


def _mesh_of(config: SimulationConfig) -> Mesh | None:
    """Return the mesh of a config; none for a crater."""
    if config.crater_mesh is not None:
        return read_mesh("crater_mesh", config.crater_mesh)
    if config.rough_shape == "gaussian":
        return gaussian_mesh(config.rms_slope, config.crater_facets, config.roughness_seed)
    return None


def _named(config: SimulationConfig) -> str:
    """Return how messages name the mesh of a config."""
    return "crater_facets" if config.crater_mesh is None else f"crater_mesh: {config.crater_mesh}"


def cached_facets(mesh: Mesh, what: str) -> Facets:
    """Return the rough surface of a mesh, with its view factors computed if they were not before.

    Parameters
    ----------
    mesh : Mesh
        One sheet with one rim. Where its opposite sides fit it repeats; otherwise it stands alone.
    what : str
        Names the mesh in messages.

    Raises
    ------
    ConfigError
        If it has too many facets, or cuts itself.
    """
    _require_few(mesh, what)
    count = len(mesh.faces)
    cell = repeating_cell(mesh)
    path = cache_directory() / f"{content_sha256((VERSION, mesh, cell))}.factors"
    upper = np.triu_indices(count, 1)
    exchanged = read_numbers(path, upper[0].size)
    LOG.info("view factors of %d facets: %s", count, "computes them" if exchanged is None else f"from {path}")
    try:
        factors = view_factors(mesh, cell) if exchanged is None else _factors(mesh, exchanged)
        facets = mesh_facets(mesh, cell, factors)
    except ValueError as error:
        raise ConfigError(f"{what}: {error}") from None
    if exchanged is None:
        write_numbers(path, (factors * mesh.areas[:, None])[upper])
    return facets


def _require_few(mesh: Mesh, what: str) -> None:
    if len(mesh.faces) > MOST_FACETS:
        raise ConfigError(
            f"{what}: {len(mesh.faces)} facets: at most {MOST_FACETS} can see one another each in its own way"
        )


def cache_directory() -> Path:
    """Return the directory of the cache, whether or not it exists."""
    return cache_home() / "tmx-roughness"


def _factors(mesh: Mesh, exchanged: FloatArray) -> FloatArray:
    """Return view factors from what facets exchange, A_i F_ij with i < j."""
    factors = np.zeros((len(mesh.faces), len(mesh.faces)))
    factors[np.triu_indices(len(mesh.faces), 1)] = exchanged
    factors += factors.T
    factors /= mesh.areas[:, None]
    return factors
