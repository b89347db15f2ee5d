"""The rough surface that a config asks for; what is expensive of it is kept on disk."""

from pathlib import Path

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.roughness import Facets, Mesh, gaussian_mesh, mesh_facets, repeating_cell, spherical_cap, view_factors
from tmx.stages.cache import cache_home, content_sha256, read_numbers, write_numbers
from tmx.stages.meshes import read_mesh
from tmx.storage.records import FloatArray

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
    if config.crater_mesh is not None:
        return cached_facets(read_mesh("crater_mesh", config.crater_mesh), f"crater_mesh: {config.crater_mesh}")
    if config.rough_shape == "gaussian":
        mesh = gaussian_mesh(config.rms_slope, config.crater_facets, config.roughness_seed)
        return cached_facets(mesh, "crater_facets")
    return spherical_cap(config.crater_depth_ratio, config.crater_facets)


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
    count = len(mesh.faces)
    if count > MOST_FACETS:
        raise ConfigError(f"{what}: {count} facets: at most {MOST_FACETS} can see one another each in its own way")
    cell = repeating_cell(mesh)
    path = cache_directory() / f"{content_sha256((VERSION, mesh, cell))}.factors"
    upper = np.triu_indices(count, 1)
    exchanged = read_numbers(path, upper[0].size)
    try:
        factors = view_factors(mesh, cell) if exchanged is None else _factors(mesh, exchanged)
        facets = mesh_facets(mesh, cell, factors)
    except ValueError as error:
        raise ConfigError(f"{what}: {error}") from None
    if exchanged is None:
        write_numbers(path, (factors * mesh.areas[:, None])[upper])
    return facets


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
