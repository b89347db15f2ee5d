"""How a dataset lies in HDF5: names, axes and chunks, for those who write it and those who read it.

```
/train, /val, /test     inputs[sample, parameter]  sample_index[sample]
  outputs/              <output>[sample, …], and a scale of every axis that they stand on
/normalisation          inputs, outputs/<output>: mean and std of the training part
/coordinates            the axes once more
```

Axes are dimension scales under the names of the dimensions, in or above the group of what stands on them: this is how
netCDF keeps them, so that whatever reads netCDF-4 finds names and coordinates.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from tmx.storage.atomic import file_sha256

FORMAT_VERSION = 2

DATASET_FILE = "ml_dataset.h5"

CHUNK_BYTES = 1 << 14
"""Bytes of a chunk, or one sample where that has more: samples in random order must not unpack their neighbours."""

NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable."

INPUTS = "inputs"

SAMPLE, PARAMETER = "sample", "parameter"


@dataclass(frozen=True)
class Coordinate:
    """An axis that all samples share: numbers, or names."""

    values: npt.NDArray[Any]
    unit: str
    meaning: str

    @property
    def is_named(self) -> bool:
        """Whether its places have names and no numbers."""
        return self.values.dtype.kind == "U"


@dataclass(frozen=True)
class Inputs:
    """The columns of the inputs.

    Attributes
    ----------
    names : tuple of str
        The parameters.
    units : tuple of str
        Their units.
    categories : dict
        For a parameter whose values are not numbers, the values in the order of their codes 0, 1, ….
    meanings : tuple of str
        What they are.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    categories: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    meanings: tuple[str, ...] = ()

    def row(self, values: Sequence[Any]) -> npt.NDArray[np.float64]:
        """Return the numbers of one sample, shape (parameters,), from its values in the order of the names."""
        return np.array([self._number(*pair) for pair in zip(self.names, values, strict=True)], dtype=np.float64)

    def _number(self, name: str, value: Any) -> float:
        if name in self.categories:
            return float(self.categories[name].index(hashable(value)))
        return float(value)


@dataclass(frozen=True)
class Output:
    """What an output is.

    Attributes
    ----------
    name, unit, meaning : str
        Its name, its unit, and what it is.
    dims : tuple of str
        The axes of one sample.
    shape : tuple of int
        Their lengths.
    coords : dict
        Their coordinates.
    """

    name: str
    unit: str
    meaning: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: Mapping[str, Coordinate]

    @property
    def has_quantities(self) -> bool:
        """Whether it is several quantities, which have names, and no curve or spectrum."""
        return any(axis.is_named for axis in self.coords.values())


@dataclass(frozen=True)
class FileRecord:
    """A file of a dataset: its name, hash and bytes."""

    name: str
    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path, name: str) -> "FileRecord":
        """Read a file."""
        return cls(name, file_sha256(path), path.stat().st_size)


def hashable(value: Any) -> Any:
    """Return a parameter's value as a key: lists come as lists from JSON."""
    return tuple(map(hashable, value)) if isinstance(value, list) else value


def rows_per_chunk(count: int, row_bytes: int) -> int:
    """Return how many samples make a chunk."""
    return max(1, min(count, CHUNK_BYTES // max(row_bytes, 1)))


def create_rows(group: h5py.Group, name: str, count: int, rows: npt.NDArray[Any]) -> h5py.Dataset:
    """Create a dataset of `count` samples that are like those given; what is packed has a checksum of its own."""
    row_bytes = rows.dtype.itemsize * math.prod(rows.shape[1:])
    return group.create_dataset(
        name,
        shape=(count, *rows.shape[1:]),
        dtype=rows.dtype,
        chunks=(rows_per_chunk(count, row_bytes), *rows.shape[1:]),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )


def describe_inputs(part: h5py.Group, inputs: Inputs) -> None:
    """Describe the inputs of a part: names, units, meanings and codes, and the scale of parameters."""
    dataset = part["inputs"]
    dataset.attrs["names"] = list(inputs.names)
    dataset.attrs["units"] = list(inputs.units)
    dataset.attrs["meanings"] = list(inputs.meanings)
    dataset.attrs["categories"] = json.dumps(inputs.categories, sort_keys=True)
    parameters = Coordinate(np.array(inputs.names), "1", "the columns of the inputs")
    attach_axes(dataset, part, (PARAMETER,), {PARAMETER: parameters})
    part["sample_index"].attrs["long_name"] = "index of the sample in its sweep"
    attach_axes(part["sample_index"], part, (), {})


def attach_axes(dataset: h5py.Dataset, group: h5py.Group, dims: Sequence[str], axes: Mapping[str, Coordinate]) -> None:
    """Name the dimensions of an array of samples, and give them scales in its group."""
    dataset.dims[0].attach_scale(_sample_scale(group.file[_part_of(group)], len(dataset)))
    for place, dim in enumerate(dims, start=1):
        dataset.dims[place].attach_scale(group.get(dim) or create_scale(group, dim, axes[dim]))


def create_scale(group: h5py.Group, name: str, coordinate: Coordinate) -> h5py.Dataset:
    """Create the scale of an axis."""
    scale = create_coordinate(group, name, coordinate)
    scale.make_scale(name)
    return scale


def create_coordinate(group: h5py.Group, name: str, coordinate: Coordinate) -> h5py.Dataset:
    """Write an axis with its unit and meaning."""
    values = coordinate.values.astype(h5py.string_dtype()) if coordinate.is_named else coordinate.values
    dataset = group.create_dataset(name, data=values)
    dataset.attrs["units"] = coordinate.unit
    dataset.attrs["long_name"] = coordinate.meaning
    return dataset


def read_inputs(dataset: h5py.Dataset) -> Inputs:
    """Read what the columns of the inputs are."""
    categories = json.loads(dataset.attrs["categories"])
    return Inputs(
        tuple(map(str, dataset.attrs["names"])),
        tuple(map(str, dataset.attrs["units"])),
        {name: tuple(map(hashable, values)) for name, values in categories.items()},
        tuple(map(str, dataset.attrs["meanings"])),
    )


def read_output(name: str, group: h5py.Group) -> Output:
    """Read what an output is."""
    dataset = group[name]
    scales = [dataset.dims[axis][0] for axis in range(1, dataset.ndim)]
    dims = tuple(scale.name.rpartition("/")[2] for scale in scales)
    coords = {dim: read_coordinate(scale) for dim, scale in zip(dims, scales, strict=True)}
    unit, meaning = (str(dataset.attrs[attribute]) for attribute in ("units", "long_name"))
    return Output(name, unit, meaning, dims, dataset.shape[1:], coords)


def read_coordinate(scale: h5py.Dataset) -> Coordinate:
    """Read an axis with its unit and meaning."""
    values = scale.asstr()[()].astype(str) if h5py.check_string_dtype(scale.dtype) else scale[()]
    return Coordinate(np.asarray(values), str(scale.attrs["units"]), str(scale.attrs["long_name"]))


def _sample_scale(part: h5py.Group, count: int) -> h5py.Dataset:
    """Return the scale of samples, a dimension without coordinates of its own."""
    if SAMPLE not in part:
        scale = part.create_dataset(SAMPLE, shape=(count,), dtype=np.float32)
        scale.make_scale(f"{NO_VARIABLE}{count:10d}")
    return part[SAMPLE]


def _part_of(group: h5py.Group) -> str:
    """Return the part that a group is or is in."""
    return str(group.name).split("/")[1]
