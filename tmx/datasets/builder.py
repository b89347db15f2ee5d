"""From a finished sweep to one HDF5 file with training, validation and test parts.

Samples are read one after the other in the order of their index, so that memory stays flat, and the same samples give
the same bytes. The fingerprint is a hash of the content: of every array, its name and its place.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tmx import __version__
from tmx.config import SimulationConfig, stored_config
from tmx.datasets.arrays import OUTPUTS, FloatArray, Outputs, columns_of, dims_of, read_outputs, require_same_axes
from tmx.datasets.layout import FORMAT_VERSION, Inputs, create_rows, create_scale, describe_inputs
from tmx.datasets.selection import SUMMARY, Member, select_members
from tmx.datasets.splits import PARTS, SplitPolicy
from tmx.errors import ConfigError, StorageError
from tmx.registry.control import sweep_id_of
from tmx.registry.datasets import DatasetRow, record_dataset
from tmx.registry.engine import Registry
from tmx.registry.sql import execute
from tmx.storage.atomic import Staged, file_sha256
from tmx.storage.paths import staging_path, store_relative

ROWS_PER_CHUNK = 64

SWEEP = """
SELECT w.sha256, w.seed, w.design, c.resolved FROM sweep w JOIN config c ON c.id = w.config_id WHERE w.id = :sweep_id
"""


@dataclass(frozen=True)
class BuiltDataset:
    """A dataset that was built.

    Attributes
    ----------
    path : Path
        The file.
    fingerprint : str
        Hash of its content.
    sizes : dict
        Samples of each part.
    excluded : dict
        Samples that were left out, by reason.
    """

    path: Path
    fingerprint: str
    sizes: dict[str, int]
    excluded: dict[str, int]

    @property
    def samples(self) -> int:
        """Samples in all parts."""
        return sum(self.sizes.values())


def build_dataset(
    registry: Registry, store: Path, sweep: str, path: Path, policy: SplitPolicy | None = None
) -> BuiltDataset:
    """Build the dataset of a sweep and register it.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    store : Path
        The store root.
    sweep : str
        Name of the sweep.
    path : Path
        The file to write; an earlier one is replaced when the new one is whole.
    policy : SplitPolicy, optional
        How samples are divided.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    ConfigError
        If no sample can be used, or the samples do not have the same axes.
    StorageError
        If a result file is missing or damaged, or the dataset cannot be written.
    """
    policy = policy or SplitPolicy()
    with registry.read() as conn:
        sweep_id = sweep_id_of(conn, sweep)
        definition = execute(conn, SWEEP, sweep_id=sweep_id).mappings().one()
        members, excluded = select_members(conn, sweep_id)
    if not members:
        reasons = ", ".join(f"{count} {reason}" for reason, count in excluded.items()) or "it has none"
        raise ConfigError(f"sweep {sweep!r} has no sample that a dataset can use: {reasons}; see `tmx status`")
    parts = {part: [m for m in members if policy.part_of(m.identity) == part] for part in PARTS}
    provenance = {
        "tmx_version": __version__,
        "sweep_sha256": definition["sha256"],
        "design": definition["design"],
        "sweep_seed": definition["seed"],
        "split": asdict(policy),
        "excluded": excluded,
    }
    with _staged_hdf5(path) as (file, staging):
        writer = _Writer(file, store, stored_config(definition["resolved"]), columns_of(members))
        fingerprint = writer.write(parts, provenance)
    staged = Staged(path, staging, file_sha256(staging), staging.stat().st_size)
    staged.publish()
    record_dataset(registry, _row(sweep, sweep_id, policy, staged, store, fingerprint, excluded), _membership(parts))
    return BuiltDataset(path, fingerprint, {part: len(chosen) for part, chosen in parts.items()}, excluded)


class _Writer:
    def __init__(self, file: h5py.File, store: Path, base: SimulationConfig, inputs: Inputs) -> None:
        self._file = file
        self._store = store
        self._base = base
        self._inputs = inputs
        self._content = hashlib.sha256()
        self._first: Outputs | None = None

    def write(self, parts: dict[str, list[Member]], provenance: dict[str, Any]) -> str:
        """Write everything and return the fingerprint."""
        for part, members in parts.items():
            moments = self._write_part(part, members)
            if part == "train":
                self._write_statistics(moments)
        self._write_coordinates()
        fingerprint = self._content.hexdigest()
        self._file.attrs["kind"] = "dataset"
        self._file.attrs["splits"] = json.dumps({part: len(members) for part, members in parts.items() if members})
        self._file.attrs["format_version"] = FORMAT_VERSION
        self._file.attrs["fingerprint"] = fingerprint
        self._file.attrs["provenance"] = json.dumps(provenance, sort_keys=True)
        return fingerprint

    def _write_part(self, part: str, members: Sequence[Member]) -> dict[str, "_Moments"]:
        """Write one part, a chunk of samples at a time, and return the moments of its arrays."""
        group = self._file.create_group(part)
        moments: dict[str, _Moments] = {}
        for start in range(0, len(members), ROWS_PER_CHUNK):
            chunk = members[start : start + ROWS_PER_CHUNK]
            for name, rows in self._rows(chunk).items():
                dataset = group.get(name) or self._create(group, name, rows, len(members))
                dataset[start : start + len(chunk)] = rows
                self._note(f"{part}/{name}", dataset[start : start + len(chunk)])
                moments.setdefault(name, _Moments()).add(rows)
        return moments

    def _rows(self, chunk: Sequence[Member]) -> dict[str, np.ndarray[Any, Any]]:
        """Read a chunk of samples: name of a dataset to its rows."""
        outputs = [self._read(member) for member in chunk]
        rows = {name: np.stack([each.arrays[name] for each in outputs]) for name in outputs[0].arrays}
        return {
            "sample_index": np.array([member.index for member in chunk]),
            "inputs": np.stack([self._inputs.row(member.params) for member in chunk]),
            **{f"outputs/{name}": _as_stored(name, values) for name, values in rows.items()},
        }

    def _read(self, member: Member) -> Outputs:
        outputs = read_outputs(member, self._store, member.params.get("freq_out", self._base.freq_out))
        if self._first is None:
            self._first = outputs
        require_same_axes(self._first, outputs, member)
        return outputs

    def _create(self, group: h5py.Group, name: str, rows: np.ndarray[Any, Any], count: int) -> h5py.Dataset:
        dataset = create_rows(group, name, count, rows)
        if name == "inputs":
            describe_inputs(group, self._inputs)
        elif name.startswith("outputs/"):
            self._describe_output(group["outputs"], name.removeprefix("outputs/"))
        return dataset

    def _describe_output(self, group: h5py.Group, output: str) -> None:
        assert self._first is not None, "its rows are known"  # noqa: S101
        dataset = group[output]
        dataset.attrs["units"], dataset.attrs["long_name"] = OUTPUTS[output]
        for axis, dim in enumerate(dims_of(output), start=1):
            scale = group.get(dim) or create_scale(group, dim, self._first.coordinates[dim])
            dataset.dims[axis].attach_scale(scale)
        if output == "summary":
            dataset.attrs["names"] = list(SUMMARY)

    def _write_statistics(self, moments: dict[str, "_Moments"]) -> None:
        """Write mean and standard deviation of the training part."""
        for name, moment in moments.items():
            if name == "sample_index":
                continue
            for statistic, values in (("mean", moment.mean), ("std", moment.std)):
                self._file.create_dataset(f"normalisation/{name}/{statistic}", data=values)
                self._note(f"normalisation/{name}/{statistic}", values)

    def _write_coordinates(self) -> None:
        assert self._first is not None, "there is at least one sample"  # noqa: S101
        group = self._file.create_group("coordinates")
        for name, coordinate in self._first.coordinates.items():
            create_scale(group, name, coordinate)
            self._note(f"coordinates/{name}", coordinate.values)

    def _note(self, name: str, values: np.ndarray[Any, Any]) -> None:
        """Take an array, its name and its shape into the fingerprint."""
        little_endian = values.astype(values.dtype.newbyteorder("<"), copy=False)
        self._content.update(f"{name} {values.shape} {values.dtype.str[1:]}\n".encode())
        self._content.update(np.ascontiguousarray(little_endian).tobytes())


def _as_stored(output: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return values if output == "summary" else values.astype(np.float32)


class _Moments:
    """Mean and standard deviation over samples, gathered in double precision chunk by chunk."""

    def __init__(self) -> None:
        self._count = 0
        self.mean: FloatArray = np.zeros(1)
        self._squares: FloatArray = np.zeros(1)

    def add(self, rows: np.ndarray[Any, Any]) -> None:
        """Take in some samples, shape (samples, …)."""
        values = rows.astype(np.float64)
        count = self._count + len(values)
        mean = values.mean(axis=0)
        shift = mean - self.mean if self._count else np.zeros_like(mean)
        weight = self._count * len(values) / count
        before = self._squares if self._count else np.zeros_like(mean)
        self._squares = before + ((values - mean) ** 2).sum(axis=0) + weight * shift**2
        self.mean = (self.mean if self._count else mean) + shift * len(values) / count
        self._count = count

    @property
    def std(self) -> FloatArray:
        """Standard deviation over the samples."""
        return np.sqrt(self._squares / self._count)


@contextmanager
def _staged_hdf5(path: Path) -> Iterator[tuple[h5py.File, Path]]:
    """Open a file under a staging name; it is flushed to the disk at the end, and removed if the block raises."""
    staging = staging_path(path, str(os.getpid()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(staging, "w", libver=("v110", "v110")) as file:
            yield file, staging
        with open(staging, "rb") as written:
            os.fsync(written.fileno())
    except OSError as error:
        staging.unlink(missing_ok=True)
        raise StorageError(f"cannot write {path}: {error}") from error
    except BaseException:
        staging.unlink(missing_ok=True)
        raise


def _row(
    sweep: str,
    sweep_id: int,
    policy: SplitPolicy,
    staged: Staged,
    store: Path,
    fingerprint: str,
    excluded: dict[str, int],
) -> DatasetRow:
    return DatasetRow(
        name=staged.path.stem,
        sweep_id=sweep_id,
        query=json.dumps({"sweep": sweep}),
        split=json.dumps(asdict(policy), sort_keys=True),
        seed=policy.seed,
        path=store_relative(staged.path, store),
        fingerprint=fingerprint,
        sha256=staged.sha256,
        bytes=staged.size,
        n_excluded=sum(excluded.values()),
    )


def _membership(parts: dict[str, list[Member]]) -> list[tuple[int, str]]:
    return [(member.sample_id, part) for part, members in parts.items() for member in members]
