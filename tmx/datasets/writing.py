"""A dataset on its way into files: one, or a directory of shards with one file that shows them as a whole.

Rows arrive a block of samples at a time and are forgotten when they are written, so that memory stays flat.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np
import numpy.typing as npt
from h5py import h5d, h5p, h5s, h5t

from tmx.datasets.layout import (
    DATASET_FILE,
    FORMAT_VERSION,
    Coordinate,
    FileRecord,
    Inputs,
    attach_axes,
    create_rows,
    create_scale,
    describe_inputs,
)
from tmx.datasets.outputs import Kind
from tmx.datasets.selection import SUMMARY
from tmx.datasets.statistics import Moments

LIBRARY_VERSIONS = ("v110", "v110")

BLOCK_ROWS = 64
"""Samples that are in memory at once."""

Rows = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Description:
    """What the arrays of a dataset are.

    Attributes
    ----------
    inputs : Inputs
        The columns of the inputs.
    kinds : mapping of str to Kind
        The outputs by name.
    axes : mapping of str to Coordinate
        The axes that outputs stand on.
    """

    inputs: Inputs
    kinds: Mapping[str, Kind]
    axes: Mapping[str, Coordinate]

    def describe(self, part: h5py.Group) -> None:
        """Give the arrays of a part their units, meanings and axes."""
        describe_inputs(part, self.inputs)
        for name, kind in self.kinds.items():
            dataset = part["outputs"][name]
            dataset.attrs["units"], dataset.attrs["long_name"] = kind.unit, kind.meaning
            attach_axes(dataset, part["outputs"], kind.dims, self.axes)
            if name == "summary":
                dataset.attrs["names"] = list(SUMMARY)


@dataclass
class Span:
    """Where some samples of a part go: the group in a file, and which samples of the part are in it."""

    group: h5py.Group
    first: int
    count: int


class Storage(Protocol):
    """Where the rows of parts go."""

    def span(self, part: str, row: int, count: int) -> Span:
        """Return where a row of a part goes, out of `count` of the part; rows are asked for in order."""

    def finish(self, description: Description) -> h5py.File:
        """Describe all parts, and return the file that has the whole."""


class SingleFile:
    """All parts in one file."""

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._counts: dict[str, int] = {}

    def span(self, part: str, row: int, count: int) -> Span:
        """Return the part itself."""
        self._counts[part] = count
        return Span(self._file.require_group(part), 0, count)

    def finish(self, description: Description) -> h5py.File:
        """Describe all parts."""
        for part in self._counts:
            description.describe(self._file[part])
        return self._file


@dataclass(frozen=True)
class Shard:
    """A file with some samples of a part."""

    part: str
    path: Path
    first: int
    count: int


class Shards:
    """Parts in several files each, and a file in which virtual datasets put them together.

    Parameters
    ----------
    directory : Path
        Where the files go.
    rows : int
        Samples of a shard; a multiple of those of a block.
    """

    def __init__(self, directory: Path, rows: int) -> None:
        self._directory = directory
        self._rows = rows
        self._open: tuple[h5py.File, Span] | None = None
        self._whole: h5py.File | None = None
        self._shards: list[Shard] = []
        self.records: list[FileRecord] = []

    def span(self, part: str, row: int, count: int) -> Span:
        """Return the shard that has a row."""
        first = row - row % self._rows
        if self._open is None or (self._open[1].first, self._open[1].group.name) != (first, f"/{part}"):
            self._close()
            number, total = row // self._rows, math.ceil(count / self._rows)
            path = self._directory / f"{part}-{number:05d}-of-{total:05d}.h5"
            file = h5py.File(path, "w", libver=LIBRARY_VERSIONS)
            span = Span(file.create_group(part), first, min(self._rows, count - first))
            self._open = (file, span)
            self._shards.append(Shard(part, path, first, span.count))
        return self._open[1]

    def finish(self, description: Description) -> h5py.File:
        """Describe all shards, and make the file that shows them as one."""
        self._close()
        for shard in self._shards:
            with h5py.File(shard.path, "r+", libver=LIBRARY_VERSIONS) as file:
                file.attrs["kind"], file.attrs["format_version"] = "dataset shard", FORMAT_VERSION
                description.describe(file[shard.part])
            self.records.append(FileRecord.of(shard.path, shard.path.name))
        self._whole = whole = h5py.File(self._directory / DATASET_FILE, "w", libver=LIBRARY_VERSIONS)
        for part in dict.fromkeys(shard.part for shard in self._shards):
            self._put_together(whole, part, description)
            description.describe(whole[part])
        whole.attrs["shards"] = json.dumps([asdict(record) for record in self.records])
        return whole

    def close(self) -> None:
        """Close what is open."""
        self._close()
        if self._whole is not None:
            self._whole.close()

    def _put_together(self, whole: h5py.File, part: str, description: Description) -> None:
        shards = [shard for shard in self._shards if shard.part == part]
        names = ["sample_index", "inputs", *(f"outputs/{name}" for name in description.kinds)]
        with h5py.File(shards[0].path) as like:
            shapes = {name: (like[part][name].shape[1:], like[part][name].dtype) for name in names}
        whole.create_group(f"{part}/outputs")
        for name, (shape, dtype) in shapes.items():
            _create_virtual(whole, f"{part}/{name}", shards, shape, dtype)

    def _close(self) -> None:
        if self._open is not None:
            self._open[0].close()
            self._open = None


class Content:
    """The hash of what a dataset holds, however it is divided into files: of each array, its name and its shape."""

    def __init__(self) -> None:
        self._arrays: dict[str, tuple[Any, list[Any]]] = {}

    def add(self, name: str, rows: npt.NDArray[Any]) -> None:
        """Take in rows of an array, in order."""
        rows = np.ascontiguousarray(rows.astype(rows.dtype.newbyteorder("<"), copy=False))
        digest, about = self._arrays.setdefault(name, (hashlib.sha256(), [0, rows.shape[1:], rows.dtype.str[1:]]))
        digest.update(rows)
        about[0] += len(rows)

    def fingerprint(self) -> str:
        """Return the hash."""
        lines = [f"{name} {about} {digest.hexdigest()}\n" for name, (digest, about) in sorted(self._arrays.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class DatasetWriter:
    """Writes parts, and at the end what holds for all of them."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._content = Content()
        self._sizes: dict[str, int] = {}
        self.moments: dict[str, Moments] = {}

    def write_part(self, part: str, count: int, blocks: Iterator[Rows]) -> None:
        """Write the samples of a part, of which there are `count`."""
        self._sizes[part] = count
        row = 0
        for block in blocks:
            span = self._storage.span(part, row, count)
            length = len(block["inputs"])
            for name, values in block.items():
                dataset = span.group.get(name) or create_rows(span.group, name, span.count, values)
                dataset[row - span.first : row - span.first + length] = values
                self._content.add(f"{part}/{name}", values)
                if part == "train" and name != "sample_index":
                    self.moments.setdefault(name, Moments()).add(values)
            row += length

    def finish(self, description: Description, provenance: Mapping[str, Any]) -> str:
        """Write statistics, axes and attributes, and return the fingerprint."""
        file = self._storage.finish(description)
        for part in self._sizes:
            file.require_group(part)
        for name, moment in self.moments.items():
            for statistic, values in (("mean", moment.mean), ("std", moment.std)):
                file.create_dataset(f"normalisation/{name}/{statistic}", data=values)
                self._content.add(f"normalisation/{name}/{statistic}", np.atleast_1d(values))
        group = file.create_group("coordinates")
        for name, coordinate in description.axes.items():
            create_scale(group, name, coordinate)
            if not coordinate.is_named:
                self._content.add(f"coordinates/{name}", coordinate.values)
        fingerprint = self._content.fingerprint()
        file.attrs["kind"] = "dataset"
        file.attrs["format_version"] = FORMAT_VERSION
        file.attrs["fingerprint"] = fingerprint
        file.attrs["splits"] = json.dumps({part: size for part, size in self._sizes.items() if size})
        file.attrs["provenance"] = json.dumps(provenance, sort_keys=True)
        return fingerprint


