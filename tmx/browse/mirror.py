"""A registry on PostgreSQL as an SQLite file, which follows it.

Rows that were written since the last look are found by the transactions that wrote them (`xmin`), without a clock and
without a column for it. Rows that are gone leave no trace: a table whose number of rows is another then is searched for
them.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

from tmx.registry.address import Address
from tmx.registry.connections import BUSY_TIMEOUT_S
from tmx.registry.engine import Registry, open_registry
from tmx.registry.sql import execute
from tmx.registry.tables import metadata
from tmx.registry.views import refresh_views, stored_parameters

CHUNK = 5000

OLDEST_IN_PROGRESS = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) % 4294967296"
"""What began before this transaction has been seen by the one that asks; whatever writes later has a younger number."""

WRITTEN_SINCE = " WHERE age(xmin) <= age(CAST(CAST(:since AS text) AS xid))"


class Mirror:
    """A copy of a registry on a server.

    Parameters
    ----------
    source : Registry
        The registry on PostgreSQL.
    path : Path
        The SQLite file to make; it is a registry itself.
    """

    def __init__(self, source: Registry, path: Path) -> None:
        self._source = source
        self._copy = open_registry(Address.parse(path), create=True)
        self._conn = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None)
        self._conn.execute("PRAGMA synchronous = OFF")
        self._since: int | None = None
        self._parameters: dict[str, str] = {}

    def close(self) -> None:
        """Close all connections."""
        self._conn.close()
        self._copy.close()

    def refresh(self) -> int:
        """Copy what was written since the last time; return how many rows were written or are gone."""
        with self._source.read() as conn:
            conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            oldest = int(execute(conn, OLDEST_IN_PROGRESS).scalar_one())
            self._conn.execute("BEGIN IMMEDIATE")
            try:
                changes = sum(self._copy_table(conn, table) for table in metadata.sorted_tables)
                self._conn.execute("COMMIT")
            except BaseException:
                self._conn.execute("ROLLBACK")
                raise
        self._since = oldest
        self._renew_views()
        return changes

    def _copy_table(self, conn: Connection, table: Table) -> int:
        columns = ", ".join(column.name for column in table.c)
        places = ", ".join("?" for _ in table.c)
        since = "" if self._since is None else WRITTEN_SINCE
        values = {} if self._since is None else {"since": self._since}
        query = text(f"SELECT {columns} FROM {table.name}{since}")  # noqa: S608 (our names)
        written = 0
        with conn.execute(query, values, execution_options={"stream_results": True}) as result:
            for rows in result.partitions(CHUNK):
                statement = f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({places})"  # noqa: S608
                self._conn.executemany(statement, [tuple(row) for row in rows])
                written += len(rows)
        return written + self._forget(conn, table)

    def _forget(self, conn: Connection, table: Table) -> int:
        """Delete the rows that the source has no more."""
        count = f"SELECT COUNT(*) FROM {table.name}"  # noqa: S608 (our names)
        if execute(conn, count).scalar_one() == self._conn.execute(count).fetchone()[0]:
            return 0
        key = ", ".join(column.name for column in table.primary_key.columns)
        keys = f"SELECT {key} FROM {table.name}"  # noqa: S608 (our names)
        present = {tuple(row) for row in execute(conn, keys).all()}
        gone = [row for row in self._conn.execute(keys).fetchall() if row not in present]
        where = " AND ".join(f"{column.name} = ?" for column in table.primary_key.columns)
        self._conn.executemany(f"DELETE FROM {table.name} WHERE {where}", gone)  # noqa: S608 (our names)
        return len(gone)

    def _renew_views(self) -> None:
        """Have columns for all parameters: only then are the views made anew, since readers have to look again."""
        with self._copy.read() as conn:
            parameters = stored_parameters(conn)
        if parameters != self._parameters:
            with self._copy.write() as conn:
                refresh_views(conn)
            self._parameters = parameters
