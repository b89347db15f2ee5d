"""What a database's error means, in one line that says what to do."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tmx.errors import ConfigError, RegistryError, TmxError

DISK_FULL = "53100"

TRANSIENT_SQLSTATES = frozenset({
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # lock not available
    "57P01",  # the server is shutting down
    "57P02",  # another backend crashed
    "57P03",  # the server is starting up
})  # fmt: skip


class TransientError(RegistryError):
    """The database was busy or out of reach for a moment; the same transaction may well succeed."""


class UnreachableError(TransientError):
    """No server answered, or it has no such database: where the address points, there is no registry."""

    exit_code = 4


def domain_error(error: SQLAlchemyError, registry: str) -> TmxError:
    """Return the tmx error that says what a driver's error means for this registry.

    Parameters
    ----------
    error : SQLAlchemyError
        As it came from the driver, through SQLAlchemy.
    registry : str
        The registry's address as shown to people (no password).
    """
    if not isinstance(error, DBAPIError):
        return RegistryError(f"{registry}: {one_line(error)}")
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_error(error.orig, registry)
    return _server_error(error, registry)


def one_line(error: BaseException) -> str:
    """Return the first line of an error's text."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def sqlite_code(error: BaseException | None) -> str:
    """Return SQLite's name for an error without its extension: `SQLITE_BUSY` for `SQLITE_BUSY_SNAPSHOT`."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return "_".join(name.split("_")[:2])


def _sqlite_error(error: sqlite3.Error, registry: str) -> TmxError:
    match sqlite_code(error):
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return TransientError(
                f"{registry} stayed locked by another process: look for a writer that hangs, or use PostgreSQL"
            )
        case "SQLITE_NOTADB":
            return ConfigError(f"{registry} is not a tmx registry: the file is not an SQLite database")
        case "SQLITE_CORRUPT":
            return RegistryError(
                f"{registry} is damaged ({one_line(error)}): restore the last copy that lies beside it"
            )
        case "SQLITE_CANTOPEN" | "SQLITE_READONLY" | "SQLITE_PERM":
            return RegistryError(
                f"{registry} cannot be written ({one_line(error)}): the file and its directory must be writable"
            )
        case "SQLITE_FULL":
            return TransientError(_disk_full(registry))
        case _:
            return RegistryError(f"{registry}: {one_line(error)}")


def _server_error(error: DBAPIError, registry: str) -> TmxError:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is None and type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}:
        return UnreachableError(f"{registry} cannot be reached: {one_line(error.orig or error)}")
    if sqlstate == DISK_FULL:
        return TransientError(_disk_full(registry))
    kind = TransientError if error.connection_invalidated or sqlstate in TRANSIENT_SQLSTATES else RegistryError
    return kind(f"{registry}: {one_line(error.orig or error)}")


def _disk_full(registry: str) -> str:
    return f"{registry} cannot grow: the disk is full; free some space and run again"
