"""The outputs of a dataset: every quantity of the result files, and every number of the registry, by name.

Names, units, meanings and axes come from the declarations in `tmx.storage.records`: what a run stores, a dataset can
hold.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tmx.config.problems import shown, suggestion
from tmx.datasets.layout import Coordinate
from tmx.datasets.selection import SUMMARY, Member
from tmx.errors import ConfigError
from tmx.registry.views import result_names
from tmx.storage.hdf5 import read
from tmx.storage.paths import in_store
from tmx.storage.records import RadianceRecord, Record, ThermalRecord, described

FloatArray = npt.NDArray[np.float64]

CLOCK = "24 h to a solar day, 0 at the midnight when output begins; further days go on beyond 24"
"""What the hours of a dataset are."""

USUAL = (
    "T_surf",
    "brightness_temperature",
    "emissivity",
    "radiance",
    "bolometric_brightness_temperature",
    "mixed_brightness_temperature",
    "mixed_emissivity",
    "mixed_radiance",
    "mixed_bolometric_brightness_temperature",
    "summary",
)
"""Outputs of a dataset for which none are named, where the samples have them."""


@dataclass(frozen=True)
class Kind:
    """What an output is.

    Attributes
    ----------
    name, unit, meaning : str
        Its name, its unit, and what it is.
    dims : tuple of str
        The axes of one sample.
    record : type or None
        The record that has it; None for numbers of the registry.
    field : str
        What it is called there.
    """

    name: str
    unit: str
    meaning: str
    dims: tuple[str, ...]
    record: type[Record] | None
    field: str

    @property
    def dtype(self) -> type[np.floating[Any]]:
        """How it is stored: what comes from files in single precision, as it is there."""
        return np.float64 if self.record is None else np.float32


@dataclass(frozen=True)
class Arrays:
    """The outputs of one sample by name, and the axes that they stand on."""

    arrays: dict[str, FloatArray]
    coordinates: dict[str, Coordinate]


AXES: Mapping[type[Record], Mapping[str, tuple[str, str]]] = {
    ThermalRecord: {
        "time": ("time", "t_out"),
        "depth": ("depth", "x_grid"),
        "crater depth": ("crater_depth", "x_grid_crater"),
        "facet": ("facet", "crater_areas"),
    },
    RadianceRecord: {
        "time": ("radiance_time", "t_out"),
        "wave": ("wavenumber", "wavenumber"),
        "channel": ("channel", "channel_name"),
        "observer": ("observer", "crater_observer_vectors"),
        "direction": ("direction", "observer_vectors"),
        "facet": ("facet", "facet_visible_fraction"),
    },
}
"""From the axes in the declarations to the dimensions of a dataset, and the field that has their coordinates."""

NUMBERED = {
    "facet": "facets of the rough surface",
    "observer": "observer_mu first, then observer_vectors",
    "direction": "observer_vectors",
}
"""Dimensions whose coordinates are numbers from 0."""

MEANINGS = {
    "time": ("h", f"local time, {CLOCK}"),
    "radiance_time": ("h", f"local time of spectra, {CLOCK}"),
    "wavenumber": ("cm-1", "centres of the bands"),
    "depth": ("m", "depth of the centres of cells"),
    "crater_depth": ("m", "depth of the centres of cells of facets"),
    "channel": ("1", "channels of the instrument"),
    "quantity": ("1", "the columns of the summary"),
}


def _kinds_of(record: type[Record]) -> dict[str, Kind]:
    found = {}
    for field in dataclasses.fields(record):
        meaning, axes = described(field)
        if field.metadata["reduced"] and axes:
            name = {"T_out": "T_profile"}.get(field.name, field.name.removesuffix("_out").replace("_out_", "_"))
            dims = tuple(AXES[record][axis][0] for axis in axes)
            found[name] = Kind(name, field.metadata["unit"], meaning, dims, record, field.name)
    return found


def _numbers() -> dict[str, Kind]:
    summary = Kind("summary", ", ".join(SUMMARY.values()), ", ".join(SUMMARY), ("quantity",), None, "")
    single = {
        name: Kind(name, SUMMARY.get(name, "see `tmx sql`"), f"{name} of the registry", (), None, name)
        for name in sorted(result_names())
    }
    return {**single, "summary": summary}


KINDS: Mapping[str, Kind] = {**_kinds_of(ThermalRecord), **_kinds_of(RadianceRecord), **_numbers()}
"""Every output by its name."""


def read_kinds(names: Sequence[str]) -> tuple[Kind, ...]:
    """Return the outputs of these names.

    Raises
    ------
    ConfigError
        If there is none of a name, or a name stands twice.
    """
    for name in names:
        if name not in KINDS:
            raise ConfigError(
                f"--outputs: unknown output {shown(name)}{suggestion(name, KINDS)} (`tmx dataset outputs` lists them)"
            )
        if list(names).count(name) > 1:
            raise ConfigError(f"--outputs: {name} stands there twice")
    return tuple(KINDS[name] for name in names)


class OutputReader:
    """Reads outputs of samples.

    Parameters
    ----------
    store : Path
        The store root.
    kinds : sequence of Kind
        Which outputs.
    """

    def __init__(self, store: Path, kinds: Sequence[Kind]) -> None:
        self._store = store
        self._kinds = kinds
        self._fields = {record: tuple(_fields_needed(record, kinds)) for record in AXES}

    def read(self, member: Member, outputs_per_day: int, *, coordinates_only: bool = False) -> Arrays:
        """Read what a sample has of the outputs; of those that it does not have, nothing.

        Parameters
        ----------
        member : Member
            The sample.
        outputs_per_day : int
            How many of its output times make a solar day.
        coordinates_only : bool
            Read the axes alone.

        Raises
        ------
        StorageError
            If a file is missing or damaged.
        """
        records = {record: self._record(member, record) for record in AXES if self._fields[record]}
        arrays, coordinates = {}, {}
        for kind in self._kinds:
            values = _values(kind, member, records.get(kind.record) if kind.record else None)
            if values is None or not values.size:
                continue
            if not coordinates_only:
                arrays[kind.name] = values
            for dim in kind.dims:
                if dim not in coordinates:
                    coordinates[dim] = _coordinate(dim, kind, records, outputs_per_day)
        return Arrays(arrays, coordinates)

    def _record(self, member: Member, record: type[Record]) -> Record | None:
        path = member.thermal_path if record is ThermalRecord else member.radiance_path
        return None if path is None else read(in_store(path, self._store), record, self._fields[record])


def _fields_needed(record: type[Record], kinds: Sequence[Kind]) -> set[str]:
    needed = set()
    fields = dict(AXES[record].values())
    for kind in kinds:
        if kind.record is record:
            needed |= {kind.field, *(fields[dim] for dim in kind.dims)}
        elif record is ThermalRecord and "radiance_time" in kind.dims:
            needed.add("t_out")  # the hours of spectra are counted in output times of the temperatures
    return needed


def _values(kind: Kind, member: Member, record: Record | None) -> FloatArray | None:
    if kind.record is not None:
        return None if record is None else getattr(record, kind.field)
    if kind.field:
        number = member.result(kind.field)
        return None if number is None else np.array(float(number))
    return np.array([float(member.result(name)) for name in SUMMARY])


def _coordinate(
    dim: str, kind: Kind, records: Mapping[type[Record], Record | None], outputs_per_day: int
) -> Coordinate:
    if dim == "quantity":
        return Coordinate(np.array(list(SUMMARY)), *MEANINGS[dim])
    assert kind.record is not None, "what is not of the registry is of a record"  # noqa: S101
    values = getattr(records[kind.record], dict(AXES[kind.record].values())[dim])
    if dim in NUMBERED:
        return Coordinate(np.arange(float(len(values))), "1", NUMBERED[dim])
    if dim in ("time", "radiance_time"):
        outputs = records[ThermalRecord]
        assert isinstance(outputs, ThermalRecord), "the times of temperatures are read for hours"  # noqa: S101
        values = _hours(values, outputs.t_out, outputs_per_day)
    elif dim == "channel":
        values = np.char.decode(values)
    return Coordinate(values, *MEANINGS[dim])


def _hours(times: FloatArray, outputs: FloatArray, per_day: int) -> FloatArray:
    """Return local times [h] for times [s] out of evenly spaced outputs, the first of which is at midnight.

    They are counted, not divided by the period: samples whose periods differ have the very same hours.
    """
    step = outputs[1] - outputs[0] if outputs.size > 1 else 1.0
    return np.asarray(24.0 * np.round((times - outputs[0]) / step) / per_day)
