"""One wide, typed table per sweep, in a file beside the registry: what is quick to sort, filter and count.

The view `samples` takes every row apart and joins seven tables, which for 100,000 samples takes longer than a page may.
A table has a sweep's own parameters and those results that its runs have. It is written anew when the sweep has
changed, for as long as nobody could tell otherwise.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tmx.registry.connections import BUSY_TIMEOUT_S, sqlite_uri
from tmx.registry.meanings import RESULTS
from tmx.registry.sql import quoted
from tmx.registry.views import sample_columns

MOST_FACETS = 4
MOST_VALUES_OF_FACET = 16
"""Distinct values of a parameter above which counting them tells nobody anything."""

CURVE = "day"
"""The column that stands for the curve of a day: the id of the file that holds it."""

ENDS = ("attempts", "losses", "error", "thermal_run_id", "radiance_run_id", "sample_id")

CHANGES = """
SELECT needed.sweep_id, needed.state, COUNT(*), SUM(needed.tries), MAX(f.id), COUNT(f.deleted),
       SUM(CASE WHEN f.deleted IS NULL AND needed.owned THEN f.bytes ELSE 0 END)
FROM (SELECT id AS run_id, sweep_id, state, attempts + losses AS tries, 1 AS owned FROM registry.run
      UNION ALL
      SELECT h.run_id, h.sweep_id, r.state, r.attempts + r.losses, 0
      FROM registry.shared_run h JOIN registry.run r ON r.id = h.run_id AND r.sweep_id <> h.sweep_id) needed
LEFT JOIN registry.artifact f ON f.run_id = needed.run_id
GROUP BY needed.sweep_id, needed.state
"""

DAY = "(SELECT f.id FROM registry.artifact f WHERE f.run_id = {run} AND f.kind = 'thermal' AND f.deleted IS NULL)"


@dataclass(frozen=True)
class WideTable:
    """The table of a sweep.

    Attributes
    ----------
    name : str
        Its name.
    sweep : str
        The sweep's name.
    parameters : tuple of str
        Columns of the parameters.
    results : tuple of str
        Columns of results that some run has.
    facets : tuple of str
        Columns with few values.
    n_samples : int
        Its rows.
    """

    name: str
    sweep: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]
    facets: tuple[str, ...]
    n_samples: int


@dataclass(frozen=True)
class _Look:
    """What tells whether a sweep has changed: its table's name, its samples, and its runs by state."""

    table: str
    n_samples: int
    states: list[object]


