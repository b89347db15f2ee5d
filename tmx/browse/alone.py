"""The samples of one sweep as a wide table in memory, for figures that are drawn without a browser."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from tmx.browse.wide import WideTable, parameter_columns
from tmx.registry.control import sweep_id_of
from tmx.registry.engine import Registry
from tmx.registry.meanings import RESULTS
from tmx.registry.own_queries import select
from tmx.registry.sql import execute, literal, quoted

TABLE = "samples"


class SweepAlone:
    """The table of a sweep as it is now, of a registry on either database.

    Parameters
    ----------
    registry : Registry
        Where the sweep is.
    sweep : str
        Its name.

    Raises
    ------
    NotFoundError
        If there is no such sweep.
    """

    def __init__(self, registry: Registry, sweep: str) -> None:
        with registry.read() as conn:
            self.sweep_id = sweep_id_of(conn, sweep)
            stored = {row.id: row.parameters for row in execute(conn, "SELECT id, parameters FROM sweep")}
        parameters = parameter_columns(stored[self.sweep_id], stored.values())
        names = ["sample_index", *parameters, *RESULTS]
        listed = ", ".join(map(quoted, names))
        statement = f"SELECT {listed} FROM samples WHERE sweep = {literal(sweep)}"  # noqa: S608 (quoted)
        _, rows = select(registry, statement)
        has = {name for number, name in enumerate(names) if any(row[number] is not None for row in rows)}
        results = tuple(name for name in RESULTS if name in has)
        self.tables = {self.sweep_id: WideTable(TABLE, sweep, tuple(parameters), results, (), len(rows))}
        self._conn = sqlite3.connect(":memory:")
        self._conn.execute(f"CREATE TABLE {TABLE} ({listed})")
        places = ", ".join("?" * len(names))
        self._conn.executemany(f"INSERT INTO {TABLE} VALUES ({places})", rows)  # noqa: S608

    @contextmanager
    def read_tables(self) -> Iterator[sqlite3.Connection]:
        """Open the table."""
        yield self._conn
