"""Records to HDF5 and back.

Files are built in memory and written in one piece: their hash costs no second reading, and nobody ever meets half a
file. The same record gives the same bytes.
"""

import dataclasses
import errno
import json
import logging
import math
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np
from h5py import h5d, h5f, h5g, h5p, h5s, h5t

from tmx.errors import NotFoundError, StorageError
from tmx.storage.records import RECORDS, Provenance, Record

AnyRecord = TypeVar("AnyRecord", bound=Record)

CHUNK_BYTES = 1 << 20
"""Largest chunk of a dataset: what a reader of a part has to unpack."""

LOG = logging.getLogger(__name__)

LIBRARY_VERSIONS = (h5f.LIBVER_V110, h5f.LIBVER_V110)
"""Compact object headers, readable since HDF5 1.10."""

DEFLATE_LEVEL = 1
"""Level 4 packs temperatures and radiances 1 to 3 % tighter, and takes half as long again for a whole file."""

SMALLEST_PACKED = 16384
"""Bytes below which a dataset is stored as it is. Packing it would gain little, and most of a small run's time."""

TEXT_STEP = 1024
"""Texts are padded to a multiple of this length, so that few templates serve many files."""

IMAGE_INCREMENT = 1 << 16
"""By how much a file that is built in memory grows."""


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
    fields = dataclasses.fields(record)
    arrays = {field.name: _as_stored(record, field, storage_dtype) for field in fields}
    texts = {
        "config_used.yaml": provenance.config_yaml.encode(),
        "simulation_info": json.dumps({"key": provenance.key, **provenance.info}).encode(),
    }
    template = _template(
        record.kind,
        tuple((values.shape, values.dtype.str) for values in arrays.values()),
        tuple(TEXT_STEP * (1 + len(text) // TEXT_STEP) for text in texts.values()),
    )
    image = bytearray(template.image)
    for name, content in (*((name, arrays[name].tobytes()) for name in template.plain), *texts.items()):
        start = template.places[name]
        image[start : start + len(content)] = content
    packed = [field for field in fields if field.name not in template.plain and arrays[field.name].size]
    return _with_packed(bytes(image), packed, arrays) if packed else bytes(image)


def read(path: Path, kind: type[AnyRecord], names: Sequence[str] | None = None) -> AnyRecord:
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
    LOG.debug("reads %s", path)
    with _opened(path, kind) as file:
        return kind(
            **{
                field.name: _read(path, file, field) if names is None or field.name in names else np.empty(0)
                for field in dataclasses.fields(kind)
            }
        )


def read_provenance(path: Path, kind: type[Record]) -> Provenance:
    """Read where the record in a file comes from.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If the file is damaged, of another kind, or of another version.
    """
    with _opened(path, kind) as file:
        metadata = file["metadata"]
        config_yaml, text = (str(metadata[name].asstr()[()]) for name in ("config_used.yaml", "simulation_info"))
    info = json.loads(text)
    return Provenance(info.pop("key"), config_yaml, info)


def kind_of(path: Path) -> type[Record]:
    """Return the kind of record that a file says it holds.

    Raises
    ------
    NotFoundError
        If there is no such file.
    StorageError
        If it is damaged, or no result of a run.
    """
    if not path.exists():
        raise NotFoundError(f"{path}: no such file")
    try:
        with h5py.File(path, "r", locking=False) as file:
            found = file.attrs.get("kind")
    except OSError as error:
        raise unreadable(path) from error
    if found not in RECORDS:
        raise StorageError(f"{path}: {_what(found)}; a {' or '.join(RECORDS)} file is needed")
    return RECORDS[found]


def unreadable(path: Path) -> StorageError:
    """Return what is said of a path that HDF5 cannot read."""
    if path.is_dir():
        return StorageError(f"{path}: is a directory: name a file in it")
    if not os.access(path, os.R_OK):
        return StorageError(f"{path}: cannot be read: {os.strerror(errno.EACCES)}")
    return StorageError(
        f"{path}: not a whole HDF5 file: truncated, damaged or of another format"
        " (`tmx verify --repair` has results of a registry computed again)"
    )


@contextmanager
def _opened(path: Path, kind: type[Record]) -> Iterator[h5py.File]:
    """Open a file of a kind for reading; what HDF5 cannot read in the block is damage."""
    if not path.exists():
        raise NotFoundError(f"{path}: no such file")
    try:
        with h5py.File(path, "r", locking=False) as file:
            _check_kind(path, file, kind)
            yield file
    except (OSError, KeyError) as error:
        raise unreadable(path) from error


def _as_stored(record: Record, field: dataclasses.Field[Any], storage_dtype: str) -> np.ndarray[Any, Any]:
    values = np.ascontiguousarray(getattr(record, field.name))
    return values.astype(storage_dtype) if field.metadata["reduced"] else values


@dataclass(frozen=True)
class _Template:
    """A file without values: groups, datasets, units and meanings, and where the values go.

    To make these takes most of the time of a small file, and the runs of a sweep have them in common. Values that are
    not packed are put straight into their places.
    """

    image: bytes
    plain: tuple[str, ...]
    places: dict[str, int]


@lru_cache(maxsize=256)
def _template(kind: str, shapes: tuple[tuple[tuple[int, ...], str], ...], text_sizes: tuple[int, int]) -> _Template:
    """Return the template of records of a kind whose arrays have these shapes and types."""
    with h5py.File(_name_in_memory(), "w", driver="core", backing_store=False, libver=("v110", "v110")) as file:
        fields = dataclasses.fields(RECORDS[kind])
        file.attrs["kind"] = kind
        file.attrs["format_version"] = RECORDS[kind].version
        groups = dict.fromkeys(field.metadata["group"] for field in fields)
        for name in (*groups, "metadata"):
            groups[name] = h5g.create(file.id, name.encode(), gcpl=_without_times(h5p.GROUP_CREATE))
        made = {}
        for field, (shape, dtype) in zip(fields, shapes, strict=True):
            made[field.name] = _make_dataset(groups[field.metadata["group"]], field, shape, np.dtype(dtype))
        for name, size in zip(("config_used.yaml", "simulation_info"), text_sizes, strict=True):
            made[name] = _make_text(groups["metadata"], name, size)
        file.flush()
        places = {name: dataset.get_offset() for name, dataset in made.items()}
        plain = tuple(field.name for field in fields if places[field.name] is not None)
        return _Template(bytes(file.id.get_file_image()), plain, {name: at for name, at in places.items() if at})


def _with_packed(image: bytes, fields: list[Any], arrays: dict[str, np.ndarray[Any, Any]]) -> bytes:
    """Return a file with the packed datasets written as well."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_core(block_size=IMAGE_INCREMENT, backing_store=False)
    access.set_libver_bounds(*LIBRARY_VERSIONS)
    access.set_file_image(image)
    file = h5f.open(_name_in_memory(), h5f.ACC_RDWR, access)
    try:
        for field in fields:
            dataset = h5d.open(file, f"{field.metadata['group']}/{field.name}".encode())
            dataset.write(h5s.ALL, h5s.ALL, arrays[field.name])
        h5f.flush(file)
        return bytes(file.get_file_image())
    finally:
        file.close()


def _name_in_memory() -> bytes:
    """Return a name for a file in memory: HDF5 takes two of the same name for one file, also those of two threads."""
    return f"record {threading.get_ident()}".encode()


def _make_dataset(group: Any, field: dataclasses.Field[Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    layout = _without_times(h5p.DATASET_CREATE)
    size = math.prod(shape) * dtype.itemsize
    if size >= SMALLEST_PACKED:
        layout.set_chunk(_chunks(shape, dtype.itemsize))
        layout.set_shuffle()
        layout.set_deflate(DEFLATE_LEVEL)
        layout.set_fletcher32()
    else:
        layout.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    created = h5d.create(group, field.name.encode(), h5t.py_create(dtype), h5s.create_simple(shape), dcpl=layout)
    dataset = h5py.Dataset(created)
    dataset.attrs["units"] = field.metadata["unit"]
    dataset.attrs["long_name"] = field.metadata["meaning"]
    return created


def _make_text(group: Any, name: str, size: int) -> Any:
    """Make room for a text of fixed length, which is padded with zeros."""
    kind = h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(h5t.STR_NULLPAD)
    kind.set_cset(h5t.CSET_UTF8)
    layout = _without_times(h5p.DATASET_CREATE)
    layout.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    return h5d.create(group, name.encode(), kind, h5s.create(h5s.SCALAR), dcpl=layout)


def _without_times(kind: Any) -> Any:
    """Return creation properties that keep the clock out of the file."""
    properties = h5p.create(kind)
    properties.set_obj_track_times(False)
    return properties


def _chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Return the whole shape, or as many leading rows of it as a chunk may hold."""
    whole = tuple(max(1, count) for count in shape)
    rows = max(1, CHUNK_BYTES // (itemsize * math.prod(whole[1:])))
    return (min(rows, whole[0]), *whole[1:])


def _what(kind: object) -> str:
    return f"a {kind} file" if isinstance(kind, str) else "an HDF5 file that tmx did not write"


def _check_kind(path: Path, file: h5py.File, kind: type[Record]) -> None:
    attributes = file.attrs
    found = attributes.get("kind")
    if found != kind.kind:
        raise StorageError(f"{path}: {_what(found)}; a {kind.kind} file is needed")
    version = int(attributes.get("format_version", 0))
    if version != kind.version:
        raise StorageError(
            f"{path}: {kind.kind} file of format version {version}; this version of tmx reads version {kind.version}"
        )


def _read(path: Path, file: h5py.File, field: dataclasses.Field[Any]) -> np.ndarray[Any, Any]:
    """Read a dataset by the library's own calls: h5py's objects would take longer to make than a small one to read."""
    name = f"{field.metadata['group']}/{field.name}"
    try:
        dataset = h5d.open(file.id, name.encode())
    except KeyError:
        raise StorageError(f"{path}: has no dataset {name}") from None
    values = np.empty(dataset.shape, dataset.dtype)
    if values.size:
        dataset.read(h5s.ALL, h5s.ALL, values)
    return values.astype(np.float64) if field.metadata["reduced"] else values