@dataclass
class WideTables:
    """The tables of all sweeps, and what was counted on the way.

    Parameters
    ----------
    registry : Path
        The registry's SQLite file.
    side : Path
        The file that the tables are in.
    """

    registry: Path
    side: Path
    tables: dict[int, WideTable] = field(default_factory=dict)
    disk: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._seen: dict[int, _Look] = {}
        self._version: int | None = None
        self._conn = sqlite3.connect(
            sqlite_uri(self.side, "rwc"),
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            check_same_thread=False,
            isolation_level=None,
        )
        self._conn.execute("PRAGMA journal_mode = WAL")
        self._conn.execute("PRAGMA synchronous = OFF")
        self._conn.execute("ATTACH ? AS registry", (sqlite_uri(self.registry, "ro"),))

    def close(self) -> None:
        """Close the connection."""
        self._conn.close()

    def refresh(self) -> bool:
        """Write the tables of those sweeps anew that have changed; tell whether there were any."""
        version = self._conn.execute("PRAGMA registry.data_version").fetchone()[0]
        if version == self._version:
            return False
        changed = self._changed()
        for sweep_id, now in changed.items():
            self._write(sweep_id, now.table, now.n_samples)
            self._seen[sweep_id] = now
        self._version = version
        return bool(changed)

    def _changed(self) -> dict[int, _Look]:
        """Return how those sweeps are now, by their ids, that are not as they were; note the bytes of each."""
        states: dict[int, list[object]] = {}
        disk: dict[int, int] = {}
        for sweep_id, *state, size in self._conn.execute(CHANGES):
            states.setdefault(sweep_id, []).append(tuple(state))
            disk[sweep_id] = disk.get(sweep_id, 0) + (size or 0)
        self.disk = disk
        sweeps = self._conn.execute("SELECT id, name, n_samples FROM registry.sweep ORDER BY id").fetchall()
        names = table_names([(sweep_id, name) for sweep_id, name, _ in sweeps])
        self._forget_others(names)
        now = {sweep_id: _Look(names[sweep_id], size, states.get(sweep_id, [])) for sweep_id, _, size in sweeps}
        return {sweep_id: look for sweep_id, look in now.items() if look != self._seen.get(sweep_id)}

    def _forget_others(self, names: dict[int, str]) -> None:
        """Drop the tables of sweeps that are gone, or have another name."""
        for sweep_id, table in list(self.tables.items()):
            if names.get(sweep_id) != table.name:
                self._conn.execute(f"DROP TABLE IF EXISTS main.{quoted(table.name)}")
                del self.tables[sweep_id]

    def _write(self, sweep_id: int, table: str, n_samples: int) -> None:
        conn = self._conn
        sweep, stored = conn.execute("SELECT name, parameters FROM registry.sweep WHERE id = ?", (sweep_id,)).fetchone()
        parameters = self._parameter_columns(stored)
        conn.execute("BEGIN IMMEDIATE")
        try:
            types = self._gather(sweep, parameters)
            results = [name for name in RESULTS if name in types]
            columns = _in_order(types, parameters, results)
            self._make(table, {name: types[name] for name in columns})
            listed = ", ".join(map(quoted, columns))
            conn.execute(f"INSERT INTO main.{quoted(table)} ({listed}) SELECT {listed} FROM temp.gathered")  # noqa: S608
            facets = ("state", *self._few_valued(parameters))[:MOST_FACETS]
            conn.execute("DROP TABLE temp.gathered")
            conn.execute("COMMIT")
        except BaseException:
            conn.execute("ROLLBACK")
            raise
        self.tables[sweep_id] = WideTable(table, sweep, tuple(parameters), tuple(results), facets, n_samples)

    def _parameter_columns(self, stored: str) -> list[str]:
        every_sweep = self._conn.execute("SELECT parameters FROM registry.sweep")
        return parameter_columns(stored, (text for (text,) in every_sweep))

    def _gather(self, sweep: str, parameters: Sequence[str]) -> dict[str, str]:
        """Put the samples of a sweep in a table for the moment; return the types of the columns with any value."""
        conn = self._conn
        columns = ", ".join(map(quoted, ("sample_index", "state", *parameters, *RESULTS, *ENDS)))
        conn.execute("DROP TABLE IF EXISTS temp.gathered")
        conn.execute(
            f"CREATE TEMP TABLE gathered AS SELECT {columns}, {DAY.format(run='thermal_run_id')} AS {CURVE}"  # noqa: S608
            " FROM registry.samples WHERE sweep = ?",
            (sweep,),
        )
        types = {name: kind for _, name, kind, *_ in conn.execute("PRAGMA temp.table_info(gathered)")}
        counts = ", ".join(f"COUNT({quoted(name)})" for name in types)
        filled = conn.execute(f"SELECT {counts} FROM temp.gathered").fetchone()  # noqa: S608
        always = {"sample_index", "state", "sample_id", "thermal_run_id", "radiance_run_id", CURVE, *parameters}
        return {
            name: kind for (name, kind), count in zip(types.items(), filled, strict=True) if count or name in always
        }

    def _make(self, table: str, types: dict[str, str]) -> None:
        """Have an empty table with these columns; one that is so already is kept, with whoever reads it."""
        conn = self._conn
        present = {name: kind for _, name, kind, *_ in conn.execute(f"PRAGMA main.table_info({quoted(table)})")}
        if present == types:
            conn.execute(f"DELETE FROM main.{quoted(table)}")  # noqa: S608
            return
        conn.execute(f"DROP TABLE IF EXISTS main.{quoted(table)}")
        columns = ", ".join(
            f"{quoted(name)} {kind}{' PRIMARY KEY' if name == 'sample_index' else ''}" for name, kind in types.items()
        )
        conn.execute(f"CREATE TABLE main.{quoted(table)} ({columns})")

    def _few_valued(self, parameters: Iterable[str]) -> list[str]:
        return [name for name in parameters if self._count_values(name) <= MOST_VALUES_OF_FACET]

    def _count_values(self, column: str) -> int:
        some = f"SELECT DISTINCT {quoted(column)} FROM temp.gathered LIMIT {MOST_VALUES_OF_FACET + 1}"  # noqa: S608
        return int(self._conn.execute(f"SELECT COUNT(*) FROM ({some})").fetchone()[0])  # noqa: S608


def parameter_columns(stored: str, every_sweep: Iterable[str]) -> list[str]:
    """Return the columns of the view `samples` that have a sweep's parameters; those of every sweep decide their names.

    Parameters are as the table `sweep` has them, in JSON.
    """
    names = sample_columns(sorted({name for text in every_sweep for name in json.loads(text)}))
    return [names[parameter] for parameter in json.loads(stored)]


def table_names(sweeps: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Give every sweep a table's name: its own where SQLite can tell it from the others, or else with its number."""
    names: dict[int, str] = {}
    for sweep_id, name in sweeps:
        plain = name.replace("\0", "")
        free = plain and plain.lower() not in {other.lower() for other in names.values()}
        names[sweep_id] = plain if free and not plain.lower().startswith("sqlite_") else f"sweep {sweep_id} {plain}"
    return names


def _in_order(types: Iterable[str], parameters: Sequence[str], results: Sequence[str]) -> list[str]:
    wanted = ("sample_index", "state", CURVE, *parameters, *results, *ENDS)
    present = set(types)
    return [name for name in wanted if name in present]
