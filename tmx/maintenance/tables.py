"""The samples of a sweep as one table: a CSV or a Parquet file, for programs that do not speak SQL."""

from pathlib import Path

from tmx.errors import ConfigError, WriteError
from tmx.registry.control import sweep_id_of
from tmx.registry.engine import Registry
from tmx.registry.own_queries import select
from tmx.registry.sql import literal
from tmx.storage.atomic import write_atomically
from tmx.storage.tables import comma_separated, parquet


def write_samples(registry: Registry, sweep: str, path: Path, form: str) -> int:
    """Write the samples of a sweep, whole or not at all, and return how many they are.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    sweep : str
        Its name.
    path : Path
        The file; an earlier one is replaced.
    form : {"csv", "parquet"}
        What it is.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    ConfigError
        If the path is a directory, or a package is missing.
    WriteError
        If it cannot be written.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a directory: name a file, such as {path / sweep}.{form}")
    with registry.read() as conn:
        sweep_id_of(conn, sweep)
    where = f"sweep = {literal(sweep)} ORDER BY sample_index"
    columns, rows = select(registry, f"SELECT * FROM samples WHERE {where}")  # noqa: S608 (quoted)
    content = comma_separated(columns, rows).encode() if form == "csv" else parquet(columns, rows)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise WriteError(f"cannot write {path}: {error.strerror or error}") from error
    return len(rows)
