"""Records to HDF5 and back.

Files are built in memory and written in one piece: their hash costs no second reading, and nobody ever meets half a
file. The same record gives the same bytes.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5p, h5s, h5t

from tmx.errors import NotFoundError, StorageError
from tmx.storage.records import Provenance, Record

AnyRecord = TypeVar("AnyRecord", bound=Record)

CHUNK_BYTES = 1 << 20
"""Largest chunk of a dataset: what a reader of a part has to unpack."""

LIBRARY_VERSIONS = ("v110", "v110")
"""Compact object headers, readable since HDF5 1.10."""

_TEXT = h5py.string_dtype()
_TEXT_TYPE = h5t.py_create(_TEXT, logical=True)
_SCALAR = h5s.create(h5s.SCALAR)


def to_bytes(record: Record, provenance: Provenance, storage_dtype: str = "float32") -> bytes:
    """Return the HDF5 file of a record.

    Parameters
    ----------
    record : ThermalRecord or RadianceRecord
        Arrays.
    provenance : Provenance
        Key, config and circumstances.
    storage_dtype : {"float32", "float64"}
        Precision of temperatures and radiances; coordinates keep all their digits.
    """
    with h5py.File("record", "w", driver="core", backing_store=False, libver=LIBRARY_VERSIONS) as file:
        for name, value in (("kind", record.kind), ("key", provenance.key)):
            _write_attribute(file.id, name, value)
        file.attrs["format_version"] = record.version
        groups = {name: _make_group(file.id, name) for name in _group_names(record)}
        for field in dataclasses.fields(record):
            values = np.ascontiguousarray(getattr(record, field.name))
            if field.metadata["reduced"]:
                values = values.astype(storage_dtype)
            _write_array(groups[field.metadata["group"]], field, values)
        metadata = _make_group(file.id, "metadata")
        _write_text(metadata, "config_used.yaml", provenance.config_yaml)
        _write_text(metadata, "simulation_info", json.dumps(provenance.info))
        file.flush()
        return bytes(file.id.get_file_image())


def read(path: Path, kind: type[AnyRecord], names: Sequence[str] | None = None) -> tuple[AnyRecord, Provenance]:
    """Read a record from its file.

    Parameters
    ----------
    path : Path
        The file.
    kind : type
        `ThermalRecord` or `RadianceRecord`.
    names : sequence of str, optional
        Fields that are wanted; the others are left empty.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If the file is damaged, of another kind, or of another version.
    """
    if not path.exists():
        raise NotFoundError(f"{path}: no such file")
    try:
        with h5py.File(path, "r", locking=False) as file:
            _check_kind(path, file, kind)
            values = {
                field.name: _read(path, file, field) if names is None or field.name in names else np.empty(0)
                for field in dataclasses.fields(kind)
            }
            return kind(**values), _provenance(file)
    except OSError as error:
        raise StorageError(f"{path}: not a whole HDF5 file: truncated, damaged or of another format") from error


def _group_names(record: Record) -> list[str]:
    return list(dict.fromkeys(field.metadata["group"] for field in dataclasses.fields(record)))


def _without_times(kind: Any) -> Any:
    """Return creation properties that keep the clock out of the file."""
    properties = h5p.create(kind)
    properties.set_obj_track_times(False)
    return properties


def _make_group(parent: Any, name: str) -> h5g.GroupID:
    return h5g.create(parent, name.encode(), gcpl=_without_times(h5p.GROUP_CREATE))


def _write_array(group: h5g.GroupID, field: dataclasses.Field[Any], values: np.ndarray[Any, Any]) -> None:
    """Write a dataset with its unit and meaning.

    The high-level interface takes three times as long, which shows where a run takes five milliseconds.
    """
    layout = _without_times(h5p.DATASET_CREATE)
    layout.set_chunk(_chunks(values))
    layout.set_shuffle()
    layout.set_deflate(4)
    layout.set_fletcher32()
    space = h5s.create_simple(values.shape)
    dataset = h5d.create(group, field.name.encode(), h5t.py_create(values.dtype), space, dcpl=layout)
    dataset.write(h5s.ALL, h5s.ALL, values)
    _write_attribute(dataset, "units", field.metadata["unit"])
    _write_attribute(dataset, "long_name", field.metadata["meaning"])


def _write_attribute(owner: Any, name: str, value: str) -> None:
    h5a.create(owner, name.encode(), _TEXT_TYPE, _SCALAR).write(_boxed(value))


def _write_text(group: h5g.GroupID, name: str, value: str) -> None:
    layout = _without_times(h5p.DATASET_CREATE)
    h5d.create(group, name.encode(), _TEXT_TYPE, _SCALAR, dcpl=layout).write(h5s.ALL, h5s.ALL, _boxed(value))


def _boxed(value: str) -> np.ndarray[Any, Any]:
    box = np.empty((), dtype=_TEXT)
    box[()] = value
    return box


def _chunks(values: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """Return the whole shape, or as many leading rows of it as a chunk may hold."""
    rows = max(1, CHUNK_BYTES * max(1, values.shape[0]) // max(1, values.nbytes))
    return (max(1, min(rows, values.shape[0])), *(max(1, n) for n in values.shape[1:]))


def _check_kind(path: Path, file: h5py.File, kind: type[Record]) -> None:
    found = file.attrs.get("kind")
    if found != kind.kind:
        what = f"a {found} file" if isinstance(found, str) else "an HDF5 file that tmx did not write"
        raise StorageError(f"{path}: {what}; a {kind.kind} file is needed")
    version = int(file.attrs.get("format_version", 0))
    if version != kind.version:
        raise StorageError(
            f"{path}: {kind.kind} file of format version {version}; this version of tmx reads version {kind.version}"
        )


def _read(path: Path, file: h5py.File, field: dataclasses.Field[Any]) -> np.ndarray[Any, Any]:
    name = f"{field.metadata['group']}/{field.name}"
    if name not in file:
        raise StorageError(f"{path}: has no dataset {name}")
    values = np.asarray(file[name][()])
    return values.astype(np.float64) if field.metadata["reduced"] else values


def _provenance(file: h5py.File) -> Provenance:
    metadata = file["metadata"]
    texts = {name: str(metadata[name].asstr()[()]) for name in ("config_used.yaml", "simulation_info")}
    return Provenance(str(file.attrs["key"]), texts["config_used.yaml"], json.loads(texts["simulation_info"]))