def shard_rows(row_bytes: int, shard_bytes: int) -> int:
    """Return how many samples make a shard of about some size: a multiple of those of a block."""
    return BLOCK_ROWS * max(1, shard_bytes // max(row_bytes * BLOCK_ROWS, 1))


def _create_virtual(
    whole: h5py.File, name: str, shards: Sequence[Shard], shape: tuple[int, ...], dtype: np.dtype[Any]
) -> None:
    """Create an array whose rows are those of shards.

    By hand, since h5py's virtual datasets bear the time at which they were made.
    """
    total = (sum(shard.count for shard in shards), *shape)
    origin, space = (0,) * len(shape), h5s.create_simple(total)
    layout = h5p.create(h5p.DATASET_CREATE)
    layout.set_layout(h5d.VIRTUAL)
    layout.set_obj_track_times(False)
    layout.set_fill_value(np.array([_no_value(dtype)], dtype))
    for shard in shards:
        space.select_hyperslab((shard.first, *origin), (shard.count, *shape))
        layout.set_virtual(space, shard.path.name.encode(), name.encode(), h5s.create_simple((shard.count, *shape)))
    h5d.create(whole.id, name.encode(), h5t.py_create(dtype, logical=True), h5s.create_simple(total), dcpl=layout)


def _no_value(dtype: np.dtype[Any]) -> Any:
    """Return what stands where a shard is missing, so that nobody takes it for data."""
    return np.nan if dtype.kind == "f" else -1
