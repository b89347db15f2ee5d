"""Opening a registry, and the only way to talk to it: `read` and `write`, `consult` and `transact`.

The latter two wait for a server that restarts: workers outlive it.

All transactions begin and end here; so do the drivers' errors, which leave as one kind of `TmxError`. A transaction
that will write says so from the start: on SQLite one that reads first and writes later fails at once when someone else
has written in between, and no timeout helps.
"""

import logging
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from tmx.errors import RegistryError, SchemaError
from tmx.registry.address import Address, check_place
from tmx.registry.connections import LONGEST_WAIT_S, begun, make_engine
from tmx.registry.faults import TransientError, domain_error
from tmx.registry.sql import POSTGRESQL, SQLITE, execute
from tmx.storage.atomic import flush

SCHEMA_REVISION = "0005"
"""The Alembic revision that this version works with; a test keeps it in step with `migrations/versions`."""

DEFAULT_REGISTRY = "tmx.db"
"""Where a registry is unless it is said."""

OLDEST_SQLITE = (3, 35, 0)
"""The first SQLite with `RETURNING` and `MATERIALIZED`."""

NOTICED_S = 2.0
"""Pauses that have grown beyond this are worth a word, once: the registry has been away for some seconds."""

LOG = logging.getLogger(__name__)

T = TypeVar("T")

_inherited: list[Engine] = []
"""Engines that a fork left in this process. They are kept for ever: to close the parent's connections here would
release SQLite's locks, or end the parent's session on the server."""


