"""A whole registry from one database to another, of the same kind or the other, with proof that nothing is missing.

All of it, tables included, is one transaction on the target: whatever goes wrong leaves nothing there. Meanwhile the
source is kept from changing, so that what is copied is one state of it, and the last that need be looked at.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine import Connection

from tmx.errors import ConfigError, RegistryError
from tmx.registry.address import Address
from tmx.registry.engine import SCHEMA_REVISION, Registry, open_registry, stored_revision
from tmx.registry.sql import POSTGRESQL, execute
from tmx.registry.tables import metadata

CHUNK = 2000

AT_WORK = """
SELECT (SELECT COUNT(*) FROM worker WHERE state = 'alive') AS workers,
       (SELECT COUNT(*) FROM run WHERE state = 'running') AS runs
"""

ADVANCE_IDS = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that was copied: its name, its rows, and the SHA-256 of their content."""

    table: str
    rows: int
    fingerprint: str


class Fingerprint:
    """The hash of rows, the same for the same values in whatever database they are."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.rows = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take in rows, in the order of their keys."""
        for row in rows:
            self._digest.update(json.dumps(list(row), ensure_ascii=False).encode(errors="surrogatepass") + b"\n")
        self.rows += len(rows)

    def of(self, table: str) -> Copied:
        """Return what was taken in."""
        return Copied(table, self.rows, self._digest.hexdigest())


def copy_registry(source: str | Address, target: str | Address) -> list[Copied]:
    """Copy all rows of a registry into an empty one, which is made if there is none.

    Parameters
    ----------
    source, target : str or Address
        Paths or URLs.

    Returns
    -------
    list of Copied
        What was copied, by table: as it was read from the source, and found again in the target.

    Raises
    ------
    ConfigError
        If both are the same, or the target has rows.
    NotFoundError
        If there is no source.
    SchemaError
        If the source's schema is not this version's.
    RegistryError
        If workers are at work on the source, or a value cannot be stored in the target.
    """
    here, there = Address.parse(source), Address.parse(target)
    if here.url == there.url:
        raise ConfigError(f"{here.shown} cannot be copied onto itself: name another target")
    with open_registry(here) as registry, _at_rest(registry) as old, _new_registry(there) as new:
        copied = [_copy_table(old, new, table, there) for table in metadata.sorted_tables]
        for table, before in zip(metadata.sorted_tables, copied, strict=True):
            if fingerprint_of(new, table) != before:
                raise RegistryError(f"table {table.name} did not arrive in {there.shown} as it was: nothing was copied")
        _advance_ids(new)
    return copied


def fingerprint_of(conn: Connection, table: Table) -> Copied:
    """Return how many rows a table has, and the hash of all of them."""
    fingerprint = Fingerprint()
    for rows in _rows(conn, table):
        fingerprint.add(rows)
    return fingerprint.of(table.name)


@contextmanager
def _at_rest(registry: Registry) -> Iterator[Connection]:
    """Open the source while nobody writes to it, and nobody can.

    Raises
    ------
    RegistryError
        If workers are at work: what they record would be missing.
    """
    with registry.write() as conn:
        if conn.dialect.name == POSTGRESQL:
            execute(conn, f"LOCK TABLE {', '.join(table.name for table in metadata.sorted_tables)} IN SHARE MODE")
        busy = execute(conn, AT_WORK).one()
        if busy.workers or busy.runs:
            raise RegistryError(
                f"{registry.address.shown} is being worked on ({busy.workers} workers, {busy.runs} runs):"
                " stop the workers, then `tmx status` until no run is running"
            )
        yield conn


@contextmanager
def _new_registry(address: Address) -> Iterator[Connection]:
    """Open the transaction that makes the target and fills it; if the block raises, there is nothing afterwards."""
    from alembic import command

    from tmx.registry.address import check_place
    from tmx.registry.migrations import alembic_config, exclusively

    if address.path:
        check_place(address.path, address.shown, create=True)
    existed = address.path is None or address.path.exists()
    try:
        _require_fit(address, existed=existed)
        with exclusively(address) as conn:
            if stored_revision(conn) is None:
                command.upgrade(alembic_config(conn), "head")
            elif conn.dialect.name == POSTGRESQL:
                names = ", ".join(table.name for table in metadata.sorted_tables)
                execute(conn, f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            _require_empty(conn, address)
            yield conn
    except BaseException:
        if address.path and not existed:
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    address.path.with_name(address.path.name + suffix).unlink()
        raise


def _require_fit(address: Address, *, existed: bool) -> None:
    """Refuse a target that has anything in it, or another schema: it would be upgraded, and backed up, on the way."""
    if not existed:
        return
    with Registry(address) as registry, registry.read() as conn:
        found = stored_revision(conn)
        if found == SCHEMA_REVISION:
            _require_empty(conn, address)
    if found not in {None, SCHEMA_REVISION}:
        raise ConfigError(f"{address.shown} has schema {found} already: name a database with nothing in it")


def _require_empty(conn: Connection, address: Address) -> None:
    for table in metadata.sorted_tables:
        if rows := conn.execute(select(func.count()).select_from(table)).scalar_one():
            raise ConfigError(
                f"{address.shown} is not empty (table {table.name} has {rows} rows): name a database with nothing in it"
            )


def _copy_table(old: Connection, new: Connection, table: Table, there: Address) -> Copied:
    fingerprint = Fingerprint()
    names = [column.name for column in table.c]
    for rows in _rows(old, table):
        fingerprint.add(rows)
        if new.dialect.name == POSTGRESQL and any("\0" in value for row in rows for value in row if type(value) is str):
            raise RegistryError(f"a text of table {table.name} holds a zero byte, which {there.shown} cannot store")
        new.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    return fingerprint.of(table.name)


def _rows(conn: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """Yield a table's rows, some at a time; parents go before those that refer to them."""
    parents_first = [table.c.parent_id.is_not(None)] if "parent_id" in table.c else []
    ordered = select(table).order_by(*parents_first, *table.primary_key.columns)
    result = conn.execute(ordered.execution_options(stream_results=True))
    with result:
        yield from result.partitions(CHUNK)


def _advance_ids(conn: Connection) -> None:
    """Have PostgreSQL go on counting behind the rows that were copied with their ids, and count them for its plans."""
    if conn.dialect.name != POSTGRESQL:
        return
    for table in metadata.sorted_tables:
        if "id" in table.c and conn.execute(select(func.max(table.c.id))).scalar() is not None:
            execute(conn, ADVANCE_IDS.replace("{table}", table.name))
    execute(conn, "ANALYZE")
