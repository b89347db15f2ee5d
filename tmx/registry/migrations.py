"""Making a registry and bringing it to this version's schema; the only module that needs Alembic.

The revisions lie in `migrations/versions` at the top of the repository, and in an installed package in
`tmx/_migrations`. `migrations/env.py` runs them on a connection from `exclusively`, whoever asked: `tmx db upgrade`, a
first submission, or `alembic` on the command line. A worker never migrates: it is told which command does.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

import tmx
from tmx.errors import RegistryError, SchemaError
from tmx.registry.address import Address, check_place
from tmx.registry.connections import begun, make_engine, sqlite_uri
from tmx.registry.engine import SCHEMA_REVISION, Registry, check_sqlite_version, stored_revision, upgrade_command
from tmx.registry.faults import domain_error
from tmx.registry.sql import POSTGRESQL, SQLITE, execute
from tmx.registry.views import drop_views, refresh_views

if TYPE_CHECKING:
    from alembic.config import Config

UPGRADE_LOCK = 0x746D78
"""The number of PostgreSQL's advisory lock on the schema of a registry."""


def upgrade(where: str | Path | Address, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring a registry's schema up to date, making the registry if there is none.

    Several processes may do so at once: one does the work, the others find it done. All of it is one transaction, and
    an SQLite file with a schema is first copied, to `<name>.<revision>.backup` beside it.

    Returns
    -------
    before, after : str or None
        The schema's revisions.

    Raises
    ------
    SchemaError
        If the schema is newer than this version of tmx.
    """
    from alembic import command

    address = _checked_address(where, create=True)
    with exclusively(address, revision) as conn:
        before = stored_revision(conn)
        if before is not None and before > SCHEMA_REVISION:
            raise SchemaError(f"{address.shown} has schema {before}, made by a newer tmx: update tmx")
        if before != revision:
            command.upgrade(alembic_config(conn), revision)
        after = stored_revision(conn)
    return before, after


def current(where: str | Path | Address) -> str | None:
    """Return the revision of a registry's schema; None if it has none yet."""
    with _connected(where) as conn:
        return stored_revision(conn)


def check(where: str | Path | Address) -> list[str]:
    """Compare a registry's tables with those that this version expects, and its rows with their references.

    Returns
    -------
    list of str
        The differences in words; none if all is well.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from tmx.registry.tables import metadata

    with _connected(where) as conn:
        if (stored := stored_revision(conn)) != SCHEMA_REVISION:
            command = upgrade_command(Address.parse(where))
            return [f"the schema is {stored}, this tmx works with {SCHEMA_REVISION}: run `{command}`"]
        context = MigrationContext.configure(conn, opts={"include_object": is_ours, "target_metadata": metadata})
        return [_in_words(difference) for difference in compare_metadata(context, metadata)] + broken_references(conn)


@contextmanager
def exclusively(where: str | Path | Address, revision: str = "head") -> Iterator[Connection]:
    """Open the transaction in which the schema may change: nobody else changes it meanwhile.

    The views are away inside the block and come back at its end, where also every reference between tables is checked.
    """
    address = Address.parse(where)
    engine = make_engine(address, for_migration=True)
    with _translated(address), begun(engine, writes=True) as conn:
        if address.dialect == POSTGRESQL:
            execute(conn, "SELECT pg_advisory_xact_lock(:lock)", lock=UPGRADE_LOCK)
        before = stored_revision(conn)
        if address.path and before not in {None, SCHEMA_REVISION if revision == "head" else revision}:
            back_up(address.path, str(before))
        drop_views(conn)
        yield conn
        if broken := broken_references(conn):
            raise RegistryError(f"{address.shown} was left as it was: {broken[0]}, and {len(broken) - 1} more")
        if stored_revision(conn) == SCHEMA_REVISION:
            refresh_views(conn)
        conn.commit()


def migrations_directory() -> Path:
    """Return where the revisions lie: in the installed package, or at the top of a checkout.

    Raises
    ------
    RegistryError
        If they are in neither place.
    """
    package = Path(tmx.__file__).parent
    for directory in (package / "_migrations", package.parent / "migrations"):
        if (directory / "env.py").is_file():
            return directory
    raise RegistryError(f"the migrations of tmx are missing from {package}: install tmx again")


def alembic_config(conn: Connection) -> "Config":
    """Return Alembic's configuration for an open connection, which `migrations/env.py` then uses; no file is read."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_directory()).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def is_ours(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Say whether Alembic may compare something: not a table that only the database has, which is the user's own."""
    return not (kind == "table" and reflected and compare_to is None)


def back_up(path: Path, revision: str) -> Path:
    """Copy an SQLite file beside itself, whole and consistent, under a name that is free; return the copy."""
    copy, number = path.with_name(f"{path.name}.{revision}.backup"), 1
    while copy.exists():
        copy, number = path.with_name(f"{path.name}.{revision}.backup{number}"), number + 1
    unfinished = copy.with_name(f"{copy.name}.part")
    with (
        closing(sqlite3.connect(sqlite_uri(path, "ro"), uri=True)) as source,
        closing(sqlite3.connect(unfinished)) as to,
    ):
        source.backup(to)
    os.replace(unfinished, copy)
    return copy


def broken_references(conn: Connection) -> list[str]:
    """Return, in words, the references to rows that do not exist; PostgreSQL has none, it checks them always."""
    if conn.dialect.name != SQLITE:
        return []
    rows = execute(conn, "PRAGMA foreign_key_check").mappings()
    return [
        "row {rowid} of table {table} refers to a row of {parent} that does not exist".format(**row) for row in rows
    ]


def _checked_address(where: str | Path | Address, *, create: bool) -> Address:
    address = Address.parse(where)
    if address.path:
        check_sqlite_version()
        check_place(address.path, address.shown, create=create)
    return address


@contextmanager
def _connected(where: str | Path | Address) -> Iterator[Connection]:
    address = _checked_address(where, create=False)
    with Registry(address, read_only=True) as registry, registry.read() as conn:
        yield conn


@contextmanager
def _translated(address: Address) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise domain_error(error, address.shown) from error


def _in_words(difference: Any) -> str:
    """Describe one of Alembic's differences, some of which come as lists of one."""
    if isinstance(difference, list):
        return "; ".join(_in_words(part) for part in difference)
    action, *details = difference
    return f"{action.replace('_', ' ')}: {', '.join(str(detail) for detail in details if detail is not None)}"
