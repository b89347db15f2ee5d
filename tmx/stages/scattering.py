"""Tables of grain optics that were computed before, kept on disk under a hash of all that went into them."""

import hashlib
import math
import os
import struct
import threading
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from tmx.errors import ConfigError, WriteError
from tmx.physics.grains.grains import Grains
from tmx.physics.grains.mie import ScatteringTable, efficiencies, scattering_table
from tmx.stages.tables import PER_CM
from tmx.storage.atomic import stage
from tmx.storage.records import FloatArray

DIGEST_SIZE = 32
"""Bytes of a SHA-256."""

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
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "tmx-optics"


def content_key(edges: FloatArray, grains: Grains) -> str:
    """Return the SHA-256 of everything a table depends on."""
    digest = hashlib.sha256()
    _feed(digest, (VERSION, edges, grains))
    return digest.hexdigest()


def _path(edges: FloatArray, grains: Grains) -> Path:
    return cache_directory() / f"{content_key(edges, grains)}.table"


def _feed(digest: "hashlib._Hash", value: object) -> None:
    """Hash a value with its type and its size, so that no two values have the same bytes."""
    digest.update(type(value).__name__.encode())
    if isinstance(value, np.ndarray):
        digest.update(struct.pack("<q", value.size) + value.astype("<f8").tobytes())
    elif is_dataclass(value):
        for field in fields(value):
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple) and value and all(isinstance(one, float) for one in value):
        _feed(digest, np.array(value))
    elif isinstance(value, tuple):
        digest.update(struct.pack("<q", len(value)))
        for one in value:
            _feed(digest, one)
    else:
        text = repr(value).encode()
        digest.update(struct.pack("<q", len(text)) + text)


def _read(path: Path, edges: FloatArray) -> ScatteringTable | None:
    """Return the table of a file, or None if there is none or it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, numbers = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    bands = edges.size - 1
    if hashlib.sha256(numbers).digest() != digest or len(numbers) != 8 * (3 * bands + 2):
        return None
    values = np.frombuffer(numbers, "<f8").astype(np.float64)
    return ScatteringTable(edges, *values[:-2].reshape(3, bands), *values[-2:].tolist())


def _write(path: Path, table: ScatteringTable) -> None:
    """Write a table as the SHA-256 of its numbers, and these."""
    columns = np.concatenate([table.extinction, table.scattering, table.asymmetry])
    numbers = np.append(columns, [table.volume, table.effective_radius]).astype("<f8").tobytes()
    with suppress(OSError, WriteError):
        token = f"{os.getpid()}-{threading.get_ident()}"
        stage(path, hashlib.sha256(numbers).digest() + numbers, token).publish()
