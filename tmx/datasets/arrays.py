"""The arrays of one sample: what a network is given, and what it is to predict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tmx.config import FIELDS
from tmx.datasets.layout import Coordinate, Inputs, hashable
from tmx.datasets.selection import SUMMARY, Member
from tmx.errors import ConfigError, StorageError
from tmx.storage.hdf5 import read
from tmx.storage.paths import in_store
from tmx.storage.records import RadianceRecord, ThermalRecord

FloatArray = npt.NDArray[np.float64]

THERMAL_FIELDS = ("T_surf_out", "t_out")
SPECTRA = {"brightness_temperature": "brightness_temperature", "emissivity": "emissivity", "radiance": "radiance_out"}
"""Outputs that are spectra, and the field of a record that holds each."""

MIXED_SPECTRA = ("mixed_brightness_temperature", "mixed_emissivity", "mixed_radiance")
"""The same of ground that is rough in part, for all observers; a record calls them so as well."""

MIXED = "mixed_bolometric_brightness_temperature"

RADIANCE_FIELDS = (
    *SPECTRA.values(),
    *MIXED_SPECTRA,
    MIXED,
    "bolometric_brightness_temperature",
    "t_out",
    "wavenumber",
)


CLOCK = "24 h to a solar day, 0 at the midnight when output begins; further days go on beyond 24"
"""What the hours of a dataset are."""


@dataclass(frozen=True)
class Outputs:
    """The arrays of one sample by name, and the axes that they stand on.

    Attributes
    ----------
    arrays : dict
        Output name to array.
    coordinates : dict
        Axis name to coordinate.
    """

    arrays: dict[str, FloatArray]
    coordinates: dict[str, Coordinate]


OUTPUTS = {
    "T_surf": ("K", "surface temperature [time]"),
    "brightness_temperature": ("K", "brightness temperature of the bands [wavenumber, radiance_time]"),
    "emissivity": ("1", "thermal radiance of the bands over that of a black body [wavenumber, radiance_time]"),
    "radiance": ("W m-2 sr-1 (cm-1)-1", "spectral radiance of the bands [wavenumber, radiance_time]"),
    "bolometric_brightness_temperature": ("K", "brightness temperature of all thermal radiation [radiance_time]"),
    **{
        f"mixed_{name}": (unit, f"{meaning} of ground that is rough in part [observer, wavenumber, radiance_time]")
        for name, unit, meaning in (
            ("brightness_temperature", "K", "brightness temperature of the bands"),
            ("emissivity", "1", "thermal radiance of the bands over that of a black body"),
            ("radiance", "W m-2 sr-1 (cm-1)-1", "spectral radiance of the bands"),
        )
    },
    MIXED: ("K", "brightness temperature of all thermal radiation of such ground [observer, radiance_time]"),
    "summary": (", ".join(SUMMARY.values()), f"{', '.join(SUMMARY)} [quantity]"),
}
"""Unit and meaning of every output, the axes of one sample at its end."""


def dims_of(output: str) -> tuple[str, ...]:
    """Return the axes of one sample of an output."""
    return tuple(OUTPUTS[output][1].rpartition("[")[2].rstrip("]").split(", "))


def columns_of(members: Sequence[Member]) -> Inputs:
    """Return the parameters of samples as columns; a parameter that is not a number gets codes."""
    names = tuple(members[0].params)
    categories = {}
    for name in names:
        values = [member.params[name] for member in members]
        if not all(isinstance(value, int | float) for value in values):
            categories[name] = tuple(sorted(set(map(hashable, values)), key=str))
    return Inputs(names, tuple(FIELDS[name].unit or "1" for name in names), categories)


def read_outputs(member: Member, store: Path, outputs_per_day: int) -> Outputs:
    """Read what a sample's files hold for a dataset.

    Parameters
    ----------
    member : Member
        The sample.
    store : Path
        The store root.
    outputs_per_day : int
        How many of its output times make a solar day.

    Raises
    ------
    StorageError
        If a file is missing or damaged.
    """
    thermal = read(in_store(member.thermal_path, store), ThermalRecord, THERMAL_FIELDS)
    arrays = {"T_surf": thermal.T_surf_out}
    hours = _hours(thermal.t_out, thermal.t_out, outputs_per_day)
    coordinates = {"time": Coordinate(hours, "h", f"local time, {CLOCK}")}
    if member.radiance_path is not None:
        radiance = read(in_store(member.radiance_path, store), RadianceRecord, RADIANCE_FIELDS)
        arrays["bolometric_brightness_temperature"] = radiance.bolometric_brightness_temperature
        seen = _hours(radiance.t_out, thermal.t_out, outputs_per_day)
        coordinates["radiance_time"] = Coordinate(seen, "h", f"local time of spectra, {CLOCK}")
        if radiance.wavenumber.size:
            arrays |= {name: getattr(radiance, field) for name, field in SPECTRA.items()}
            coordinates["wavenumber"] = Coordinate(radiance.wavenumber, "cm-1", "centres of the bands")
        if observers := len(radiance.mixed_bolometric_brightness_temperature):
            mixed = (MIXED, *MIXED_SPECTRA) if radiance.wavenumber.size else (MIXED,)
            arrays |= {name: getattr(radiance, name) for name in mixed}
            numbers = np.arange(float(observers))
            coordinates["observer"] = Coordinate(numbers, "1", "observer_mu first, then observer_vectors")
    arrays["summary"] = np.array(member.summary)
    coordinates["quantity"] = Coordinate(np.array(list(SUMMARY)), "1", "the columns of the summary")
    return Outputs(arrays, coordinates)


def _hours(times: FloatArray, outputs: FloatArray, per_day: int) -> FloatArray:
    """Return local times [h] for times [s] out of evenly spaced outputs, the first of which is at midnight.

    They are counted, not divided by the period: samples whose periods differ have the very same hours.
    """
    step = outputs[1] - outputs[0] if outputs.size > 1 else 1.0
    return np.asarray(24.0 * np.round((times - outputs[0]) / step) / per_day)


def require_same_axes(first: Outputs, other: Outputs, member: Member) -> None:
    """Make sure that a sample's arrays stand on the axes of the first one's.

    Raises
    ------
    ConfigError
        If they do not.
    """
    for name, coordinate in first.coordinates.items():
        found = other.coordinates.get(name)
        if found is None or not np.array_equal(found.values, coordinate.values):
            raise ConfigError(
                f"sample {member.index} has another {name} axis than the samples before it: a dataset needs samples"
                " with the same output times and bands"
            )
    if first.arrays.keys() != other.arrays.keys():
        raise StorageError(f"sample {member.index} has other outputs than the samples before it")
