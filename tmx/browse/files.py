"""What people take away: files of results by the id of their row, and the config of a run."""

import json
from pathlib import Path

from tmx.browse.source import Source
from tmx.config import SimulationConfig, config_yaml, stored_config
from tmx.config.model import overlay
from tmx.errors import NotFoundError, StorageError
from tmx.registry.sql import execute
from tmx.storage.paths import in_store

HDF5 = b"\x89HDF\r\n\x1a\n"

ARTIFACT = "SELECT path, bytes FROM artifact WHERE id = :id AND deleted IS NULL"
DATASET = "SELECT path, bytes FROM dataset WHERE id = :id"

CONFIG = """
SELECT c.resolved, r.params FROM run r JOIN sweep w ON w.id = r.sweep_id JOIN config c ON c.id = w.config_id
WHERE r.id = :id
"""


def file_of_artifact(source: Source, artifact: int) -> Path:
    """Return the file of a row of `artifact`.

    Raises
    ------
    NotFoundError
        If there is no such row, or its file was deleted.
    StorageError
        If the file is not what the row says.
    """
    return _file(source, ARTIFACT, artifact, "file")


def file_of_dataset(source: Source, dataset: int) -> Path:
    """Return the file of a dataset; errors are those of `file_of_artifact`."""
    return _file(source, DATASET, dataset, "dataset")


def config_of(resolved: str, *layers: str) -> SimulationConfig:
    """Return a config of the registry with parameters laid over it, all as JSON."""
    return overlay(stored_config(resolved), *(json.loads(layer) for layer in layers))


def config_of_run(source: Source, run: int) -> str:
    """Return the whole config of a run as YAML.

    Raises
    ------
    NotFoundError
        If there is no such run.
    """
    with source.read() as conn:
        row = execute(conn, CONFIG, id=run).first()
    if row is None:
        raise NotFoundError(f"there is no run {run}")
    return config_yaml(config_of(row.resolved, row.params))


def _file(source: Source, sql: str, row_id: int, noun: str) -> Path:
    """Find a file, and give away nothing else: a row of a stranger's registry may name any path."""
    with source.read() as conn:
        row = execute(conn, sql, id=row_id).first()
    if row is None:
        raise NotFoundError(f"there is no {noun} {row_id}")
    path = in_store(row.path, source.store)
    try:
        with path.open("rb") as file:
            start = file.read(len(HDF5))
        size = path.stat().st_size
    except OSError:
        raise NotFoundError(f"the file of {noun} {row_id} is not in the store: `tmx verify` says what else") from None
    if start != HDF5 or size != row.bytes:
        raise StorageError(f"the file of {noun} {row_id} is not the one that was recorded: `tmx verify` says more")
    return path
