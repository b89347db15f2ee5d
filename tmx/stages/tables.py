"""Tabulated spectra from a config and the files it names."""

from pathlib import Path

import numpy as np

from tmx.config import SimulationConfig
from tmx.errors import ConfigError
from tmx.physics.emission import band_means
from tmx.storage.records import FloatArray

PER_CM = 100.0
"""m⁻¹ in a cm⁻¹."""


def emissivity_table(config: SimulationConfig) -> tuple[FloatArray, FloatArray]:
    """Return wavenumbers, ascending [m⁻¹], and emissivities of the surface; a single point where it is grey.

    Raises
    ------
    ConfigError
        If the file cannot be read, or holds values that are no emissivities.
    """
    if config.emissivity_file is None:
        return np.array([1.0]), np.array([config.em])
    return _emissivity_file("emissivity_file", config.emissivity_file)


def _emissivity_file(field: str, path: str) -> tuple[FloatArray, FloatArray]:
    """Return wavenumbers, ascending [m⁻¹], and emissivities of a file of wavelengths in µm and emissivities."""
    wavelength_um, emissivity = _emissivities(field, path)
    return 1e6 / wavelength_um[::-1], emissivity[::-1]


def substrate_emissivities(field: str, path: str, edges: FloatArray) -> FloatArray:
    """Return the mean over every band, between edges in m⁻¹, of a file of wavenumbers in cm⁻¹ and emissivities."""
    wavenumber, emissivity = _emissivities(field, path)
    return band_means(edges, PER_CM * wavenumber, emissivity)


def _emissivities(field: str, path: str) -> tuple[FloatArray, FloatArray]:
    """Return the columns of a file of emissivities, the first ascending."""
    table = read_columns(field, path, 2)
    place, emissivity = table[np.argsort(table[:, 0])].T
    if (place <= 0.0).any() or (emissivity <= 0.0).any() or (emissivity > 1.0).any():
        what = "wavenumbers" if field.startswith("substrate") else "wavelengths"
        raise ConfigError(f"{field}: {path}: {what} must be positive and emissivities above 0 and at most 1")
    return place, emissivity


def band_emissivities(config: SimulationConfig, edges: FloatArray) -> FloatArray:
    """Return the mean emissivity of every band."""
    wavenumber, emissivity = emissivity_table(config)
    return band_means(edges, wavenumber, emissivity)


def read_columns(field: str, path: str, columns: int) -> FloatArray:
    """Read a table of numbers whose columns are separated by blanks or commas; `#` begins a comment."""
    rows = []
    for number, line in enumerate(read_text(field, path).splitlines(), start=1):
        cells = line.split("#")[0].replace(",", " ").split()
        if not cells:
            continue
        try:
            rows.append([float(cell) for cell in cells[:columns]])
        except ValueError:
            raise ConfigError(f"{field}: {path}:{number}: {line.strip()!r} is not a row of numbers") from None
        if len(cells) < columns or not np.isfinite(rows[-1]).all():
            raise ConfigError(f"{field}: {path}:{number}: {columns} finite numbers are needed")
    if not rows:
        raise ConfigError(f"{field}: {path}: holds no numbers")
    return np.array(rows)


def read_text(field: str, path: str) -> str:
    """Read a file of text that a field names.

    Raises
    ------
    ConfigError
        If it cannot be read, or is no text.
    """
    try:
        return read_bytes(field, path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{field}: {path}: cannot be read: it is no text") from error


def read_bytes(field: str, path: str) -> bytes:
    """Read a file that a field names.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{field}: {path}: cannot be read: {error.strerror}") from error