class Registry:
    """An open registry. It may be pickled and may cross a fork: each process makes its own connections.

    Parameters
    ----------
    address : Address
        Where it is.
    read_only : bool
        Refuse every write.
    """

    def __init__(self, address: Address, *, read_only: bool = False) -> None:
        self.address = address
        self.read_only = read_only
        self._engine: Engine | None = None
        self._pid = os.getpid()
        self._answers = True

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_engine": None}

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def dialect(self) -> str:
        """The database's name: `sqlite` or `postgresql`."""
        return self.address.dialect

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine of the process that asks."""
        if self._pid != os.getpid():
            if self._engine:
                _inherited.append(self._engine)
            self._engine, self._pid = None, os.getpid()
        if self._engine is None:
            self._engine = make_engine(self.address, read_only=self.read_only)
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that changes nothing (on SQLite it also sees one state of the registry throughout)."""
        with self._translated(), begun(self.engine, writes=False) as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is committed at the end of the block, or rolled back if the block raises.

        Raises
        ------
        TransientError
            If the database stayed busy, or went away: see `transact`.
        RegistryError
            If the database refused.
        """
        with self._translated(), begun(self.engine, writes=True) as conn:
            yield conn
            conn.commit()

    def transact(self, work: Callable[[Connection, bool], T]) -> T:
        """Do a piece of work in one transaction, and again where the database was only away for a moment.

        Parameters
        ----------
        work : callable
            Gets the connection, and whether this is a repetition: then the time before may have been committed and
            only its answer lost, and the work must look that up.
        """

        def once(again: bool) -> T:
            with self.write() as conn:
                return work(conn, again)

        return self._insist(once)

    def consult(self, work: Callable[[Connection], T]) -> T:
        """Read, and read again where the database was only away for a moment."""

        def once(_again: bool) -> T:
            with self.read() as conn:
                return work(conn)

        return self._insist(once)

    def settle(self) -> None:
        """Have the disk hold what was committed so far, before anything is done that cannot be taken back.

        On SQLite a commit is whole, but not flushed: a power cut may undo the last ones. A server flushes its own.
        """
        if self.address.path:
            with suppress(FileNotFoundError):  # without a log, all is in the file itself
                flush(self.address.path.with_name(f"{self.address.path.name}-wal"))

    def close(self) -> None:
        """Close this process's connections."""
        if self._engine and self._pid == os.getpid():
            self._engine.dispose()
            self._engine = None

    def _insist(self, attempt: Callable[[bool], T]) -> T:
        """Repeat what found the database away, after growing and jittered delays, until it succeeds or patience ends.

        One that was waited for in vain is not waited for again until it answers.
        """
        patience_s = LONGEST_WAIT_S if self._answers else 0.0
        deadline, delay, again, told = time.monotonic() + patience_s, 0.05, False, False
        while True:
            try:
                answer = attempt(again)
            except TransientError as error:
                left = deadline - time.monotonic()
                if left <= 0.0:
                    self._answers = False
                    raise
                if delay > NOTICED_S and not told:
                    LOG.warning("%s; waits for up to %.0f s more", error, left)
                    told = True
            else:
                self._answers = True
                return answer
            time.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
            delay, again = min(2 * delay, 5.0), True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn whatever the driver raises into one `TmxError` with one line."""
        try:
            yield
        except SQLAlchemyError as error:
            raise domain_error(error, self.address.shown) from error


def open_registry(
    where: str | Path | Address,
    *,
    create: bool = False,
    before_making: Callable[[], object] | None = None,
    read_only: bool = False,
) -> Registry:
    """Open a registry and check that its schema is the one that this version works with.

    Parameters
    ----------
    where : str or Path
        A path (`tmx.db`), `sqlite:///…` or `postgresql://…`.
    create : bool
        Make the registry if nothing is there yet. An existing one is never migrated by opening it.
    before_making : callable, optional
        Called before a registry is made; if it raises, none is. A new one cannot be taken back afterwards, since
        others may have begun to use it.
    read_only : bool
        Refuse every write, for `tmx sql` and for browsing.

    Raises
    ------
    ConfigError
        If the address is none, or the file is something else, or on a network file system.
    NotFoundError
        If there is no registry.
    SchemaError
        If its schema is older or newer.
    RegistryError
        If the server cannot be reached or the file cannot be used.
    """
    address = Address.parse(where)
    if address.path:
        check_sqlite_version()
        check_place(address.path, address.shown, create=create)
    if create and not _has_schema(address):
        from tmx.registry.migrations import upgrade

        if before_making:
            before_making()
        upgrade(address)
    registry = Registry(address, read_only=read_only)
    LOG.info("registry: %s", address.shown)
    try:
        _check_schema(registry)
    except BaseException:
        registry.close()
        raise
    return registry


def upgrade_command(address: Address) -> str:
    """Return the command that brings a registry's schema up to date; a server's URL may hold a password."""
    if address.shown == DEFAULT_REGISTRY:
        return "tmx db upgrade"
    return f"tmx db upgrade --db {address.shown if address.path else '…'}"


def stored_revision(conn: Connection) -> str | None:
    """Return the schema's revision as the registry says; None if it has no schema yet."""
    exists = {
        SQLITE: "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'",
        POSTGRESQL: "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL",
    }
    if execute(conn, exists[conn.dialect.name]).scalar() is None:
        return None
    revision: str | None = execute(conn, "SELECT version_num FROM alembic_version").scalar()
    return revision


def check_sqlite_version() -> None:
    """Refuse a Python whose SQLite is too old.

    Raises
    ------
    RegistryError
        If it is.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise RegistryError(f"this Python has SQLite {sqlite3.sqlite_version}, tmx needs {needed}: update Python")


def _has_schema(address: Address) -> bool:
    if address.path and not address.path.exists():
        return False
    with Registry(address) as registry, registry.read() as conn:
        return stored_revision(conn) is not None


def _check_schema(registry: Registry) -> None:
    with registry.read() as conn:
        found = stored_revision(conn)
    shown, command = registry.address.shown, upgrade_command(registry.address)
    if found is None:
        raise SchemaError(f"{shown} has no tmx tables yet: run `{command}`")
    if found < SCHEMA_REVISION:
        raise SchemaError(f"{shown} has schema {found}, this tmx works with {SCHEMA_REVISION}: run `{command}`")
    if found > SCHEMA_REVISION:
        raise SchemaError(
            f"{shown} has schema {found}, this tmx knows up to {SCHEMA_REVISION}:"
            " `tmx db upgrade` cannot go back, so update tmx"
        )
