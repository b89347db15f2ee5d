"""Results from Python: SQL over a registry for pandas and others, and files of runs as xarray datasets."""

import dataclasses
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmx.errors import ConfigError, MissingPackageError, NotFoundError
from tmx.registry.engine import DEFAULT_REGISTRY, Registry, open_registry
from tmx.registry.sql import execute
from tmx.storage.hdf5 import kind_of, read, read_provenance
from tmx.storage.paths import in_store, store_root
from tmx.storage.records import Record, described

if TYPE_CHECKING:
    import xarray
    from sqlalchemy.engine import Engine

FEWEST_OF_KEY = 6
"""Digits of a key that stand for all of it, if no other run's key begins so."""

AXES = {"t_out": "time", "x_grid": "depth", "x_grid_crater": "crater_depth", "wavenumber": "wavenumber"}
"""Arrays that are the coordinates of a dimension, and bear its name."""

DIMENSIONS = {"crater depth": "crater_depth", "wave": "wavenumber", "3": "xyz"}
"""Dimensions that are called otherwise in files."""

FILES = """
SELECT r.id, r.stage, r.key, r.state, f.path FROM run r
LEFT JOIN artifact f ON f.run_id = r.id AND f.kind = r.stage AND f.deleted IS NULL
WHERE r.id = :id OR r.key LIKE :beginning
ORDER BY r.id LIMIT 2
"""


def connect(db: str | Path | None = None) -> "Engine":
    """Return an SQLAlchemy engine on a registry, which only reads.

    `pandas.read_sql("select * from samples", tmx.connect())` is a table of all samples.

    Parameters
    ----------
    db : str or path, optional
        The registry: a file of SQLite, or `postgresql://…`; by default TMX_DATABASE_URL, or `tmx.db`.

    Raises
    ------
    NotFoundError
        If there is no registry.
    SchemaError
        If its schema is older or newer.
    """
    return _opened(db).engine


def load_run(run: str | int, db: str | Path | None = None) -> "xarray.Dataset":
    """Return what a run computed, with coordinates, units and meanings.

    Parameters
    ----------
    run : str or int
        Its key, or the first digits of it (six at least), or its id.
    db : str or path, optional
        The registry, as for `connect`.

    Raises
    ------
    NotFoundError
        If there is no such run, or it has no result.
    ConfigError
        If several keys begin so, or xarray is missing.
    StorageError
        If its file is damaged.
    """
    with _opened(db) as registry:
        return load_file(in_store(_path_of(registry, run), store_root(registry.address.path)))


def load_file(path: str | Path) -> "xarray.Dataset":
    """Return what is in a result file, with coordinates, units and meanings.

    Raises
    ------
    NotFoundError
        If there is no such file.
    MissingPackageError
        If xarray is missing.
    StorageError
        If it is damaged, or none of a run.
    """
    try:
        import xarray
    except ImportError:
        raise MissingPackageError("an xarray dataset", "xarray") from None
    path = Path(path)
    kind = kind_of(path)
    record, provenance = read(path, kind), read_provenance(path, kind)
    found = {field.name: _variable(record, field) for field in dataclasses.fields(record)}
    there = {AXES.get(name, name): variable for name, variable in found.items() if variable is not None}
    dataset = xarray.Dataset(there)
    dataset.attrs = {"stage": kind.kind, "key": provenance.key, "config": provenance.config_yaml}
    dataset.attrs["simulation_info"] = json.dumps(provenance.info)
    return dataset


def _opened(db: str | Path | None) -> Registry:
    return open_registry(db or os.environ.get("TMX_DATABASE_URL") or DEFAULT_REGISTRY, read_only=True)


def _path_of(registry: Registry, run: str | int) -> str:
    text = str(run)
    by_key = isinstance(run, str) and len(text) >= FEWEST_OF_KEY
    if not by_key and not text.isdigit():
        raise ConfigError(f"run {text!r}: give a run's id, or at least {FEWEST_OF_KEY} digits of its key")
    if by_key and not re.fullmatch("[0-9a-f]+", text):
        raise ConfigError(f"run {text!r}: a key has the digits 0 to 9 and a to f")
    with registry.read() as conn:
        id_, beginning = (-1, f"{text}%") if by_key else (int(text), "")
        found = execute(conn, FILES, id=id_, beginning=beginning).all()
    if not found:
        raise NotFoundError(f"{registry.address.shown} has no run {text}; the view `runs` lists them")
    if len(found) > 1:
        raise ConfigError(f"several runs have keys that begin with {text}: give more digits")
    if found[0].path is None:
        raise NotFoundError(
            f"run {found[0].id} has no result: it is {found[0].state}; see `tmx show run {found[0].id}`"
        )
    return str(found[0].path)


def _variable(record: Record, field: "dataclasses.Field[Any]") -> "xarray.Variable | None":
    """Return an array with the names of its dimensions; nothing for one that this run does not have."""
    import xarray

    values = getattr(record, field.name)
    if not values.size:
        return None
    meaning, axes = described(field)
    axes = axes or tuple(f"{field.name} {axis}" for axis in range(values.ndim))
    dims = [DIMENSIONS.get(axis, axis) for axis in axes]
    attributes = {"units": field.metadata["unit"], "long_name": meaning}
    return xarray.Variable(dims, values, attributes)
