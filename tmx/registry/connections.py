"""Engines whose connections and transactions behave as the registry needs, on SQLite and on PostgreSQL."""

import logging
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tmx.errors import ConfigError
from tmx.registry.address import Address
from tmx.registry.faults import sqlite_code
from tmx.registry.tracing import trace

BUSY_TIMEOUT_S = 30.0
NOTICED_S = 2.0
"""Whoever waits for longer is told so."""

LOG = logging.getLogger(__name__)

LONGEST_WAIT_S = 300.0
"""How long a write waits for other writers, or for a server that restarts: the submission of a million samples is one
transaction."""

KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A worker whose network went away must not hold its rows locked for the system's default of two hours."""


def make_engine(address: Address, *, read_only: bool = False, for_migration: bool = False) -> Engine:
    """Make an engine for a registry.

    Parameters
    ----------
    address : Address
        Where the registry is.
    read_only : bool
        Refuse every write.
    for_migration : bool
        One connection, no pool. On SQLite also: create the file if need be, and leave foreign keys unchecked. Alembic
        changes a table by making it anew and dropping the old one, which with foreign keys on would delete or refuse
        the rows that refer to it.
    """
    make = _postgresql_engine if address.path is None else _sqlite_engine
    engine = make(address, read_only, for_migration)
    trace(engine)
    return engine


@contextmanager
def begun(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """Connect and begin a transaction, which is rolled back unless the block commits it.

    SQLite's own waiting for the write lock is unfair: it polls, and ever more rarely. So a writer that its timeout sent
    home comes back after a random moment, until `LONGEST_WAIT_S` have passed.
    """
    options = {"tmx_writes": writes}
    with engine.connect().execution_options(**options) as conn:
        _until_free(conn.begin, LONGEST_WAIT_S)
        yield conn


def sqlite_uri(path: Path, mode: str) -> str:
    """Return the URI of an SQLite file for one way (`ro`, `rw`, `rwc`) of opening it.

    In a directory that cannot be written a write-ahead log cannot even be read, except as `immutable`: right for a
    colleague's archive, and only where no log says that somebody is writing.
    """
    uri = f"file:{quote(str(path))}?mode={mode}"
    archived = mode == "ro" and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    return f"{uri}&immutable=1" if archived else uri


def _sqlite_engine(address: Address, read_only: bool, for_migration: bool) -> Engine:
    assert address.path is not None  # noqa: S101 (for the type checker)
    uri = sqlite_uri(address.path, "ro" if read_only else "rwc" if for_migration else "rw")

    def connect() -> sqlite3.Connection:
        # isolation_level=None keeps the driver from beginning transactions by itself: `_begin` does it.
        conn = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(conn, read_only=read_only, foreign_keys=not for_migration)
        except BaseException:
            conn.close()
            raise
        return conn

    pool: dict[str, Any] = {"poolclass": NullPool} if for_migration or read_only else {}
    engine = create_engine(address.url, creator=connect, **pool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(conn: Connection) -> None:
    """Begin a transaction on SQLite, as a reader or as the one writer (an event of SQLAlchemy's)."""
    writes = conn.get_execution_options().get("tmx_writes", True)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare(conn: sqlite3.Connection, *, read_only: bool, foreign_keys: bool) -> None:
    """Set what SQLite forgets between connections."""
    conn.execute("PRAGMA temp_store = MEMORY")
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    if read_only:
        conn.execute("PRAGMA query_only = ON")
    else:
        _use_write_ahead_log(conn)


def _use_write_ahead_log(conn: sqlite3.Connection) -> None:
    """Switch the file to a write-ahead log, which it keeps; SQLite does not wait for locks while it does so."""
    (mode,) = _until_free(lambda: conn.execute("PRAGMA journal_mode = WAL").fetchone(), BUSY_TIMEOUT_S)
    if mode != "wal":
        raise ConfigError("this file system cannot hold SQLite's write-ahead log: use a local disk, or PostgreSQL")


def _until_free(attempt: Callable[[], Any], patience_s: float) -> Any:
    """Repeat what found the SQLite file locked, after random moments, until it succeeds or patience ends."""
    began, told = time.monotonic(), False
    while True:
        try:
            return attempt()
        except (sqlite3.OperationalError, DBAPIError) as error:
            driver_error = error.orig if isinstance(error, DBAPIError) else error
            if sqlite_code(driver_error) != "SQLITE_BUSY" or time.monotonic() > began + patience_s:
                raise
            if time.monotonic() > began + NOTICED_S and not told:
                LOG.warning("waits for another process that has the registry locked, for up to %.0f s", patience_s)
                told = True
        time.sleep(random.uniform(0.0, 0.1))  # noqa: S311 (jitter)


def _postgresql_engine(address: Address, read_only: bool, for_migration: bool) -> Engine:
    options: dict[str, Any] = {"poolclass": NullPool} if for_migration else {"pool_pre_ping": True}
    session = {f"tcp_{name}": value for name, value in KEEPALIVE.items()}
    if read_only:
        options["execution_options"] = {"postgresql_readonly": True}
        session["default_transaction_read_only"] = 1
    at_the_server = " ".join(f"-c {name}={value}" for name, value in session.items())
    arguments = {"connect_timeout": 10, "application_name": "tmx", "options": at_the_server, **KEEPALIVE}
    unset = {name: value for name, value in arguments.items() if name not in address.url.query}
    try:
        return create_engine(address.url, connect_args=unset, **options)
    except ImportError:
        raise ConfigError("PostgreSQL needs a driver: pip install 'tmx[postgres]'") from None
