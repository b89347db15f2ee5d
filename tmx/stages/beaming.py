"""Thermal beaming: how the radiance of a rough surface depends on the angle between the sun and the observer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tmx.config import SimulationConfig, config_from_yaml
from tmx.errors import ConfigError
from tmx.physics.planck import bolometric_brightness_temperature
from tmx.stages.local_time import hours_apart, local_hours
from tmx.storage.hdf5 import read, read_provenance
from tmx.storage.records import FloatArray, RadianceRecord

NOON = 12.0

FIELDS = (
    "bolometric_radiance",
    "observer_bolometric_radiance",
    "crater_bolometric_radiance",
    "mixed_bolometric_radiance",
    "crater_observer_vectors",
    "phase_angle",
    "t_out",
)


@dataclass(frozen=True)
class Beaming:
    """Thermal radiance at all wavenumbers towards the observers of a record, at one time.

    Attributes
    ----------
    config : SimulationConfig
        The config of the spectra.
    local_time_h : float
        Local time [h].
    directions : ndarray, shape (observers, 3)
        Unit vectors to the observers, x south, y east, z up.
    phase_angle : ndarray, shape (observers,)
        Angle between sun and observer [rad].
    flat, rough, mixed : ndarray, shape (observers,)
        Radiance of the flat surface, of the rough one, and of ground that is rough in part [W m⁻² sr⁻¹].
    """

    config: SimulationConfig
    local_time_h: float
    directions: FloatArray
    phase_angle: FloatArray
    flat: FloatArray
    rough: FloatArray
    mixed: FloatArray

    @property
    def ratio(self) -> FloatArray:
        """Radiance of the rough surface over that of the flat one, shape (observers,) [-]."""
        return self.rough / self.flat

    @property
    def flat_brightness(self) -> FloatArray:
        """Brightness temperature of the flat surface, shape (observers,) [K]."""
        return bolometric_brightness_temperature(self.flat)

    @property
    def rough_brightness(self) -> FloatArray:
        """Brightness temperature of the rough surface, shape (observers,) [K]."""
        return bolometric_brightness_temperature(self.rough)


def beaming_from_file(radiance_file: str | Path, local_time_h: float = NOON) -> Beaming:
    """Read the thermal beaming of a rough surface.

    Parameters
    ----------
    radiance_file : str or Path
        A `radiance_….h5` of a config with `compute_crater_radiance`, with `observer_vectors` in many directions.
    local_time_h : float
        Local time [h]; the nearest is taken.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If it is damaged, of another kind or of another version.
    ConfigError
        If it has no rough surface, or no sun.
    """
    path = Path(radiance_file)
    record = read(path, RadianceRecord, FIELDS)
    if not len(record.crater_bolometric_radiance):
        raise ConfigError(f"{path}: no rough surface in it (compute_crater_radiance: false)")
    if not record.phase_angle.size:
        raise ConfigError(f"{path}: without a sun there is no phase angle")
    config = config_from_yaml(read_provenance(path, RadianceRecord).config_yaml, str(path), {})
    hours = local_hours(record.t_out, config.P)
    row = int(hours_apart(hours, local_time_h).argmin())
    flat = np.concatenate([record.bolometric_radiance[None], record.observer_bolometric_radiance])
    return Beaming(
        config=config,
        local_time_h=round(float(hours[row]), 2),
        directions=record.crater_observer_vectors,
        phase_angle=record.phase_angle[:, row],
        flat=flat[:, row],
        rough=record.crater_bolometric_radiance[:, row],
        mixed=record.mixed_bolometric_radiance[:, row],
    )
