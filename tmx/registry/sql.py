"""One text of SQL for both databases.

A statement is written once, with `:name` for its values and with these words where the two databases differ:

- `{now}`: seconds since 1970 by the database's clock, never by the worker's. Workers on several machines then agree
  on what has expired. (SQLite's `unixepoch('now', 'subsec')` is NULL before 3.42, so `julianday` it is.)
- `{skip_locked}`: takes the rows that nobody else is busy with. SQLite has one writer at a time and needs no word.
- `{wait_locked}`: waits for whoever holds a row, then looks at the row again.
- `{share_locked_runs}`: as `{wait_locked_runs}`, but lets others do the same.

The locks are those of an UPDATE that leaves the keys alone (NO KEY): they do not stand in the way of the locks that
PostgreSQL itself takes on a row when another is inserted that refers to it.

With `_runs` behind it, such a word is about the rows of `run r` only, among those of a join.
"""

import re
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection, CursorResult

SQLITE = "sqlite"
POSTGRESQL = "postgresql"

DIALECT_WORDS = {
    SQLITE: {
        "{now}": "((julianday('now') - 2440587.5) * 86400.0)",
        "{skip_locked}": "",
        "{skip_locked_runs}": "",
        "{wait_locked}": "",
        "{wait_locked_runs}": "",
        "{share_locked_runs}": "",
    },
    POSTGRESQL: {
        "{now}": "CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
        "{skip_locked}": "FOR NO KEY UPDATE SKIP LOCKED",
        "{skip_locked_runs}": "FOR NO KEY UPDATE OF r SKIP LOCKED",
        "{wait_locked}": "FOR NO KEY UPDATE",
        "{wait_locked_runs}": "FOR NO KEY UPDATE OF r",
        "{share_locked_runs}": "FOR SHARE OF r",
    },
}


def execute(conn: Connection, sql: str, **values: Any) -> CursorResult[Any]:
    """Execute a statement of this package with its values.

    It goes to the driver as it stands: SQLAlchemy's own handling of a text costs more than SQLite needs to run it.
    SQLite's driver does not count the rows that a statement beginning with WITH changes: let it return them.
    """
    return conn.exec_driver_sql(translated(sql, conn.dialect.name), values)


def execute_many(conn: Connection, sql: str, rows: list[dict[str, Any]]) -> None:
    """Execute a statement once for each row of values; no rows, no statement."""
    if rows:
        conn.exec_driver_sql(translated(sql, conn.dialect.name), rows)


@cache
def translated(sql: str, dialect: str) -> str:
    """Write a statement in the words and with the placeholders of one database."""
    for word, meaning in DIALECT_WORDS[dialect].items():
        sql = sql.replace(word, meaning)
    if dialect == POSTGRESQL:
        sql = re.sub(r"(?<!:):([a-z][a-z_0-9]*)", r"%(\1)s", sql.replace("%", "%%"))
    return sql


def quoted(name: str) -> str:
    """Quote an identifier, whatever is in it, as standard SQL does."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a string, whatever is in it, as standard SQL does."""
    return "'" + text.replace("'", "''") + "'"
