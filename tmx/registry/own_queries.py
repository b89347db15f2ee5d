"""Queries that people write themselves: they may read and nothing else."""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError

from tmx.errors import ConfigError
from tmx.registry.engine import Registry
from tmx.registry.faults import TransientError, domain_error, one_line, sqlite_code

READ_ONLY_SQLSTATE = "25006"

UNKNOWN_NAME = re.compile(r"no such (table|column)|does not exist")
"""What either database says of a table or a column that it does not have."""


def select(registry: Registry, sql: str) -> tuple[list[str], list[Sequence[Any]]]:
    """Execute a user's own query, which may read and nothing else; return the names of its columns, and its rows.

    Raises
    ------
    ConfigError
        If it would write, or is no valid SQL.
    """
    with Registry(registry.address, read_only=True) as reader, reader.read() as conn:
        try:
            result = conn.exec_driver_sql(sql, execution_options={"no_parameters": True})
            if not result.returns_rows:
                raise ConfigError("the statement returns nothing: `tmx sql` is for queries")
            return list(result.keys()), [tuple(row) for row in result.all()]
        except sqlite3.Warning as error:
            raise ConfigError(f"one statement at a time, please: {one_line(error)}") from error
        except DBAPIError as error:
            raise _query_error(error, registry) from error


def _query_error(error: DBAPIError, registry: Registry) -> Exception:
    meant = domain_error(error, registry.address.shown)
    if isinstance(meant, TransientError):
        return meant
    if sqlite_code(error.orig) == "SQLITE_READONLY" or getattr(error.orig, "sqlstate", "") == READ_ONLY_SQLSTATE:
        return ConfigError("`tmx sql` only reads: the registry is changed by tmx's own commands")
    reason = one_line(error.orig or error)
    hint = "; the views are samples, runs, failures and sweeps" if UNKNOWN_NAME.search(reason) else ""
    return ConfigError(f"the query cannot be executed: {reason}{hint}")
