"""Tables of grain optics that were computed before, kept on disk under a hash of all that went into them."""

import math
from pathlib import Path

import numpy as np

from tmx.errors import ConfigError
from tmx.physics.grains.grains import Grains
from tmx.physics.grains.mie import ScatteringTable, efficiencies, scattering_table
from tmx.stages.cache import cache_home, content_sha256, read_numbers, write_numbers
from tmx.stages.tables import PER_CM
from tmx.storage.records import FloatArray

MICROMETRES = 1e6
"""µm in a m."""

VERSION = 1
"""Version of what `scattering_table` computes: another one whenever its numbers change."""


def cached_scattering_table(edges: FloatArray, grains: Grains) -> ScatteringTable:
    """Return the table of grains in bands, computed if it was not before.

    Parameters
    ----------
    edges : ndarray, shape (bands + 1,)
        Edges of the bands, ascending [m⁻¹].
    grains : Grains
        What the grains are.

    Raises
    ------
    ConfigError
        If the grains or the bands are not such as can be computed.

    Notes
    -----
    Files appear whole or not at all, and one that is damaged is computed anew, so any number of processes may share the
    cache. One that cannot be written to is done without.
    """
    edges = np.ascontiguousarray(edges, dtype=np.float64)
    path = _path(edges, grains)
    table = _read(path, edges)
    if table is None:
        try:
            table = scattering_table(edges, grains)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        _write(path, table)
    return table


def load_mie(edges: FloatArray, grains: Grains) -> None:
    """Have Mie theory compiled and in memory where the table of grains in bands has yet to be computed."""
    if not _path(edges, grains).exists():
        efficiencies(np.array([1.5 + 0.01j]), np.array([1.0]))


def table_text(table: ScatteringTable, what: str, radius: float) -> str:
    """Return a table in the format that `mie_file` names: wavelengths in µm and cross-sections in µm².

    Grains of a distribution have another mean volume than those of the `radius` [m] of a config, by which the number of
    grains of a table is counted: cross-sections are those of the volume of one such grain.
    """
    per_grain = 4.0 / 3.0 * math.pi * radius**3 / table.volume * MICROMETRES**2
    columns = (
        table.wavelength * MICROMETRES,
        table.asymmetry,
        table.extinction * per_grain,
        table.scattering * per_grain,
        table.albedo,
    )
    rows = [" ".join(f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)]
    return "\n".join([f"# {what}", "# wavelength_um g C_ext_um2 C_sca_um2 omega", *reversed(rows), ""])


def edges_text(table: ScatteringTable) -> str:
    """Return the edges of the bands of a table in the format that `wn_bounds` names, in cm⁻¹."""
    return "\n".join(["# edges of bands in 1/cm", *(f"{edge / PER_CM:.12g}" for edge in table.edges), ""])


def cache_directory() -> Path:
    """Return the directory of the cache, whether or not it exists."""
    return cache_home() / "tmx-optics"


def content_key(edges: FloatArray, grains: Grains) -> str:
    """Return the SHA-256 of everything a table depends on."""
    return content_sha256((VERSION, edges, grains))


def _path(edges: FloatArray, grains: Grains) -> Path:
    return cache_directory() / f"{content_key(edges, grains)}.table"


def _read(path: Path, edges: FloatArray) -> ScatteringTable | None:
    """Return the table of a file, or None if there is none or it is damaged."""
    bands = edges.size - 1
    values = read_numbers(path, 3 * bands + 2)
    return None if values is None else ScatteringTable(edges, *values[:-2].reshape(3, bands), *values[-2:].tolist())


def _write(path: Path, table: ScatteringTable) -> None:
    columns = np.concatenate([table.extinction, table.scattering, table.asymmetry])
    write_numbers(path, np.append(columns, [table.volume, table.effective_radius]))
